from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from kundenportal.domain.accounts.rules import Language, Role
from web.pages import Page
from web.residents import ADDRESS, attempt, letter_holder, settled, sign_in, suspend, too_late

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.pages import Response

pytestmark = pytest.mark.django_db


def _language(client: Client, path: str = "/") -> str:
    response = client.get(path)
    (html,) = Page(response).all("html")
    assert response.headers["Content-Language"] == html.attributes["lang"]
    return html.attributes["lang"]


def _switch(client: Client, path: str = "/") -> Response:
    page = Page(client.get(path))
    label = "English" if page.all("button", value="en") else "Deutsch"
    return page.form(label).press(client, label)


def test_german_comes_first(client: Client) -> None:
    assert _language(client) == "de"
    assert _language(Client(headers={"Accept-Language": "fr"})) == "de"


def test_a_browser_that_asks_for_english_gets_it() -> None:
    assert _language(Client(headers={"Accept-Language": "en-GB,en;q=0.8,de;q=0.5"})) == "en"


@pytest.mark.parametrize("path", ["/", "/sign-in/help/", "/password/forgotten/"])
def test_the_switch_works_on_every_page_and_leads_back_to_it(client: Client, path: str) -> None:
    assert _switch(client, path).headers["Location"] == path
    assert _language(client, path) == "en"
    _switch(client, path)
    assert _language(client, path) == "de"


def test_the_switch_keeps_where_one_wanted_to_go(client: Client) -> None:
    assert _switch(client, "/?next=/profile/").headers["Location"] == "/?next=/profile/"


def test_the_browser_remembers_the_language(client: Client) -> None:
    _switch(client)
    cookie = client.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["max-age"], cookie["httponly"]) == ("en", 31_536_000, True)


def test_the_accounts_language_counts_more_than_the_browsers() -> None:
    client = Client(headers={"Accept-Language": "de"})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    sign_in(settled(language=Language.ENGLISH), client)
    assert _language(client) == "en"
    assert _language(client, "/profile/") == "en"
    assert _language(client, "/no-such-page/") == "en"


def test_switching_while_signed_in_is_kept_on_the_account() -> None:
    holder = settled()
    client = sign_in(holder)
    _switch(client)
    assert _language(client) == "en"
    assert _language(sign_in(holder)) == "en"


@pytest.mark.parametrize("path", ["/profile/", "/desk/accounts/issue/"])
def test_where_switching_would_lose_what_was_typed_it_is_not_offered(path: str) -> None:
    page = Page(sign_in(settled(role=Role.ADMIN)).get(path))
    assert "/language/" not in [form.attributes.get("action") for form in page.all("form")]


def _locked(client: Client) -> Page:
    for _ in range(5):
        attempt(client, ADDRESS, "falsch")
    return Page(attempt(client, ADDRESS, "falsch"))


def _expired(client: Client) -> Page:
    holder = too_late()
    return Page(attempt(client, ADDRESS, holder.password))


def _suspended(client: Client) -> Page:
    holder = suspend(settled())
    return Page(attempt(client, ADDRESS, holder.password))


ANSWERS_TO_FORMS: dict[str, Callable[[Client], Page]] = {
    "Die Anmeldung ist gesperrt": _locked,
    "Das zugesandte Passwort ist abgelaufen": _expired,
    "Ihr Zugang ist ausgesetzt": _suspended,
    "Bitte sehen Sie in Ihrem Postfach nach": lambda client: Page(
        client.post("/password/forgotten/", {"address": ADDRESS})
    ),
    "Ihre Anfrage ist bei uns": lambda client: Page(
        _expired(client).form("Neue Zugangsdaten anfordern").press(client, "Neue Zugangsdaten anfordern")
    ),
    "Diese Seite gilt nicht mehr": lambda client: Page(client.post("/sign-in/new-access/", {"proof": "x"})),
}


@pytest.mark.parametrize("heading", ANSWERS_TO_FORMS)
def test_where_switching_would_lose_the_answer_to_a_form_it_is_not_offered(client: Client, heading: str) -> None:
    page = ANSWERS_TO_FORMS[heading](client)
    assert page.heading == heading
    assert "/language/" not in [form.attributes.get("action") for form in page.all("form")]


def test_the_language_chosen_in_the_profile_stays_after_signing_out() -> None:
    client = sign_in(settled())
    Page(client.get("/profile/")).form("Profil aktualisieren").press(client, "Profil aktualisieren", language="en")
    assert _language(client) == "en"
    Page(client.get("/")).form("Sign out").press(client, "Sign out")
    assert Page(client.get("/")).notices == ["You have signed out."]
    assert _language(client) == "en"


def test_the_farewell_is_in_the_language_of_the_page_it_stands_on() -> None:
    client = sign_in(settled(language=Language.ENGLISH))
    Page(client.get("/")).form("Sign out").press(client, "Sign out")
    page = Page(client.get("/"))
    (html,) = page.all("html")
    assert (
        page.notices == {"en": ["You have signed out."], "de": ["Sie haben sich abgemeldet."]}[html.attributes["lang"]]
    )


def test_the_first_page_of_somebody_who_reads_english_is_english() -> None:
    client = sign_in(letter_holder(language=Language.ENGLISH))
    assert _language(client, "/sign-in/first/") == "en"


def test_one_persons_language_does_not_reach_the_next_request(client: Client) -> None:
    sign_in(settled(language=Language.ENGLISH)).get("/")
    assert _language(client) == "de"


@pytest.mark.parametrize("language", ["fr", "", "xx", "DE", "de-DE", "../de"])
def test_a_language_there_is_not_changes_nothing(client: Client, language: str) -> None:
    holder = settled()
    sign_in(holder, client)
    client.post("/language/", {"language": language, "next": "/"})
    assert _language(client) == "de"
    holder.account.refresh_from_db()
    assert holder.account.language == "de"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example.org/", "//evil.example.org", "/\\evil.example.org", "javascript:alert(1)", "", "///x"],
)
@pytest.mark.parametrize("referer", ["https://evil.example.org/", ""])
def test_the_switch_sends_nobody_to_another_host(client: Client, target: str, referer: str) -> None:
    response = client.post("/language/", {"language": "en", "next": target}, headers={"Referer": referer})
    assert response.headers["Location"] == "/"
    response = client.post(f"/language/?next={target}", {"language": "en"}, headers={"Referer": referer})
    assert response.headers["Location"] == "/"
