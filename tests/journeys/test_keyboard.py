"""Everything can be done from the keyboard, and one always sees where one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import ViewportSize, expect

from .browsing import expect_home, heading, scheme_attribute, sign_in, sign_out
from .demonstration import SEVERAL
from .people import OWN_PASSWORDS, newcomer, settle
from .readers import SCRIPTED_OR_PLAIN
from .ways import MILLISECONDS_TO_READ
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .browsing import Browsing
    from .demonstration import Demonstration
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

MOST_STOPS_ON_A_PAGE = 60

TELEPHONE: ViewportSize = {"width": 360, "height": 640}

# The outline belongs to the control itself, or to the card or label around it; and nothing may lie above it.
HIDES_THE_FOCUS = """() => {
    const at = document.activeElement;
    const { left, top, width, height } = at.getBoundingClientRect();
    const hasOutline = [at, at.closest('label')].some((element) => {
        if (!element) return false;
        const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && !outlineColor.endsWith(', 0)');
    });
    if (!hasOutline) return 'it has no outline';
    if (width <= 1 || height <= 1) return 'it has no size';
    const above = document.elementFromPoint(left + width / 2, top + height / 2);
    if (!above) return 'it is outside the window';
    return at.contains(above) || above.contains(at) ? '' : `it lies under ${above.outerHTML.slice(0, 80)}`;
}"""


def test_from_signing_in_to_a_new_password_without_a_mouse(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    words = GERMAN
    page = browsing.open(portal, words, viewport=TELEPHONE)
    person = newcomer(portal, mailbox, words)

    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=words.skip)).to_be_focused()
    _assert_focus_is_seen(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    _tab_to(page, page.get_by_label(words.address, exact=True))
    page.keyboard.type(person.address)
    _tab_to(page, page.get_by_label(words.password, exact=True))
    page.keyboard.type(person.password)
    page.keyboard.press("Enter")
    expect(heading(page, words.welcome.format(name=person.name))).to_be_visible()
    _tab_to(page, page.get_by_role("link", name=words.later, exact=True))
    page.keyboard.press("Enter")
    expect_home(page, words, person.name)

    _tab_to(page, page.get_by_role("navigation").get_by_role("link", name=words.profile, exact=True))
    page.keyboard.press("Enter")
    expect(heading(page, words.profile)).to_be_visible()
    _tab_to(page, page.get_by_role("radio", name=words.schemes[0]))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name=words.schemes[2])).to_be_checked()
    _assert_focus_is_seen(page)
    _tab_to(page, page.get_by_role("button", name=words.create_password, exact=True))
    page.keyboard.press("Space")
    field = page.get_by_label(words.new_password, exact=True)
    expect(field).to_be_focused()
    _assert_focus_is_seen(page)
    page.keyboard.press("Control+A")
    page.keyboard.type(OWN_PASSWORDS["de"])
    _tab_to(page, page.get_by_role("button", name=words.update_profile, exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text(words.password_updated)).to_be_visible()
    assert scheme_attribute(page) == "dark"

    _tab_to(page, page.get_by_role("button", name=words.sign_out, exact=True))
    page.keyboard.press("Space")
    expect(page.get_by_text(words.signed_out)).to_be_visible()
    sign_in(page, words, person.address, OWN_PASSWORDS["de"])
    expect_home(page, words, person.name)


@SCRIPTED_OR_PLAIN
def test_enter_in_the_name_field_saves_and_creates_no_password(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool
) -> None:
    words = GERMAN
    page = browsing.open(portal, words, javascript=javascript)
    person = settle(page, newcomer(portal, mailbox, words))
    page.goto("/profile/")
    field = page.get_by_label(words.name, exact=True)
    field.fill("Leitung Nord")
    field.press("Enter")
    expect(page.get_by_text(words.profile_updated, exact=True)).to_be_visible()
    expect(page.get_by_label(words.new_password, exact=True)).to_have_count(0)
    sign_out(page, words)
    sign_in(page, words, person.address, person.password)
    expect_home(page, words, "Leitung Nord")


def test_the_tick_for_a_weak_password_is_reached_and_set_with_the_space_bar(
    portal: Portal, mailbox: Mailbox, browsing: Browsing
) -> None:
    words = GERMAN
    page = browsing.open(portal, words)
    person = newcomer(portal, mailbox, words)
    sign_in(page, words, person.address, person.password)
    field = page.get_by_label(words.new_password, exact=True)
    expect(field).to_be_visible()
    _tab_to(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.type("Regenschirm7")
    expect(page.locator("p").filter(has_text=f"{words.weak}:")).to_be_visible()
    tick = page.get_by_label(words.confirm_weak, exact=True)
    _tab_to(page, tick)
    page.keyboard.press("Space")
    expect(tick).to_be_checked()
    page.keyboard.press("Enter")
    expect_home(page, words, person.name)


def test_a_customer_reads_asks_and_answers_without_a_mouse(demonstration: Demonstration, browsing: Browsing) -> None:
    page = demonstration.open(browsing, GERMAN, SEVERAL)
    _tab_to(page, page.get_by_role("combobox", name="Ihre Einrichtungen", exact=True))
    page.keyboard.press("ArrowDown")
    _follow(page, page.locator("form.acting").get_by_role("button"))
    expect(page.locator("#organisation option:checked")).not_to_have_attribute("value", "")

    menu = page.get_by_role("navigation", name="Portal")
    _follow(page, menu.get_by_role("link", name="Neuigkeiten", exact=True))
    expect(heading(page, "Neuigkeiten")).to_be_visible()
    title = page.locator(".ways__name > span").first.inner_text()
    _follow(page, page.locator(".ways__link").first)
    expect(heading(page, title)).to_be_visible()

    _follow(page, menu.get_by_role("link", name="Hilfe", exact=True))
    _follow(page, page.get_by_role("link", name="Wichtiges zur Registrierung und Anmeldung"))
    _tab_to(page, page.get_by_label("Was hat gefehlt oder war unklar?"))
    page.keyboard.type("Nichts, danke.")
    _press(page, page.get_by_role("button", name="Ja", exact=True))
    expect(page.get_by_text("Vielen Dank.")).to_be_visible()

    page.goto("/contact/")
    _tab_to(page, page.locator("#id_concern"))
    page.keyboard.type("Bitte rufen Sie mich zurück.")
    _tab_to(page, page.locator("#id_call_back_number"))
    page.keyboard.type("0511 12345")
    page.wait_for_timeout(MILLISECONDS_TO_READ)
    _press(page, page.get_by_role("button", name=GERMAN.send, exact=True))
    page.wait_for_url("**/contact/taken/")


def _follow(page: Page, there: Locator) -> None:
    with page.expect_navigation():
        _press(page, there)


def _press(page: Page, there: Locator) -> None:
    _tab_to(page, there)
    page.keyboard.press("Enter")


def _tab_to(page: Page, there: Locator) -> None:
    for _ in range(MOST_STOPS_ON_A_PAGE):
        page.keyboard.press("Tab")
        _assert_focus_is_seen(page)
        if there.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"The Tab key does not lead to {there}; it went on to {_where(page)}.")


def _assert_focus_is_seen(page: Page) -> None:
    fault = page.evaluate(HIDES_THE_FOCUS)
    assert not fault, f"The focus is not seen at {_where(page)}: {fault}."


def _where(page: Page) -> str:
    return str(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
