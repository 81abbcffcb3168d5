"""Password managers find what they look for: the name, the password, and a field that is one when it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_home, press, sign_in
from .people import OWN_PASSWORDS, Person, newcomer
from .readers import SCRIPTED_OR_PLAIN
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

# On the window, hence after everything the page's own script does when a form is sent.
NOTE_WHAT_IS_SENT = """
addEventListener("submit", ({ target }) => {
  const { new_password: field } = target.elements;
  if (field) sessionStorage.setItem("sent", JSON.stringify({ type: field.type, length: field.value.length }));
});
"""


def test_the_sign_in_names_its_fields(portal: Portal, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN)
    page.goto("/")
    address = page.get_by_label(GERMAN.address, exact=True)
    password = page.get_by_label(GERMAN.password, exact=True)
    expect(address).to_have_attribute("autocomplete", "username")
    expect(address).to_have_attribute("type", "email")
    expect(password).to_have_attribute("autocomplete", "current-password")
    expect(password).to_have_attribute("type", "password")
    assert _form_of(address) == _form_of(password)


@SCRIPTED_OR_PLAIN
def test_a_new_password_stands_beside_its_sign_in_name(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool
) -> None:
    page = browsing.open(portal, GERMAN, javascript=javascript)
    person = newcomer(portal, mailbox, GERMAN)
    sign_in(page, GERMAN, person.address, person.password)
    _assert_ready_for_a_manager(page, person)
    page.goto("/profile/")
    press(page, GERMAN.create_password)
    _assert_ready_for_a_manager(page, person)


def test_a_new_password_is_a_password_at_the_moment_it_is_sent(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    page = browsing.open(portal, GERMAN)
    page.add_init_script(NOTE_WHAT_IS_SENT)
    person = newcomer(portal, mailbox, GERMAN)
    sign_in(page, GERMAN, person.address, person.password)
    _send_new_password(page, GERMAN.save_password)
    expect_home(page, GERMAN, person.name)
    assert _what_was_sent(page) == {"type": "password", "length": len(OWN_PASSWORDS["de"])}

    page.goto("/profile/")
    press(page, GERMAN.create_password)
    _send_new_password(page, GERMAN.update_profile, more="!")
    expect(page.get_by_text(GERMAN.password_updated)).to_be_visible()
    assert _what_was_sent(page) == {"type": "password", "length": len(OWN_PASSWORDS["de"]) + 1}


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


def _send_new_password(page: Page, button: str, more: str = "") -> None:
    field = page.get_by_label(GERMAN.new_password, exact=True)
    field.fill(OWN_PASSWORDS["de"] + more)
    expect(field).to_have_attribute("type", "text")
    press(page, button)


def _what_was_sent(page: Page) -> object:
    return page.evaluate("JSON.parse(sessionStorage.getItem('sent'))")


def _form_of(field: Locator) -> int:
    return int(field.evaluate("field => [...document.forms].indexOf(field.form)"))
