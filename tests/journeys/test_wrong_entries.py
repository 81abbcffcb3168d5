"""Wrong entries are met with one calm sentence, give nothing away and do no harm."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_home, expect_start_page, follow, heading, press, scheme_attribute, sign_in, sign_out
from .people import OWN_PASSWORDS, enter_with_initial_password, newcomer, nobody_yet, settle, with_letter
from .readers import SCRIPTED_OR_PLAIN
from .words import ENGLISH, GERMAN, Words

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

WRONG = "fkmr-wy34-fkmr-wy34-fkmr-wy34-fkmr"
DIFFERENT_EVERY_TIME = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.mark.parametrize("words", [GERMAN, ENGLISH], ids=["german", "english"])
def test_a_wrong_password_and_an_unknown_address_read_the_same(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words
) -> None:
    person, stranger = newcomer(portal, mailbox, words), nobody_yet(words)
    page = browsing.open(portal, words)
    answers = []
    for somebody in (person, stranger):
        sign_in(page, words, somebody.address, WRONG)
        _assert_refused_politely(page, words, somebody.address)
        answers.append(DIFFERENT_EVERY_TIME.sub("", page.content()).replace(somebody.address, "…"))
    assert answers[0] == answers[1]
    assert stranger.address not in portal.accounts()
    # Having been wrong once costs nothing.
    enter_with_initial_password(page, person)


@SCRIPTED_OR_PLAIN
def test_what_is_no_address_is_named_at_its_field(portal: Portal, browsing: Browsing, *, javascript: bool) -> None:
    page = browsing.open(portal, GERMAN, javascript=javascript)
    _send_past_the_browser(page, GERMAN, "leitung at probstadt", WRONG)
    expect(page.get_by_role("alert")).to_contain_text(GERMAN.address_malformed)
    field = page.get_by_label(GERMAN.address, exact=True)
    expect(field).to_have_value("leitung at probstadt")
    expect(field).to_have_attribute("aria-invalid", "true")
    described_by = (field.get_attribute("aria-describedby") or "").split()
    assert any(GERMAN.address_malformed in page.locator(f"#{part}").inner_text() for part in described_by)


def test_empty_fields_are_named_and_ask_for_no_password_check(portal: Portal, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN)
    _send_past_the_browser(page, GERMAN, "", "")
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text(f"{GERMAN.address}: ")
    expect(alert).to_contain_text(f"{GERMAN.password}: ")
    expect(alert).not_to_contain_text(GERMAN.entry_wrong)
    alert.get_by_role("link").first.click()
    expect(page.get_by_label(GERMAN.address, exact=True)).to_be_focused()


@pytest.mark.parametrize("path", ["/signup/", "/accounts/signup/", "/register/", "/accounts/login/", "/admin/login/"])
def test_nobody_can_register(portal: Portal, browsing: Browsing, path: str) -> None:
    page = browsing.open(portal, GERMAN)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 404


@SCRIPTED_OR_PLAIN
def test_the_back_button_shows_nothing_after_signing_out(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool
) -> None:
    person = newcomer(portal, mailbox, GERMAN)
    page = browsing.open(portal, GERMAN, javascript=javascript)
    enter_with_initial_password(page, person)
    follow(page, GERMAN.profile)
    expect(heading(page, GERMAN.profile)).to_be_visible()
    sign_out(page, GERMAN)
    for _ in range(2):
        page.go_back()
        expect_start_page(page, GERMAN)
        assert person.name not in page.content()
        assert person.address not in page.content()


@SCRIPTED_OR_PLAIN
def test_an_impatient_double_click_does_no_harm(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool
) -> None:
    person = newcomer(portal, mailbox, GERMAN)
    page = browsing.open(portal, GERMAN, javascript=javascript)
    page.goto("/")
    page.get_by_label(GERMAN.address, exact=True).fill(person.address)
    page.get_by_label(GERMAN.password, exact=True).fill(person.password)
    _double_click(page, GERMAN.sign_in)
    expect(heading(page, GERMAN.welcome.format(name=person.name))).to_be_visible()
    follow(page, GERMAN.later)
    follow(page, GERMAN.profile)
    page.get_by_text("Leine", exact=True).click()
    press(page, GERMAN.create_password)
    page.get_by_label(GERMAN.new_password, exact=True).fill(OWN_PASSWORDS["de"])
    _double_click(page, GERMAN.update_profile)
    # The second click may meet the page that came of the first, and then the profile alone is saved once more. Without
    # scripts it may also come when the first has just given the session another key, whose cookie the browser has let
    # go with the answer: then it leads to the sign-in, and everything is saved.
    updated = page.get_by_text(GERMAN.profile_updated)
    expect(updated if javascript else updated.or_(page.get_by_label(GERMAN.address, exact=True))).to_be_visible()
    if updated.is_visible():
        sign_out(page, GERMAN)
    sign_in(page, GERMAN, person.address, OWN_PASSWORDS["de"])
    expect_home(page, GERMAN, person.name)
    assert scheme_attribute(page) == "leine"


@SCRIPTED_OR_PLAIN
def test_an_impatient_double_click_issues_access_once(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool
) -> None:
    page = browsing.open(portal, GERMAN, javascript=javascript)
    enter_with_initial_password(page, newcomer(portal, mailbox, GERMAN, role="desk"))
    person = nobody_yet(GERMAN)
    page.goto("/desk/accounts/issue/")
    page.get_by_label(GERMAN.address, exact=True).fill(person.address)
    page.get_by_label(GERMAN.name, exact=True).fill(person.name)
    page.get_by_label(GERMAN.organisation, exact=True).fill(person.organisation)
    _double_click(page, GERMAN.issue_access)
    person = with_letter(person, mailbox)
    # The second click's answer may still be on its way.
    page.wait_for_load_state("networkidle")
    page.goto(f"/desk/accounts/?q={person.address}")
    expect(page.get_by_role("row").filter(has_text=person.address)).to_have_count(1)
    enter_with_initial_password(browsing.open(portal, GERMAN), person)
    assert len(mailbox.letters_to(person.address)) == 1


@SCRIPTED_OR_PLAIN
def test_a_refused_form_keeps_everything_typed(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool
) -> None:
    clerk = newcomer(portal, mailbox, GERMAN, role="admin")
    page = browsing.open(portal, GERMAN, javascript=javascript)
    enter_with_initial_password(page, clerk)
    page.goto("/desk/accounts/issue/")
    taken = clerk.address.upper()
    typed = {GERMAN.address: taken, GERMAN.name: "Büro Süd", GERMAN.organisation: "Diakoniestation „Süd“ & Söhne"}
    for label, value in typed.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label(re.compile("institutionell")).check()
    page.get_by_label("English", exact=True).check()
    page.get_by_label("Rolle", exact=True).select_option(label="Redaktion")
    press(page, GERMAN.issue_access)
    expect(page.get_by_role("alert")).to_contain_text(GERMAN.address_taken)
    for label, value in typed.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(value)
    expect(page.get_by_label(re.compile("institutionell"))).to_be_checked()
    expect(page.get_by_label("English", exact=True)).to_be_checked()
    expect(page.get_by_label("Rolle", exact=True)).to_have_value("editor")
    page.goto("/desk/accounts/?q=Büro Süd")
    expect(page.get_by_role("row").filter(has_text="Büro Süd")).to_have_count(0)


def test_a_customer_is_not_let_into_the_desk(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN)
    person = settle(page, newcomer(portal, mailbox, GERMAN))
    expect(page.get_by_role("link", name=GERMAN.desk)).to_have_count(0)
    for path in ("/desk/accounts/", "/desk/accounts/issue/"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
        expect(page.get_by_role("main")).not_to_contain_text(person.address)


def test_who_was_sent_to_the_start_page_arrives_where_they_wanted(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page = browsing.open(portal, GERMAN)
    person = settle(page, newcomer(portal, mailbox, GERMAN))
    sign_out(page, GERMAN)
    page.goto("/profile/")
    expect(page.get_by_text("Bitte melden Sie sich an.")).to_be_visible()
    page.get_by_label(GERMAN.address, exact=True).fill(person.address)
    page.get_by_label(GERMAN.password, exact=True).fill(WRONG)
    press(page, GERMAN.sign_in)
    _assert_refused_politely(page, GERMAN, person.address)
    page.get_by_label(GERMAN.password, exact=True).fill(person.password)
    press(page, GERMAN.sign_in)
    expect(heading(page, GERMAN.profile)).to_be_visible()


def _assert_refused_politely(page: Page, words: Words, address: str) -> None:
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(words.entry_wrong)
    expect(alert).to_be_focused()
    expect(page.get_by_label(words.address, exact=True)).to_have_value(address)
    expect(page.get_by_label(words.password, exact=True)).to_have_value("")


def _send_past_the_browser(page: Page, words: Words, address: str, password: str) -> None:
    # What a browser without these checks, or a script, would send.
    page.goto("/")
    page.evaluate("() => { for (const form of document.forms) form.noValidate = true; }")
    page.get_by_label(words.address, exact=True).fill(address)
    page.get_by_label(words.password, exact=True).fill(password)
    press(page, words.sign_in)


def _double_click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).dblclick(no_wait_after=True)
