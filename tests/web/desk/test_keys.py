"""Single keys at the desk: which there are, and that whoever does not want them has none (WCAG 2.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kundenportal.domain.accounts.rules import Role
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

ON, OFF = "Tastenk\u00fcrzel einschalten", "Tastenk\u00fcrzel ausschalten"


def has_keys(page: Page) -> bool:
    """Whether the script that hears them is on the page, and the dialog that names them."""
    scripts = [each.attributes.get("src", "") for each in page.all("script")]
    is_heard = any("js/shortcuts" in each for each in scripts)
    assert is_heard == bool(page.all("dialog", id="shortcuts"))
    return is_heard


def test_they_are_switched_off_and_on_and_the_page_one_was_on_comes_back(desk: Client) -> None:
    page = Page(desk.get("/desk/accounts/?q=kita"))
    assert has_keys(page)
    answer = page.form(OFF).press(desk, OFF)
    assert answer.headers["Location"] == "/desk/accounts/?q=kita"
    page = Page(desk.get(answer.headers["Location"]))
    assert "Die Tastenk\u00fcrzel sind ausgeschaltet." in page.text
    assert not has_keys(page)
    page = Page(desk.get(page.links["Tastenk\u00fcrzel"]))
    page.form(ON).press(desk, ON)
    assert has_keys(Page(desk.get("/desk/")))


def test_whatever_leads_anywhere_leads_to_a_page_of_the_desk(desk: Client) -> None:
    places = [
        link.attributes["href"]
        for link in Page(desk.get("/desk/keys/")).main.all("a")
        if "data-keys" in link.attributes
    ]
    assert len(places) == len(set(places)) == 7
    assert {desk.get(place).status_code for place in places} == {200}


@pytest.mark.parametrize("role", [Role.INTAKE, Role.EDITOR, Role.CUSTOMER])
def test_whoever_is_not_at_the_desk_has_none(role: Role) -> None:
    browser = sign_in(settled(f"{role}@example.org", role=role))
    for path in ("/", "/desk/intakes/new/" if role is Role.INTAKE else "/profile/"):
        assert not has_keys(Page(browser.get(path)))
