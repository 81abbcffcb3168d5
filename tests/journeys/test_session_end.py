"""Whoever has a page open is warned before the session ends, and loses nothing when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_start_page, press, sign_in, wait_for_the_end
from .people import newcomer, settle
from .ways import MILLISECONDS_TO_READ
from .words import ENGLISH, GERMAN, LANGUAGES, Words

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

    from .browsing import Browsing
    from .letters import Mailbox
    from .people import Person
    from .serving import Portal

pytestmark = pytest.mark.journey

# In seconds before the end; a few are kept back for a machine that is busy.
BEFORE_THE_WARNING, INTO_THE_WARNING, PAST_THE_END = 80, 50, -10
TYPED = "Kita Probstadt, frisch getippt"


def _at_the_profile(portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words) -> tuple[Page, Person]:
    """Somebody looks at their profile; the browser's clock can be moved, the portal's stands where it is."""
    page = browsing.open(portal, words)
    page.clock.install()
    person = settle(page, newcomer(portal, mailbox, words))
    page.goto("/profile/")
    return page, person


def _dialog(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name, exact=True)


def _name(page: Page, words: Words) -> Locator:
    return page.get_by_label(words.name, exact=True)


def _let_the_session_end(page: Page) -> None:
    page.context.clear_cookies(name="session")
    wait_for_the_end(page, PAST_THE_END)


@pytest.mark.parametrize("words", LANGUAGES, ids=[words.language for words in LANGUAGES])
def test_a_minute_before_the_end_one_key_prolongs_the_session(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words
) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, words)
    _name(page, words).focus()
    requested = len(browsing.requested)
    wait_for_the_end(page, BEFORE_THE_WARNING)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.clock.fast_forward("00:30")
    expect(_dialog(page, words.session_ends)).to_be_visible()
    expect(_dialog(page, words.session_ends)).to_contain_text({"de": "Sekunden", "en": "seconds"}[words.language])
    assert len(browsing.requested) == requested, "Waiting must not keep the session alive."

    expect(page.get_by_role("button", name=words.stay, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(_name(page, words)).to_be_focused()
    assert browsing.requested[requested:] == [f"{portal.url}/session/prolong/"]
    # The next warning is as far away as the session now lasts, and not as far as the page said when it was loaded.
    page.clock.fast_forward("27:30")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.clock.fast_forward("01:40")
    expect(_dialog(page, words.session_ends)).to_be_visible()


def test_what_is_asked_for_while_typing_is_a_sign_of_life(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, GERMAN)
    press(page, GERMAN.create_password)
    field = page.get_by_label(GERMAN.new_password, exact=True)
    expect(field).to_be_visible()  # what makes it listen waits a moment, by the page's clock
    page.clock.fast_forward("20:00")
    with page.expect_response("**/strength/"):
        field.press_sequentially("x")
        page.clock.run_for(1000)
    page.clock.fast_forward("25:00")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.clock.fast_forward("04:10")
    expect(_dialog(page, GERMAN.session_ends)).to_be_visible()


def test_the_warning_offers_to_sign_out(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, GERMAN)
    wait_for_the_end(page, INTO_THE_WARNING)
    _dialog(page, GERMAN.session_ends).get_by_role("button", name=GERMAN.sign_out, exact=True).click()
    expect(page.get_by_text(GERMAN.signed_out)).to_be_visible()
    expect_start_page(page, GERMAN)


def test_a_warning_that_was_put_aside_stays_away(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, GERMAN)
    wait_for_the_end(page, INTO_THE_WARNING)
    expect(_dialog(page, GERMAN.session_ends)).to_be_visible()
    page.keyboard.press("Escape")
    page.clock.fast_forward("00:10")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_was_typed_waits_until_somebody_has_signed_in_again(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page, person = _at_the_profile(portal, mailbox, browsing, GERMAN)
    _name(page, GERMAN).fill(TYPED)
    _let_the_session_end(page)
    expect(_dialog(page, GERMAN.session_over)).to_be_visible()
    press(page, GERMAN.back_to_the_page)
    for button in (GERMAN.create_password, GERMAN.update_profile):
        press(page, button)
        expect(_dialog(page, GERMAN.session_over)).to_be_visible()
        press(page, GERMAN.back_to_the_page)
        expect(_name(page, GERMAN)).to_have_value(TYPED)
    press(page, GERMAN.update_profile)

    with page.context.expect_page() as opened:
        page.get_by_role("link", name=GERMAN.sign_in_in_a_new_tab, exact=True).click()
    sign_in(opened.value, GERMAN, person.address, person.password)
    expect(page.get_by_role("dialog")).to_have_count(0)
    press(page, GERMAN.update_profile)
    expect(page.get_by_text(GERMAN.profile_updated)).to_be_visible()
    expect(_name(page, GERMAN)).to_have_value(TYPED)


def test_nothing_typed_by_one_is_sent_in_the_name_of_another(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, GERMAN)
    _name(page, GERMAN).fill(TYPED)
    page.context.clear_cookies(name="session")
    other = settle(page.context.new_page(), newcomer(portal, mailbox, GERMAN))
    expect(_dialog(page, GERMAN.session_over)).to_be_visible()
    press(page, GERMAN.back_to_the_page)
    press(page, GERMAN.update_profile)
    expect(_dialog(page, GERMAN.session_over)).to_be_visible()
    assert portal.accounts()[other.address]["name"] == other.name


def _a_request_typed_in(page: Page) -> None:
    page.goto("/contact/")
    page.locator("#id_concern").fill(TYPED)
    page.wait_for_timeout(MILLISECONDS_TO_READ)


def test_what_anybody_may_send_is_sent_though_the_session_is_over(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, GERMAN)
    page.goto("/help/registration/")
    _let_the_session_end(page)
    press(page, GERMAN.back_to_the_page)
    page.locator("button[name=helped][value=yes]").click()
    expect(page.locator(".notice--success")).to_be_visible()

    settle(page, newcomer(portal, mailbox, GERMAN))
    _a_request_typed_in(page)
    other = page.context.new_page()
    other.goto("/")
    press(other, GERMAN.sign_out)
    press(page, GERMAN.back_to_the_page)
    press(page, GERMAN.send)
    page.wait_for_url("**/contact/taken/")


def test_what_anybody_may_send_is_not_sent_in_the_name_of_another(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, GERMAN)
    _a_request_typed_in(page)
    page.context.clear_cookies(name="session")
    settle(page.context.new_page(), newcomer(portal, mailbox, GERMAN))
    press(page, GERMAN.back_to_the_page)
    press(page, GERMAN.send)
    expect(_dialog(page, GERMAN.session_over)).to_be_visible()
    expect(page.locator("#id_concern")).to_have_value(TYPED)


def test_a_session_that_ended_unnoticed_is_noticed_when_asked_for_more(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, GERMAN)
    _name(page, GERMAN).fill(TYPED)
    page.context.clear_cookies(name="session")
    press(page, GERMAN.create_password)
    expect(_dialog(page, GERMAN.session_over)).to_be_visible()
    expect(_name(page, GERMAN)).to_have_value(TYPED)


def test_what_one_tab_does_counts_for_all(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, GERMAN)
    wait_for_the_end(page, INTO_THE_WARNING)
    expect(_dialog(page, GERMAN.session_ends)).to_be_visible()
    other = page.context.new_page()
    other.goto("/")
    expect(page.get_by_role("dialog")).to_have_count(0)
    press(other, GERMAN.sign_out)
    expect(_dialog(page, GERMAN.session_over)).to_be_visible()


def test_after_the_longest_time_there_is_nothing_to_prolong(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page, _ = _at_the_profile(portal, mailbox, browsing, ENGLISH)
    page.route("**/profile/", _in_the_last_minute)
    page.goto("/profile/")
    expect(_dialog(page, ENGLISH.session_ends_for_good)).to_be_visible()
    expect(page.get_by_role("button", name=ENGLISH.stay, exact=True)).to_have_count(0)
    press(page, ENGLISH.back_to_the_page)
    _name(page, ENGLISH).fill(TYPED)
    page.clock.fast_forward("01:00")
    expect(_dialog(page, ENGLISH.session_over)).to_be_visible()


def test_without_javascript_nothing_pops_up(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN, javascript=False)
    settle(page, newcomer(portal, mailbox, GERMAN))
    expect(page.get_by_role("dialog")).to_have_count(0)


def _in_the_last_minute(route: Route) -> None:
    page = route.fetch()
    body = (
        page.text()
        .replace('data-final="no"', 'data-final="yes"')
        .replace('data-seconds="1', 'data-seconds="40" was="1')
    )
    route.fulfill(response=page, body=body)
