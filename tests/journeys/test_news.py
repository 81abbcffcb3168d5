"""An editor writes for one organisation: it reads the news, another one does not, and the help is remarked upon."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import heading, press
from .people import enter_with_initial_password, newcomer, nobody_yet, with_letter
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .people import Person
    from .serving import Portal

pytestmark = pytest.mark.journey


def _customer_of(organisation: str, portal: Portal, mailbox: Mailbox) -> Person:
    person = replace(nobody_yet(GERMAN), organisation=organisation)
    portal.issue_access(person.address, name=person.name, organisation=organisation)
    return with_letter(person, mailbox)


def _write_news(page: Page, title: str, *, for_organisation: str) -> None:
    page.get_by_role("navigation", name="Portal").get_by_role("link", name="Neuigkeiten", exact=True).click()
    page.get_by_role("link", name="Neuigkeit schreiben", exact=True).click()
    page.locator("#id_title").fill(title)
    page.locator("#id_summary").fill("Wir laden Sie ein.")
    page.locator("input[name=audience][value=chosen]").check()
    page.locator("#id_organisations").select_option(label=for_organisation)
    # Beside “save as draft”, in a menu of its own.
    page.locator("footer [data-w-dropdown-target=toggle]").first.click()
    page.locator("button[name=action-publish]").click()
    expect(page.get_by_text("veröffentlicht", exact=False).first).to_be_visible()


def test_news_for_one_organisation_reach_it_and_no_other(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    ours = _customer_of("Kita Sonnenschein", portal, mailbox)
    others = _customer_of("Kita Regenbogen", portal, mailbox)
    title = "Einladung zum Anwendertag"
    editor = browsing.open(portal, GERMAN)
    enter_with_initial_password(editor, newcomer(portal, mailbox, GERMAN, role="editor"))
    _write_news(editor, title, for_organisation="Kita Sonnenschein")

    reader = browsing.open(portal, GERMAN)
    enter_with_initial_password(reader, ours)
    expect(heading(reader, "Neuigkeiten: 1 ist neu für Sie")).to_be_visible()
    reader.get_by_role("link", name=title).click()
    expect(heading(reader, title)).to_be_visible()
    address = reader.url
    reader.goto("/")
    expect(heading(reader, "Neuigkeiten")).to_be_visible()

    stranger = browsing.open(portal, GERMAN)
    enter_with_initial_password(stranger, others)
    expect(stranger.get_by_text(title)).to_have_count(0)
    stranger.goto(address)
    expect(heading(stranger, "Hier gibt es keine Seite")).to_be_visible()


def test_a_remark_on_the_help_reaches_the_editor(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    reader = browsing.open(portal, GERMAN)
    reader.goto("/")
    reader.get_by_role("link", name="Hilfe zur Anmeldung", exact=True).click()
    expect(heading(reader, "Wichtiges zur Registrierung und Anmeldung")).to_be_visible()
    reader.get_by_label("Was hat gefehlt oder war unklar?").fill("Gilt das auch für Telefonnummern?")
    press(reader, "Nein, noch nicht")
    expect(reader.get_by_text("Vielen Dank.")).to_be_visible()

    editor = browsing.open(portal, GERMAN)
    enter_with_initial_password(editor, newcomer(portal, mailbox, GERMAN, role="editor"))
    editor.get_by_role("navigation", name="Portal").get_by_role("link", name="Hilfe", exact=True).click()
    editor.get_by_role("link", name="Anmerkungen zur Hilfe").click()
    expect(editor.get_by_text("Gilt das auch für Telefonnummern?")).to_be_visible()
