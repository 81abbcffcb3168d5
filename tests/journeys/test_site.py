"""What an editor says stands on the start page; at night a request is taken down and is at the desk in the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from .browsing import follow, heading, press
from .demonstration import STAFF, Demonstration
from .people import enter_with_initial_password, newcomer
from .serving import free_port
from .words import ENGLISH, GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

BERLIN = ZoneInfo("Europe/Berlin")
SETTINGS = "Portal-Einstellungen"
REASON = "Betriebsausflug"
YELLOW = "#ffd400"
A_NIGHT = datetime(2027, 1, 29, 22, 0, tzinfo=BERLIN)  # a Friday


def _change_settings(page: Page, **entries: str) -> None:
    page.goto("/desk/settings/")
    for name, entry in entries.items():
        page.locator(f"#id_{name}").fill(entry)
    press(page, GERMAN.save)
    expect(page.get_by_text("Gespeichert.")).to_be_visible()


def test_an_editor_changes_the_hours_and_a_closing_day_and_the_start_page_says_so(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    editor = newcomer(portal, mailbox, GERMAN, role="editor")
    page, start = browsing.open(portal, GERMAN), browsing.open(portal, GERMAN)
    enter_with_initial_password(page, editor)
    follow(page, SETTINGS)
    expect(heading(page, SETTINGS)).to_be_visible()
    today = datetime.now(tz=BERLIN).date()
    # Of a single day, for on a holiday the hours of its weekday do not count.
    _change_settings(page, **{"days-0-day": today.isoformat(), "days-0-hours": "0:00–24:00"})
    box = start.get_by_role("complementary")
    # Other processes have seen it two seconds later.
    start.wait_for_timeout(2_500)
    start.goto("/")
    expect(box.get_by_text("Jetzt erreichbar")).to_be_visible()
    _change_settings(page, **{"days-0-hours": "", "days-0-reason": REASON})
    start.wait_for_timeout(2_500)
    start.goto("/")
    expect(box.get_by_text(f"Heute geschlossen: {REASON}")).to_be_visible()
    expect(box.get_by_text("Wieder erreichbar")).to_be_visible()
    english = browsing.open(portal, ENGLISH)
    english.goto("/")
    expect(english.get_by_role("complementary").get_by_text("Closed today:")).to_be_visible()
    _change_settings(page, **{"days-0-day": "", "days-0-reason": ""})


def test_a_colour_nobody_can_read_is_refused_and_the_offered_shade_is_taken(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    editor = newcomer(portal, mailbox, GERMAN, role="editor")
    page = browsing.open(portal, GERMAN, color_scheme="light")
    enter_with_initial_password(page, editor)
    page.goto("/desk/settings/")
    page.locator("#id_colour_light").fill(YELLOW)
    press(page, GERMAN.save)
    expect(page.get_by_role("alert")).to_contain_text("nicht für alle lesbar")
    offer = page.locator("button[name=take_colour_light]")
    shade = offer.get_attribute("value")
    offer.click()
    expect(page.get_by_text("Gespeichert.")).to_be_visible()
    expect(page.locator("#id_colour_light")).to_have_value(str(shade))
    page.wait_for_timeout(2_500)
    page.goto("/")
    painted = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')")
    assert str(shade) in painted
    _change_settings(page, colour_light="")


def test_at_night_a_request_is_taken_down_and_waits_at_the_desk(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    by_night = portal.with_settings(BIND=f"127.0.0.1:{free_port()}")
    pages = [browsing.open(by_night, GERMAN, javascript=javascript) for javascript in (True, False)]
    with by_night.running("web", at=A_NIGHT.astimezone(UTC)):
        for page in pages:
            page.goto("/")
            expect(page.get_by_text("Wieder erreichbar")).to_be_visible()
            follow(page, "Hinterlassen Sie uns Ihr Anliegen")
            page.get_by_label("Worum geht es?", exact=True).fill("Ich komme nicht hinein.")
            page.get_by_label("Ihr Name", exact=True).fill("Kita Probstadt")
            page.get_by_label("Telefonnummer für unseren Rückruf", exact=True).fill("0511 12345")
            page.get_by_label("Wann passt Ihnen unser Rückruf?", exact=False).fill("Montag früh")
    references = set()
    # The clock of the portal stands; a minute later it is another one, at the same address.
    with by_night.running("web", at=(A_NIGHT + timedelta(minutes=1)).astimezone(UTC)):
        for page in pages:
            page.get_by_role("button", name=GERMAN.send, exact=True).dblclick()
            expect(heading(page, "Ihr Anliegen ist bei uns")).to_be_visible()
            references.add(page.locator(".code").inner_text())
            assert not [reference for reference in references if reference in page.url]
    assert len(references) == len(pages)
    clerk = newcomer(portal, mailbox, GERMAN, role="desk")
    desk = browsing.open(portal, GERMAN)
    enter_with_initial_password(desk, clerk)
    desk.goto("/desk/intakes/")
    for reference in references:
        row = desk.get_by_role("row").filter(has_text=reference)
        expect(row).to_have_count(1)
        expect(row).to_contain_text("Kita Probstadt")
        expect(row).to_contain_text("Montag früh")


def test_the_number_on_an_error_page_is_found_at_the_desk(demonstration: Demonstration, browsing: Browsing) -> None:
    customer = browsing.open(demonstration.portal, GERMAN)
    customer.goto("/nothing/here/")
    number = customer.get_by_role("main").locator("strong").inner_text()
    desk = demonstration.open(browsing, GERMAN, STAFF)
    desk.goto("/desk/errors/")
    desk.get_by_label("Nummer auf der Fehlerseite", exact=True).fill(number.lower())
    press(desk, "Suchen")
    expect(desk.get_by_role("row").filter(has_text=number)).to_contain_text("404")
