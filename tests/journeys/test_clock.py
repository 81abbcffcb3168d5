"""Time passes: the whole web server's clock is moved, and the same letter no longer opens the door."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from .browsing import expect_start_page, heading, press, scheme_attribute, sign_in
from .letters import text_of
from .people import OWN_PASSWORDS, newcomer, nobody_yet, settle
from .serving import free_port
from .words import ENGLISH, GERMAN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, StorageState

    from .browsing import Browsing
    from .letters import Mailbox
    from .people import Person
    from .serving import Portal
    from .words import Words

pytestmark = pytest.mark.journey

BERLIN = ZoneInfo("Europe/Berlin")
FOUR_WEEKS = timedelta(days=28)
HALF_AN_HOUR = timedelta(minutes=30)
SECOND = timedelta(seconds=1)
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)


def test_the_initial_password_ends_after_four_weeks_to_the_second(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    early, late = newcomer(portal, mailbox, GERMAN), newcomer(portal, mailbox, GERMAN)
    early_ends, late_ends = _end_of(portal, early), _end_of(portal, late)

    with _served_at(portal, early_ends - SECOND) as portal_then:
        page = browsing.open(portal_then, GERMAN)
        _assert_the_clock_stands_at(page, early_ends - SECOND)
        sign_in(page, GERMAN, early.address, early.password)
        expect(heading(page, GERMAN.welcome.format(name=early.name))).to_be_visible()

    with _served_at(portal, late_ends) as portal_then:
        page = browsing.open(portal_then, GERMAN)
        _assert_the_clock_stands_at(page, late_ends)
        # The first sign-in of the one ended its countdown for good; the other has waited too long.
        sign_in(page, GERMAN, early.address, early.password)
        expect(heading(page, GERMAN.welcome.format(name=early.name))).to_be_visible()
        for words in (GERMAN, ENGLISH):
            page = browsing.open(portal_then, words)
            sign_in(page, words, late.address, late.password)
            _assert_told_that_it_has_expired(page, words, late_ends)
            _assert_the_wrong_password_is_told_nothing(page, words, late)
    assert portal.accounts()[late.address]["state"] == "issued", "By the present clock nothing has expired."


def test_the_letter_names_the_end_of_the_four_weeks(portal: Portal, mailbox: Mailbox) -> None:
    person = newcomer(portal, mailbox, GERMAN)
    ends = _end_of(portal, person)
    assert abs(ends - FOUR_WEEKS - datetime.now(tz=UTC)) < timedelta(minutes=5)
    letter = text_of(mailbox.wait_for(person.address))
    # The hand-over, where the four weeks begin, comes a moment after the writing.
    possible = {_in_german(ends), _in_german(ends - SECOND), _in_german(ends - timedelta(seconds=30))}
    assert any(moment in letter for moment in possible), f"{possible} not in:\n{letter}"


def test_a_sign_in_of_long_ago_is_asked_for_the_current_password(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    person, session = _somebody_signed_in(portal, mailbox, browsing)
    new = f"{OWN_PASSWORDS['de']} und 48"
    with _served_at(portal, datetime.now(tz=UTC) + timedelta(minutes=16)) as portal_then:
        page = browsing.open(portal_then, GERMAN, storage_state=session)
        page.goto("/profile/")
        page.get_by_text("Bernstein", exact=True).click()
        press(page, GERMAN.create_password)
        current = page.get_by_label(GERMAN.current_password, exact=True)
        for wrong in ("", "not the password"):
            page.get_by_label(GERMAN.new_password, exact=True).fill(new)
            current.fill(wrong)
            page.evaluate("() => { for (const form of document.forms) form.noValidate = true; }")
            press(page, GERMAN.update_profile)
            expect(page.get_by_role("alert")).to_contain_text(GERMAN.current_password)
            expect(current).to_have_value("")
            expect(page.get_by_label(GERMAN.new_password, exact=True)).to_have_value(new)
        current.fill(person.password)
        press(page, GERMAN.update_profile)
        expect(page.get_by_text(GERMAN.password_updated)).to_be_visible()
        assert scheme_attribute(page) == "bernstein"


def test_a_session_ends_after_half_an_hour_without_a_sign_of_life(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    before = datetime.now(tz=UTC)
    _, session = _somebody_signed_in(portal, mailbox, browsing)
    after = datetime.now(tz=UTC)
    with _served_at(portal, after + HALF_AN_HOUR) as portal_then:
        page = browsing.open(portal_then, GERMAN, storage_state=session)
        page.goto("/profile/")
        expect_start_page(page, GERMAN)
    with _served_at(portal, before + HALF_AN_HOUR - SECOND) as portal_then:
        page = browsing.open(portal_then, GERMAN, storage_state=session)
        page.goto("/profile/")
        expect(heading(page, GERMAN.profile)).to_be_visible()


@contextmanager
def _served_at(portal: Portal, instant: datetime) -> Iterator[Portal]:
    """The same portal, its database and its accounts, answered for by a second web server in another time."""
    with portal.with_settings(BIND=f"127.0.0.1:{free_port()}").running("web", at=instant) as portal_then:
        yield portal_then


def _assert_the_clock_stands_at(page: Page, instant: datetime) -> None:
    answer = page.goto("/")
    assert answer is not None
    assert parsedate_to_datetime(answer.headers["date"]) == instant.replace(microsecond=0)


def _assert_told_that_it_has_expired(page: Page, words: Words, ended: datetime) -> None:
    expect(heading(page, words.expired)).to_be_visible()
    moment = _in_german(ended) if words is GERMAN else _in_english(ended)
    expect(page.get_by_role("main")).to_contain_text(moment)
    expect(page.get_by_role("button", name=words.request_new_access, exact=True)).to_be_visible()
    page.goto("/profile/")
    expect_start_page(page, words)


def _assert_the_wrong_password_is_told_nothing(page: Page, words: Words, person: Person) -> None:
    last = person.password[-1]
    sign_in(page, words, person.address, person.password[:-1] + ("f" if last != "f" else "k"))
    expect(page.get_by_role("alert")).to_contain_text(words.entry_wrong)
    expect(heading(page, words.expired)).to_have_count(0)
    refusal = page.get_by_role("alert").inner_text()
    sign_in(page, words, nobody_yet(words).address, person.password)
    expect(page.get_by_role("alert")).to_contain_text(words.entry_wrong)
    assert page.get_by_role("alert").inner_text() == refusal


def _end_of(portal: Portal, person: Person) -> datetime:
    expires_at = portal.accounts()[person.address]["expires_at"]
    assert expires_at is not None
    return datetime.fromisoformat(expires_at)


def _somebody_signed_in(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> tuple[Person, StorageState]:
    page = browsing.open(portal, GERMAN)
    person = settle(page, newcomer(portal, mailbox, GERMAN))
    # A browser hands a cookie to every port of a host; the session is the same one there.
    return person, page.context.storage_state()


def _in_german(instant: datetime) -> str:
    there = instant.astimezone(BERLIN)
    return f"{WEEKDAYS[there.weekday()]}, {there.day}. {MONTHS[there.month - 1]} {there:%Y, %H:%M} Uhr"


def _in_english(instant: datetime) -> str:
    there = instant.astimezone(BERLIN)
    return f"{there:%A}, {there.day} {there:%B %Y, %H:%M}"
