"""Password managers find what they look for, and Chromium's own keeps what counts and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_home, follow, heading, press, sign_in, sign_out
from .letters import reset_link_in_text, text_of
from .managers import password_manager
from .people import OWN_PASSWORDS, Person, latecomer, newcomer
from .words import GERMAN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .managers import PasswordManager
    from .serving import Portal

pytestmark = pytest.mark.journey

SIGNED_IN_LONG_AGO = """
from kundenportal.domain.accounts.models import Session
from kundenportal.domain.accounts.queries import SIGNED_IN_AT
from kundenportal.domain.accounts.sessions import SessionStore
for key in Session.objects.filter(account__address="{address}").values_list("session_key", flat=True):
    session = SessionStore(key)
    session[SIGNED_IN_AT] -= 20 * 60
    session.save()
"""


@pytest.fixture
def manager(chromium: Browser, portal: Portal, tmp_path: Path) -> Iterator[PasswordManager]:
    """Chromium's own."""
    with password_manager(chromium, portal, GERMAN, tmp_path) as manager:
        yield manager


def test_chromium_keeps_every_own_password_and_fills_it_in(
    portal: Portal, mailbox: Mailbox, manager: PasswordManager
) -> None:
    person, page = newcomer(portal, mailbox, GERMAN), manager.page
    own = OWN_PASSWORDS["de"]

    with manager.offering_nothing():
        sign_in(page, GERMAN, person.address, person.password)
        expect(heading(page, GERMAN.welcome.format(name=person.name))).to_be_visible()
    with manager.offering_nothing():
        page.get_by_label(GERMAN.new_password, exact=True).fill("What is not saved in the end")
        follow(page, GERMAN.later)
        expect_home(page, GERMAN, person.name)
    page.goto("/sign-in/first/")
    suggestion = page.get_by_label(GERMAN.new_password, exact=True).input_value()
    with manager.offering(person.address, suggestion):
        press(page, GERMAN.save_password)
        expect_home(page, GERMAN, person.name)

    sign_out(page, GERMAN)
    _is_filled_in(page, "address", "password")
    with manager.offering_nothing():
        press(page, GERMAN.sign_in)
        expect_home(page, GERMAN, person.name)

    portal.python(SIGNED_IN_LONG_AGO.format(address=person.address))
    for path in ("/profile/caller-code/", "/profile/my-data/"):
        page.goto(path)
        _is_filled_in(page, "current_password")
    page.goto("/profile/")
    press(page, GERMAN.create_password)
    _is_filled_in(page, "current_password")
    page.get_by_label(GERMAN.new_password, exact=True).fill(own)
    with manager.offering(person.address, own):
        press(page, GERMAN.update_profile)
        expect(page.get_by_text(GERMAN.password_updated)).to_be_visible()

    sign_out(page, GERMAN)
    page.goto("/password/forgotten/")
    page.get_by_label(GERMAN.address, exact=True).fill(person.address)
    press(page, GERMAN.send_link)
    page.goto(_reset_link(mailbox, person))
    page.get_by_label(GERMAN.new_password, exact=True).fill(f"{own}!")
    with manager.offering(person.address, f"{own}!"):
        page.keyboard.press("Enter")
        expect(heading(page, GERMAN.reset_done)).to_be_visible()
    follow(page, GERMAN.sign_in)
    _is_filled_in(page, "password")
    press(page, GERMAN.sign_in)
    expect_home(page, GERMAN, person.name)
    assert manager.kept() == {person.address: f"{own}!"}


def test_chromium_keeps_nothing_that_lets_nobody_in(portal: Portal, mailbox: Mailbox, manager: PasswordManager) -> None:
    person, page = latecomer(portal, mailbox, GERMAN), manager.page
    with manager.offering_nothing():
        sign_in(page, GERMAN, person.address, person.password)
        expect(heading(page, GERMAN.expired)).to_be_visible()
    for _ in range(5):
        with manager.offering_nothing():
            sign_in(page, GERMAN, person.address, "wrong")
            expect(page.get_by_role("alert")).to_be_visible()
    with manager.offering_nothing():
        sign_in(page, GERMAN, person.address, "wrong")
        expect(heading(page, GERMAN.locked)).to_be_visible()


def test_a_new_password_stands_beside_its_sign_in_name_without_scripts_too(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page = browsing.open(portal, GERMAN, javascript=False)
    person = newcomer(portal, mailbox, GERMAN)
    sign_in(page, GERMAN, person.address, person.password)
    _assert_ready_for_a_manager(page, person)
    page.goto("/profile/")
    press(page, GERMAN.create_password)
    _assert_ready_for_a_manager(page, person)


def test_pasting_works_and_is_not_cut(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN)
    person = newcomer(portal, mailbox, GERMAN)
    page.goto("/")
    page.get_by_label(GERMAN.address, exact=True).fill(person.address)
    password = page.get_by_label(GERMAN.password, exact=True)
    password.focus()
    page.keyboard.insert_text(f"  {person.password}  ")
    expect(password).to_have_value(f"  {person.password}  ")
    press(page, GERMAN.sign_in)
    field = page.get_by_label(GERMAN.new_password, exact=True)
    longest = "Leuchtturm am Deich, " * 6
    field.fill("")
    field.focus()
    page.keyboard.insert_text(longest)
    expect(field).to_have_value(longest)
    press(page, GERMAN.save_password)
    expect_home(page, GERMAN, person.name)


def _is_filled_in(page: Page, *names: str) -> None:
    for name in names:
        expect(page.locator(f"main [name={name}]:autofill")).to_have_count(1)


def _reset_link(mailbox: Mailbox, person: Person) -> str:
    number = 1
    while (letter := mailbox.wait_for(person.address, number=number))["Subject"] != GERMAN.reset_subject:
        number += 1
    return reset_link_in_text(text_of(letter))


def _assert_ready_for_a_manager(page: Page, person: Person) -> None:
    new = page.get_by_label(GERMAN.new_password, exact=True)
    name = page.locator("[autocomplete=username]")
    expect(new).to_have_attribute("autocomplete", "new-password")
    expect(name).to_have_value(person.address)
    # Managers read it; people have no use for it, whatever they read the page with.
    expect(page.get_by_role("textbox", name="username")).to_have_count(0)
    assert _form_of(name) == _form_of(new)
    assert name.evaluate("(name, field) => name.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING",
                         new.element_handle())  # fmt: skip


def _form_of(field: Locator) -> int:
    return int(field.evaluate("field => [...document.forms].indexOf(field.form)"))
