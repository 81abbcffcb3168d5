"""Maintenance as a customer lives through it: announced, begun, longer than thought, over; staff work all the while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from kundenportal.kernel import clock

from .browsing import expect_home, follow, heading, press
from .people import newcomer, settle
from .readers import IN_EITHER_LANGUAGE
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal
    from .words import Words

pytestmark = pytest.mark.journey

TELL_ME = {"de": "Per E-Mail Bescheid geben", "en": "Tell me by e-mail"}
OVER = {"de": "Die Wartung ist vorbei", "en": "The maintenance is over"}
PLANNED, MOVE, END = "Die Wartung ist geplant.", "Verschieben", "Jetzt beenden"


def in_hours(hours: int) -> str:
    """As a browser's field for date and time takes it, by the clock of the portal."""
    shown = timezone.localtime(clock.now() + timedelta(hours=hours), timezone=timezone.get_default_timezone())
    # Once a year there is an hour after two o'clock that is refused, because it comes twice.
    shown = shown.replace(hour=3) if shown.hour == 2 else shown
    return f"{shown:%Y-%m-%dT%H:%M}"


def plan(editor: Page, starts: str, ends: str) -> None:
    """The editor plans maintenance on screen."""
    editor.goto("/desk/maintenance/plan/")
    editor.locator("#id_starts").fill(starts)
    editor.locator("#id_ends").fill(ends)
    editor.locator("#id_message_de").fill("Wir bauen neue Platten ein.")
    press(editor, GERMAN.show_preview)
    press(editor, "So planen")
    expect(editor.get_by_text(PLANNED)).to_be_visible()


@IN_EITHER_LANGUAGE
def test_a_customer_is_told_waits_and_goes_on_where_they_were(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words, *, javascript: bool
) -> None:
    customer_page = browsing.open(portal, words, javascript=javascript)
    customer = settle(customer_page, newcomer(portal, mailbox, words))
    editor = browsing.open(portal, GERMAN)
    settle(editor, newcomer(portal, mailbox, GERMAN, role="editor"))

    plan(editor, in_hours(24), in_hours(26))
    stranger = browsing.open(portal, words, javascript=javascript)
    stranger.goto("/")
    expect(stranger.get_by_role("main").locator(".notice")).to_be_visible()
    customer_page.reload()
    customer_page.get_by_role("main").locator(".notice").get_by_role("link").click()
    press(customer_page, TELL_ME[words.language])
    with customer_page.expect_download() as saved:
        customer_page.locator("a[href$='.ics']").click()
    assert saved.value.path().read_text().startswith("BEGIN:VCALENDAR\n")

    customer_page.goto("/profile/")
    customer_page.get_by_label(words.name, exact=True).fill("Kita Probstadt am See")
    portal.command("maintenance", "begin", "--for", "2h", "--message", "Wir sind dabei.")
    stranger.goto("/")
    expect(heading(stranger, words.under_maintenance)).to_be_visible()
    press(customer_page, words.update_profile)
    expect(heading(customer_page, words.under_maintenance)).to_be_visible()

    editor.goto("/desk/maintenance/")
    editor.get_by_role("rowheader").get_by_role("link").first.click()
    later = in_hours(5)
    editor.locator("#id_ends").fill(later)
    press(editor, MOVE)
    expect(editor.get_by_role("main")).to_contain_text(f"{later.partition('T')[2]} Uhr")
    stranger.reload()
    expect(stranger.get_by_role("main")).to_contain_text(later[-len(":00") :])

    press(editor, END)
    expect(editor.get_by_text("Die Wartung ist beendet.")).to_be_visible()
    # What was typed is still there, one step back.
    customer_page.go_back()
    expect(customer_page.get_by_label(words.name, exact=True)).to_have_value("Kita Probstadt am See")
    press(customer_page, words.update_profile)
    expect(customer_page.get_by_text(words.profile_updated)).to_be_visible()
    mails = [mailbox.wait_for(customer.address, number=number) for number in (3, 4)]
    assert OVER[words.language] in mails[-1]["Subject"]

    editor.goto("/desk/maintenance/")
    editor.get_by_role("rowheader").get_by_role("link").first.click()
    press(editor, "Diese Wartung absagen")
    expect(editor.get_by_text("Die Wartung ist abgesagt.")).to_be_visible()


def test_staff_come_in_while_customers_wait(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN)
    clerk = settle(page, newcomer(portal, mailbox, GERMAN, role="desk"))
    customer = settle(browsing.open(portal, GERMAN), newcomer(portal, mailbox, GERMAN))
    portal.command("maintenance", "begin")
    try:
        for person, gets_in in ((clerk, True), (customer, False)):
            page = browsing.open(portal, GERMAN)
            page.goto("/")
            follow(page, GERMAN.sign_in_for_staff)
            page.get_by_label(GERMAN.address, exact=True).fill(person.address)
            page.get_by_label(GERMAN.password, exact=True).fill(person.password)
            press(page, GERMAN.sign_in)
            if gets_in:
                expect_home(page, GERMAN, person.name)
            else:
                expect(heading(page, GERMAN.under_maintenance)).to_be_visible()
    finally:
        portal.command("maintenance", "end")
    follow(page, GERMAN.try_again)
    expect_home(page, GERMAN, customer.name)
