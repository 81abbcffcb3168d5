"""The main job, end to end: from the letter to an own password and an own colour scheme."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from .browsing import (
    Browsing,
    colour,
    expect_alive,
    expect_home,
    expect_start_page,
    follow,
    heading,
    press,
    scheme_attribute,
    sign_in,
    sign_out,
)
from .letters import Mailbox, text_of
from .people import OWN_PASSWORDS, Person, enter_with_initial_password, newcomer, nobody_yet, with_letter
from .words import ENGLISH, GERMAN, Words

if TYPE_CHECKING:
    from playwright.sync_api import Response

    from .serving import Portal

# Without the small picture beside it, which is not part of the name.
NAME_OF_CHOICE = "radio => radio.labels[0].innerText.split('\\n').at(-1)"
OPENING_TAG = re.compile(r"<html[^>]*>")

pytestmark = pytest.mark.journey

PATHS = [
    pytest.param(GERMAN, True, "at the desk", id="german-scripted"),
    pytest.param(GERMAN, False, "on the command line", id="german-plain", marks=pytest.mark.thorough),
    pytest.param(ENGLISH, True, "on the command line", id="english-scripted", marks=pytest.mark.thorough),
    pytest.param(ENGLISH, False, "at the desk", id="english-plain"),
]


@pytest.mark.parametrize(("words", "javascript", "place"), PATHS)
def test_from_the_letter_to_an_own_password(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words, *, javascript: bool, place: str
) -> None:
    person = _receives_access(portal, mailbox, browsing, words, javascript=javascript, place=place)
    page = browsing.open(portal, words, javascript=javascript)

    _signs_in_for_the_first_time(page, person)
    another_device = browsing.open(portal, words, javascript=javascript)
    _signs_in_with_blanks(another_device, person)

    follow(page, words.profile)
    painted = _chooses_a_colour_scheme(page, words, "Nordsee")
    _creates_an_own_password(page, words, javascript=javascript)
    press(page, words.update_profile)

    expect(page.get_by_text(words.password_updated)).to_be_visible()
    assert scheme_attribute(page) == "nordsee"
    assert colour(page) == painted
    _is_signed_out(another_device, words)
    _is_told_by_mail(mailbox, person)

    sign_out(page, words)
    _is_refused(page, words, person.address, person.password)
    sign_in(page, words, person.address, OWN_PASSWORDS[words.language])
    expect_home(page, words, person.name)
    expect(page.get_by_text(words.still_initial)).to_have_count(0)
    follow(page, words.profile)
    expect(heading(page, words.profile)).to_be_visible()
    follow(page, words.home_link)
    expect_home(page, words, person.name)

    new_device = browsing.open(portal, words, javascript=javascript, color_scheme="light")
    _finds_the_colour_scheme_there(new_device, person, painted)


def _receives_access(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words, *, javascript: bool, place: str
) -> Person:
    if place == "on the command line":
        person = newcomer(portal, mailbox, words)
    else:
        clerk = newcomer(portal, mailbox, words, role="desk")
        person = with_letter(_issue_at_the_desk(browsing.open(portal, words, javascript=javascript), clerk), mailbox)
    letter = mailbox.wait_for(person.address)
    assert letter["Subject"] == words.letter_subject
    assert letter["Auto-Submitted"] == "auto-generated"
    assert portal.url in text_of(letter)
    assert person.address in text_of(letter)
    return person


def _issue_at_the_desk(page: Page, clerk: Person) -> Person:
    words = clerk.words
    person = nobody_yet(words)
    enter_with_initial_password(page, clerk)
    follow(page, words.desk)
    follow(page, words.accounts)
    expect(heading(page, words.accounts)).to_be_visible()
    page.get_by_role("main").get_by_role("link", name=words.issue_access, exact=True).click()
    page.get_by_label(words.address, exact=True).fill(person.address)
    page.get_by_label(words.name, exact=True).fill(person.name)
    page.get_by_label(words.organisation, exact=True).fill(person.organisation)
    page.get_by_label({"de": "Deutsch", "en": "English"}[words.language], exact=True).check()
    press(page, words.issue_access)
    expect(page.get_by_text(words.access_issued.format(address=person.address))).to_be_visible()
    expect(page.get_by_role("row", name=person.address)).to_be_visible()
    return person


def _signs_in_for_the_first_time(page: Page, person: Person) -> None:
    words = person.words
    page.goto("/")
    expect(page.get_by_role("link", name=words.forgotten, exact=True)).to_be_visible()
    sign_in(page, words, person.address, person.password)
    expect(heading(page, words.welcome.format(name=person.name))).to_be_visible()
    follow(page, words.later)
    expect_home(page, words, person.name)
    expect(page.get_by_text(words.still_initial)).to_be_visible()


def _signs_in_with_blanks(page: Page, person: Person) -> None:
    assert "-" in person.password, "The letter spells the password in groups."
    blanks = f" {person.password.replace('-', ' ')} "
    sign_in(page, person.words, person.address.upper(), blanks)
    follow(page, person.words.later)
    expect_home(page, person.words, person.name)


def _chooses_a_colour_scheme(page: Page, words: Words, name: str) -> str:
    """What the page is painted in from then on; the choice shows at once and is not saved yet."""
    expect(heading(page, words.colour_scheme)).to_be_visible()
    offered = page.get_by_role("group", name=words.colour_scheme).get_by_role("radio")
    names = [offered.nth(place).evaluate(NAME_OF_CHOICE) for place in range(offered.count())]
    assert names == list(words.schemes)
    before = colour(page)
    page.get_by_text(name, exact=True).click()
    expect(page.get_by_role("radio", name=name)).to_be_checked()
    page.wait_for_function("before => getComputedStyle(document.body).backgroundColor !== before", arg=before)
    assert scheme_attribute(page) == "device", "The choice has been saved before anybody asked for it."
    return colour(page)


def _creates_an_own_password(page: Page, words: Words, *, javascript: bool) -> None:
    press(page, words.create_password)
    field = page.get_by_label(words.new_password, exact=True)
    suggestion = field.input_value()
    expect(field).to_have_attribute("type", "text")
    assert len(suggestion) >= 16
    expect(page.get_by_text(f"{words.strong}:")).to_be_visible()
    expect(page.get_by_role("radio", name="Nordsee")).to_be_checked()
    press(page, words.another_suggestion)
    expect(field).not_to_have_value(suggestion)
    expect_alive(page)
    field.fill("")
    if javascript:
        _reads_the_strength_while_typing(page, words)
    field.fill(OWN_PASSWORDS[words.language])


def _reads_the_strength_while_typing(page: Page, words: Words) -> None:
    field = page.get_by_label(words.new_password, exact=True)
    meter = page.get_by_role("meter", name=words.strength)
    for typed, word in (("Regen", words.impossible), ("schirm7", words.weak), (" im Nebel am Kai", words.strong)):
        field.press_sequentially(typed)
        verdict = page.locator("p").filter(has_text=f"{word}:")
        expect(verdict).to_be_visible()
        reason = verdict.inner_text().partition(":")[2].strip()
        assert len(reason) > len("gut"), "The word stands there without a reason."
    assert meter.evaluate("meter => meter.value") == 4
    expect(field).to_have_value("Regenschirm7 im Nebel am Kai")


def _is_signed_out(page: Page, words: Words) -> None:
    page.goto("/profile/")
    expect_start_page(page, words)


def _is_told_by_mail(mailbox: Mailbox, person: Person) -> None:
    notice = mailbox.wait_for(person.address, number=2)
    assert notice["Subject"] == person.words.password_changed_subject
    assert person.address in text_of(notice)
    assert OWN_PASSWORDS[person.words.language] not in notice.as_string()


def _is_refused(page: Page, words: Words, address: str, password: str) -> None:
    sign_in(page, words, address, password)
    expect(page.get_by_role("alert")).to_contain_text(words.entry_wrong)
    expect_start_page(page, words)


def _finds_the_colour_scheme_there(page: Page, person: Person, painted: str) -> None:
    def is_home(response: Response) -> bool:
        return response.request.is_navigation_request() and response.request.method == "GET" and response.ok

    page.goto("/")
    with page.expect_response(is_home) as first:
        page.get_by_label(person.words.address, exact=True).fill(person.address)
        page.get_by_label(person.words.password, exact=True).fill(OWN_PASSWORDS[person.words.language])
        press(page, person.words.sign_in)
    opening = OPENING_TAG.search(first.value.text())
    assert opening is not None
    assert 'data-colour-scheme="nordsee"' in opening[0], "A scheme set by a script would come after the first paint."
    expect_home(page, person.words, person.name)
    assert colour(page) == painted
