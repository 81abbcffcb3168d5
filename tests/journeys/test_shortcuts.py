"""The desk by keyboard: single keys lead to what is needed most, and never come between somebody and what they type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import press
from .demonstration import STAFF
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .demonstration import Demonstration

pytestmark = pytest.mark.journey


@pytest.fixture
def page(demonstration: Demonstration, browsing: Browsing) -> Page:
    """What waits, as the desk sees it."""
    page = demonstration.window(browsing, GERMAN, STAFF)
    page.goto("/desk/")
    return page


def test_from_what_waits_to_its_next_step(page: Page) -> None:
    steps = page.locator("[data-next-step]")
    page.keyboard.press("j")
    expect(steps.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(steps.nth(1)).to_be_focused()
    leads_to = steps.nth(1).get_attribute("href") or ""
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{re.escape(leads_to)}$"))
    page.go_back()
    page.keyboard.press("k")
    expect(steps.last).to_be_focused()
    page.keyboard.press("j")  # there is no row behind the last
    expect(steps.last).to_be_focused()


def test_the_search_is_one_key_away_and_what_is_typed_there_is_text(page: Page) -> None:
    page.keyboard.press("/")
    field = page.get_by_label("Name, E-Mail-Adresse oder Einrichtung")
    expect(field).to_be_focused()
    page.keyboard.type("gajk?/n")
    expect(field).to_have_value("gajk?/n")
    expect(page).to_have_url(re.compile("/desk/accounts/"))
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("heading", name="Zugänge", exact=True).click()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("kita")  # in place of what stood there
    expect(field).to_have_value("kita")


def test_two_keys_lead_to_every_list_and_one_shows_which(page: Page) -> None:
    for second, path in {"a": "/desk/accounts/", "i": "/desk/imports/", "m": "/desk/mails/", "t": "/desk/"}.items():
        page.keyboard.press("g")
        page.keyboard.press(second)
        page.wait_for_url(f"**{path}")
    page.keyboard.press("Control+g")
    page.keyboard.press("a")
    page.keyboard.press("g")
    page.keyboard.press("j")  # leads nowhere, and is not the single key either
    expect(page.locator("[data-next-step]:focus")).to_have_count(0)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Tastenkürzel")
    expect(dialog).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("[data-next-step]:focus")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile("/desk/$"))


def test_whoever_switches_them_off_has_none(page: Page) -> None:
    page.keyboard.press("?")
    press(page, "Tastenkürzel ausschalten")
    expect(page.get_by_text("Die Tastenkürzel sind ausgeschaltet.")).to_be_visible()
    for key in ("j", "/", "?"):
        page.keyboard.press(key)
    expect(page.locator("[data-next-step]:focus")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/desk/keys/")
    press(page, "Tastenkürzel einschalten")
    expect(page.get_by_text("Die Tastenkürzel sind eingeschaltet.")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Tastenkürzel")).to_be_visible()
