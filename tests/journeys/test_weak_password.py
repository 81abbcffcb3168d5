"""A weak password needs a tick, a hopeless one is refused, and nothing of what was typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_home, follow, press, scheme_attribute, sign_in, sign_out
from .people import enter_with_initial_password, newcomer
from .readers import IN_EITHER_LANGUAGE
from .words import GERMAN, Words

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

WEAK = "Regenschirm7"
REFUSED = {
    "among the most common": "passwort",
    "made of the own name and organisation": "Kita-Probstadt",
    "too short": "kurz 1!",
    "too long": "Wolkenbruch am Leuchtturm " * 5,
}


@IN_EITHER_LANGUAGE
def test_a_weak_password_needs_the_tick(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, words: Words, *, javascript: bool
) -> None:
    person = newcomer(portal, mailbox, words)
    page = browsing.open(portal, words, javascript=javascript)
    enter_with_initial_password(page, person)
    follow(page, words.profile)
    page.get_by_label(words.name, exact=True).fill("Leitung Nord")
    page.get_by_text("Heide", exact=True).click()
    _enter_new_password(page, words, WEAK)

    press(page, words.update_profile)

    expect(page.get_by_role("alert")).to_contain_text(words.confirm_weak)
    expect(page.locator("p").filter(has_text=f"{words.weak}:")).to_be_visible()
    _assert_nothing_is_lost(page, words)
    _assert_nothing_is_saved(page, words, person.name)

    page.get_by_label(words.confirm_weak, exact=True).check()
    if javascript:
        # What was confirmed is this one, not whichever is typed next.
        page.get_by_label(words.new_password, exact=True).fill(f"{WEAK}!")
        expect(page.get_by_label(words.confirm_weak, exact=True)).not_to_be_checked()
        page.get_by_label(words.new_password, exact=True).fill(WEAK)
        page.get_by_label(words.confirm_weak, exact=True).check()
    press(page, words.update_profile)

    expect(page.get_by_text(words.password_updated)).to_be_visible()
    assert scheme_attribute(page) == "heide"
    sign_out(page, words)
    sign_in(page, words, person.address, WEAK)
    expect_home(page, words, "Leitung Nord")


@pytest.mark.parametrize(
    "password",
    [
        pytest.param(password, id=name, marks=[pytest.mark.thorough] if name in {"too short", "too long"} else [])
        for name, password in REFUSED.items()
    ],
)
def test_a_hopeless_password_is_refused_even_with_the_tick(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, password: str
) -> None:
    person = newcomer(portal, mailbox, GERMAN)
    page = browsing.open(portal, GERMAN, javascript=False)
    enter_with_initial_password(page, person)
    follow(page, GERMAN.profile)
    _enter_new_password(page, GERMAN, password)
    page.get_by_label(GERMAN.confirm_weak, exact=True).check()

    press(page, GERMAN.update_profile)

    expect(page.get_by_role("alert")).to_contain_text(GERMAN.new_password)
    expect(page.get_by_label(GERMAN.new_password, exact=True)).to_have_value(password)
    expect(page.get_by_text(f"{GERMAN.impossible}:")).to_be_visible()
    sign_out(page, GERMAN)
    sign_in(page, GERMAN, person.address, password)
    expect(page.get_by_role("alert")).to_contain_text(GERMAN.entry_wrong)


def test_staff_need_a_strong_password(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    person = newcomer(portal, mailbox, GERMAN, role="editor")
    page = browsing.open(portal, GERMAN)
    sign_in(page, GERMAN, person.address, person.password)
    page.get_by_label(GERMAN.new_password, exact=True).fill(WEAK)
    press(page, GERMAN.save_password)
    expect(page.get_by_role("alert")).to_contain_text("Mit Ihrer Rolle brauchen Sie ein starkes Passwort.")
    expect(page.get_by_label(GERMAN.confirm_weak, exact=True)).to_have_count(0)


def test_the_first_sign_in_judges_by_the_same_policy(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    person = newcomer(portal, mailbox, GERMAN)
    page = browsing.open(portal, GERMAN)
    sign_in(page, GERMAN, person.address, person.password)
    field = page.get_by_label(GERMAN.new_password, exact=True)
    for password in (REFUSED["among the most common"], WEAK):
        field.fill(password)
        press(page, GERMAN.save_password)
        expect(page.get_by_role("alert")).to_be_visible()
        expect(field).to_have_value(password)
    page.get_by_label(GERMAN.confirm_weak, exact=True).check()
    press(page, GERMAN.save_password)
    expect_home(page, GERMAN, person.name)
    expect(page.get_by_text(GERMAN.still_initial)).to_have_count(0)


def _enter_new_password(page: Page, words: Words, password: str) -> None:
    press(page, words.create_password)
    page.get_by_label(words.new_password, exact=True).fill(password)


def _assert_nothing_is_lost(page: Page, words: Words) -> None:
    expect(page.get_by_label(words.name, exact=True)).to_have_value("Leitung Nord")
    expect(page.get_by_role("radio", name="Heide")).to_be_checked()
    expect(page.get_by_label(words.new_password, exact=True)).to_have_value(WEAK)


def _assert_nothing_is_saved(page: Page, words: Words, name: str) -> None:
    beside = page.context.new_page()
    beside.goto("/profile/")
    expect(beside.get_by_label(words.name, exact=True)).to_have_value(name)
    expect(beside.get_by_role("radio", name=words.schemes[0])).to_be_checked()
    assert scheme_attribute(beside) == "device"
    beside.goto("/")
    expect(beside.get_by_text(words.still_initial)).to_be_visible()
    beside.close()
