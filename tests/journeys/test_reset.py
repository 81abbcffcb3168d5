"""Forgotten, asked for, opened, chosen anew: the way back in without anybody's help."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_alive, expect_home, expect_start_page, follow, heading, press, sign_in, sign_out
from .letters import reset_link_in_text, text_of
from .people import newcomer, nobody_yet, settle
from .readers import IN_EITHER_LANGUAGE, SCRIPTED_OR_PLAIN
from .words import GERMAN, Words

if TYPE_CHECKING:
    from email.message import EmailMessage

    from playwright.sync_api import Page, Request

    from .browsing import Browsing
    from .letters import Mailbox
    from .people import Person
    from .serving import Portal

pytestmark = pytest.mark.journey

NEW_PASSWORD = "Kieselsteine wandern nachts 58 Meter"
LONG_ADDRESS = "verwaltungsleitung.nord@kirchenkreisverband-musterland.example.org"
LINES = "element => { const all = new Range(); all.selectNodeContents(element); return all.getClientRects().length; }"
# What other tabs say of who is signed in.
LISTENS = """() => {
    window.heard = [];
    new BroadcastChannel('session').onmessage = ({ data }) => heard.push(data.account);
}"""
WRONG = "fkmr-wy34-fkmr-wy34-fkmr-wy34-fkmr"


@IN_EITHER_LANGUAGE
def test_from_a_forgotten_password_to_a_new_one(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words, *, javascript: bool
) -> None:
    elsewhere = browsing.open(portal, words, javascript=javascript)
    person = settle(elsewhere, newcomer(portal, mailbox, words))
    page = browsing.open(portal, words, javascript=javascript)
    sent = _watched(page)

    sign_in(page, words, person.address, WRONG)
    follow(page, words.forgotten)
    page.get_by_label(words.address, exact=True).fill(person.address)
    press(page, words.send_link)
    expect(heading(page, words.asked)).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(person.address)

    link = _link_in(_newest(mailbox, person, words.reset_subject))
    assert link.startswith(f"{portal.url}/password/choose/")
    _is_opened_by_scanners(browsing, portal, words, link)
    page.goto(link)
    expect(heading(page, words.choose_password)).to_be_visible()
    expect(page).to_have_url(f"{portal.url}/password/choose/")
    # What a password manager looks for: the sign-in name, and beside it the new password.
    expect(page.locator("[autocomplete=username]")).to_have_value(person.address)
    expect(page.get_by_label(words.new_password, exact=True)).to_have_attribute("autocomplete", "new-password")
    _chooses(page, words, javascript=javascript)
    expect(heading(page, words.reset_done)).to_be_visible()
    _token_stays_where_it_belongs(sent, link)

    elsewhere.goto("/profile/")
    expect_start_page(elsewhere, words)
    follow(page, words.sign_in)
    expect(page.get_by_label(words.address, exact=True)).to_have_value(person.address)
    page.get_by_label(words.password, exact=True).fill(NEW_PASSWORD)
    press(page, words.sign_in)
    expect_home(page, words, person.name)
    _newest(mailbox, person, words.password_changed_subject, number=4)
    sign_out(page, words)
    sign_in(page, words, person.address, person.password)
    expect(page.get_by_role("alert")).to_contain_text(words.entry_wrong)

    page.goto(link)
    expect(heading(page, words.link_used)).to_be_visible()
    press(page, words.send_new_link)
    expect(heading(page, words.asked)).to_be_visible()
    assert _link_in(_newest(mailbox, person, words.reset_subject, number=5)) != link


def test_a_long_address_stays_in_one_piece(portal: Portal, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN, viewport={"width": 1280, "height": 800})
    page.goto("/password/forgotten/")
    page.get_by_label(GERMAN.address, exact=True).fill(LONG_ADDRESS)
    press(page, GERMAN.send_link)
    expect(heading(page, GERMAN.asked)).to_be_visible()
    assert page.get_by_role("main").get_by_text(LONG_ADDRESS).evaluate(LINES) == 1


@SCRIPTED_OR_PLAIN
def test_locked_out_and_back_in(portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool) -> None:
    person = settle(browsing.open(portal, GERMAN), newcomer(portal, mailbox, GERMAN))
    page = browsing.open(portal, GERMAN, javascript=javascript)
    for _ in range(5):
        sign_in(page, GERMAN, person.address, WRONG)
    sign_in(page, GERMAN, person.address, person.password)
    expect(page.get_by_label(GERMAN.address, exact=True)).to_have_value(person.address)
    press(page, GERMAN.send_link)
    expect(heading(page, GERMAN.asked)).to_be_visible()
    page.goto(_link_in(_newest(mailbox, person, GERMAN.reset_subject)))
    page.get_by_label(GERMAN.new_password, exact=True).fill(NEW_PASSWORD)
    press(page, GERMAN.save_password)
    follow(page, GERMAN.sign_in)
    page.get_by_label(GERMAN.password, exact=True).fill(NEW_PASSWORD)
    press(page, GERMAN.sign_in)
    expect_home(page, GERMAN, person.name)


def test_the_link_is_worth_the_same_after_a_sign_out_in_another_tab(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    elsewhere = browsing.open(portal, GERMAN)
    person = settle(elsewhere, newcomer(portal, mailbox, GERMAN))
    elsewhere.goto("/password/forgotten/")
    elsewhere.get_by_label(GERMAN.address, exact=True).fill(person.address)
    press(elsewhere, GERMAN.send_link)
    expect(heading(elsewhere, GERMAN.asked)).to_be_visible()
    elsewhere.evaluate(LISTENS)
    page = elsewhere.context.new_page()
    page.goto(_link_in(_newest(mailbox, person, GERMAN.reset_subject)))
    expect(heading(page, GERMAN.choose_password)).to_be_visible()
    page.context.new_page().goto("/")
    elsewhere.wait_for_function("heard.length")
    assert elsewhere.evaluate("heard[0]") == person.address, "nobody has been told that nobody is signed in any more"
    sign_out(elsewhere, GERMAN)
    page.bring_to_front()  # a tab in the background takes its time
    _chooses(page, GERMAN, javascript=True)
    expect(heading(page, GERMAN.reset_done)).to_be_visible()


def test_a_stranger_reads_the_same_and_is_written_to_once(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN)
    stranger = f"niemand-{secrets.token_hex(4)}@anderswo.example.net"
    for _ in range(2):
        page.goto("/password/forgotten/")
        page.get_by_label(GERMAN.address, exact=True).fill(stranger)
        press(page, GERMAN.send_link)
        expect(heading(page, GERMAN.asked)).to_be_visible()
    assert "keinen Zugang" in text_of(mailbox.wait_for(stranger))
    # Whoever was queued later has been written to: nothing more comes for the stranger.
    newcomer(portal, mailbox, GERMAN)
    assert len(mailbox.letters_to(stranger)) == 1
    assert nobody_yet(GERMAN).address not in portal.accounts()


def _newest(mailbox: Mailbox, person: Person, subject: str, *, number: int = 0) -> EmailMessage:
    """The newest mail to the person, once there is one with this subject."""
    while True:
        letters = [letter for letter in mailbox.letters_to(person.address) if letter["Subject"] == subject]
        if letters and len(mailbox.letters_to(person.address)) >= number:
            return letters[-1]
        mailbox.wait_for(person.address, number=len(mailbox.letters_to(person.address)) + 1)


def _link_in(mail: EmailMessage) -> str:
    return reset_link_in_text(text_of(mail))


def _is_opened_by_scanners(browsing: Browsing, portal: Portal, words: Words, link: str) -> None:
    for javascript in (True, False):
        scanner = browsing.open(portal, words, javascript=javascript)
        for _ in range(2):
            scanner.goto(link)
            expect(heading(scanner, words.choose_password)).to_be_visible()


def _chooses(page: Page, words: Words, *, javascript: bool) -> None:
    field = page.get_by_label(words.new_password, exact=True)
    suggestion = field.input_value()
    expect(page.get_by_text(f"{words.strong}:")).to_be_visible()
    press(page, words.another_suggestion)
    expect(field).not_to_have_value(suggestion)
    expect_alive(page)
    field.fill("")
    field.press_sequentially("Regenschirm7")
    if javascript:
        expect(page.get_by_text(f"{words.weak}:")).to_be_visible()
    press(page, words.save_password)
    expect(page.get_by_role("alert")).to_be_visible()
    expect(field).to_have_value("Regenschirm7")
    field.fill(NEW_PASSWORD)
    press(page, words.save_password)


def _watched(page: Page) -> list[Request]:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))  # noqa: PLW0108 - Playwright looks into the function
    return sent


def _token_stays_where_it_belongs(sent: list[Request], link: str) -> None:
    token = link.rstrip("/").rpartition("/")[2]
    assert [request.url for request in sent if token in request.url] == [link]
    assert not [request.url for request in sent if token in request.all_headers().get("referer", "")]
