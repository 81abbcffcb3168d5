"""The colours somebody chose: on the account for every device, in a cookie for the pages before the sign-in."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from kundenportal.domain.accounts.rules import ColourScheme
from web.pages import Page
from web.residents import Holder, settled, sign_in

pytestmark = pytest.mark.django_db

SAVE = "Profil aktualisieren"
LIGHT_OR_DARK = {
    "device": "light dark",
    "high-contrast": "light dark",
    "light": "light",
    "leine": "light",
    "heide": "light",
    "dark": "dark",
    "nordsee": "dark",
    "bernstein": "dark",
}


def _scheme(client: Client, path: str = "/") -> str:
    (html,) = Page(client.get(path)).all("html")
    return html.attributes["data-colour-scheme"]


def _chosen(scheme: ColourScheme, holder: Holder | None = None) -> Client:
    client = sign_in(holder or settled())
    Page(client.get("/profile/")).form(SAVE).press(client, SAVE, colour_scheme=scheme.value)
    return client


def test_before_any_choice_it_is_the_devices_own(client: Client) -> None:
    assert _scheme(client) == "device"


@pytest.mark.parametrize("path", ["/", "/profile/", "/sign-in/help/", "/password/forgotten/", "/no-such-page/"])
def test_the_choice_is_on_every_page_before_the_first_paint(path: str) -> None:
    client = _chosen(ColourScheme.BERNSTEIN)
    assert _scheme(client, path) == "bernstein"
    (meta,) = Page(client.get(path)).all("meta", name="color-scheme")
    assert meta.attributes["content"] == "dark"


@pytest.mark.parametrize("scheme", ColourScheme)
def test_the_browser_is_told_whether_the_scheme_is_light_or_dark(client: Client, scheme: ColourScheme) -> None:
    client.cookies[settings.COLOUR_SCHEME_COOKIE_NAME] = scheme.value
    (meta,) = Page(client.get("/")).all("meta", name="color-scheme")
    assert meta.attributes["content"] == LIGHT_OR_DARK[scheme]


def test_the_choice_is_there_on_another_device() -> None:
    holder = settled()
    _chosen(ColourScheme.HEIDE, holder)
    assert _scheme(sign_in(holder)) == "heide"


def test_the_browser_remembers_it_for_the_start_page() -> None:
    client = _chosen(ColourScheme.HEIDE)
    cookie = client.cookies[settings.COLOUR_SCHEME_COOKIE_NAME]
    assert (cookie.value, cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (
        "heide",
        31_536_000,
        True,
        "Lax",
    )
    client.post("/sign-out/")
    assert _scheme(client) == "heide"


def test_the_account_counts_more_than_the_browser() -> None:
    client = Client()
    client.cookies[settings.COLOUR_SCHEME_COOKIE_NAME] = "dark"
    sign_in(settled(), client)
    assert _scheme(client) == "device"


@pytest.mark.parametrize("value", ["kariert", "", '"><script>', "dark dark", "DARK", "x" * 4000])
def test_a_cookie_somebody_made_up_is_ignored(client: Client, value: str) -> None:
    client.cookies[settings.COLOUR_SCHEME_COOKIE_NAME] = value
    assert _scheme(client) == "device"


def test_a_profile_that_was_refused_changes_no_colours() -> None:
    client = sign_in(settled())
    Page(client.get("/profile/")).form(SAVE).press(client, SAVE, colour_scheme="dark", name="")
    assert settings.COLOUR_SCHEME_COOKIE_NAME not in client.cookies
    assert _scheme(client) == "device"
