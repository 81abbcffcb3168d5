"""The desk looks for an account while a customer spells the name on the telephone."""

from __future__ import annotations

import csv
import io
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import follow, heading, press
from .people import enter_with_initial_password, newcomer
from .readers import SCRIPTED_OR_PLAIN
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def token(portal: Portal) -> str:
    """A word by which only these accounts are found; there are three."""
    token = "".join(secrets.choice("bdfgklmnprst") + secrets.choice("aiou") for _ in range(4))
    for name in ("Flöte", "Geige", "Harfe"):
        portal.issue_access(f"{name.lower().replace('ö', 'oe')}@{token}.example.org", name=name, organisation=token)
    return token


def at_the_list(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool = True, role: str = "desk"
) -> Page:
    """A window in which a member of the desk's staff sees the accounts."""
    page = browsing.open(portal, GERMAN, javascript=javascript)
    enter_with_initial_password(page, newcomer(portal, mailbox, GERMAN, role=role))
    page.goto("/desk/accounts/")
    return page


def field(page: Page) -> Locator:
    """Where one types."""
    return page.get_by_label("Name, E-Mail-Adresse oder Einrichtung")


def names(page: Page) -> Locator:
    """Who is on the list."""
    return page.locator(".list-table__name")


def test_the_list_follows_what_is_typed(portal: Portal, mailbox: Mailbox, browsing: Browsing, token: str) -> None:
    page = at_the_list(portal, mailbox, browsing)
    field(page).press_sequentially(token)
    expect(names(page)).to_have_text(["Flöte", "Geige", "Harfe"])
    expect(page.get_by_role("status")).to_have_text("3 Zugänge")
    expect(field(page)).to_be_focused()
    field(page).press_sequentially(" floe")
    expect(names(page)).to_have_text(["Flöte"])
    field(page).fill(f"{token} Flote")
    expect(names(page)).to_have_text(["Flöte"])
    field(page).fill(f"{token} Hafre")
    expect(names(page)).to_have_text(["Harfe"])
    expect(page.get_by_role("status")).to_contain_text("ähnlich")
    field(page).fill(f"{token} Xylophon")
    expect(heading(page, "Kein Zugang passt zu dieser Suche")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("0 Zugänge")
    # Nothing of the list is kept in the browser.
    assert page.evaluate("() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]") == [
        "htmx-current-path-for-history"
    ]


def test_coming_back_and_loading_anew_bring_the_same_list(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, token: str
) -> None:
    page = at_the_list(portal, mailbox, browsing)
    field(page).press_sequentially(token)
    expect(names(page)).to_have_count(3)
    page.get_by_label("Stand", exact=True).select_option("ausgestellt")
    expect(page).to_have_url(re.compile(rf"\?q={token}&state=issued$"))
    follow(page, "Name")
    expect(page).to_have_url(re.compile(rf"\?q={token}&state=issued&sort=name$"))
    follow(page, "Name")
    expect(names(page)).to_have_text(["Harfe", "Geige", "Flöte"])
    names(page).first.click()
    expect(heading(page, "Harfe")).to_be_visible()
    page.go_back()
    for _ in range(2):
        expect(names(page)).to_have_text(["Harfe", "Geige", "Flöte"])
        expect(field(page)).to_have_value(token)
        expect(page.get_by_label("Stand", exact=True)).to_have_value("issued")
        page.reload()


def test_without_javascript_the_button_finds_the_same(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, token: str
) -> None:
    page = at_the_list(portal, mailbox, browsing, javascript=False)
    field(page).fill(f"{token} flöte")
    page.get_by_label("Stand", exact=True).select_option("ausgestellt")
    press(page, "Suchen")
    expect(names(page)).to_have_text(["Flöte"])
    field(page).fill(f"{token} felöt")
    field(page).press("Enter")
    expect(names(page)).to_have_text(["Flöte"])


@SCRIPTED_OR_PLAIN
def test_whoever_leads_the_desk_takes_the_list_along(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, token: str, *, javascript: bool
) -> None:
    page = at_the_list(portal, mailbox, browsing, javascript=javascript, role="desk_lead")
    field(page).fill(token)
    field(page).press("Enter")
    expect(names(page)).to_have_count(3)
    with page.expect_download() as download:
        follow(page, "Als CSV-Datei speichern")
    assert re.fullmatch(r"zugaenge-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    content = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert [row[0] for row in rows] == ["Name", "Flöte", "Geige", "Harfe"]
    page.goto("/desk/trail/")
    expect(page.get_by_text("Zugänge als Datei gespeichert").locator("visible=true").first).to_be_visible()
