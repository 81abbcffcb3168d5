"""When something is wrong there is still a page: calm, in the portal's look, and without a word too much."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.accounts.sessions import SessionStore
from kundenportal.domain.support.queries import service_contact
from kundenportal.web.shared import errors
from web.pages import Page
from web.residents import attempt, settled, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

SECRET = "password=geheim"


def test_a_page_that_is_not_there(client: Client) -> None:
    page = Page(client.get("/no-such-page/"))
    assert (page.status, page.heading) == (404, "Hier gibt es keine Seite")
    assert "no-such-page" not in page.main.text
    assert "Profil" not in page.links
    assert "Profil" in Page(sign_in(settled()).get("/no-such-page/")).links


def test_a_page_that_is_not_open_to_somebody() -> None:
    page = Page(sign_in(settled()).get("/desk/accounts/"))
    assert (page.status, page.heading) == (403, "Diese Seite ist für Sie nicht freigegeben")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/desk/accounts/send-letter-again/", "POST"),
        ("GET", "/session/prolong/", "POST"),
        ("POST", "/desk/accounts/", "GET, HEAD"),
        ("PUT", "/profile/", "GET, HEAD, POST"),
    ],
)
def test_an_address_that_is_not_opened_as_it_is_meant(method: str, path: str, allowed: str) -> None:
    response = sign_in(settled(role=Role.DESK)).generic(method, path)
    page = Page(response)
    assert (page.status, page.heading) == (405, "Diese Adresse lässt sich so nicht aufrufen")
    assert response.headers["Allow"] == allowed
    assert page.links["Zur Startseite"] == "/"
    assert "Profil" in page.links


def test_a_form_that_was_open_for_too_long() -> None:
    page = Page(Client(enforce_csrf_checks=True).post("/sign-in/", {"password": "geheim"}))
    assert (page.status, page.heading) == (403, "Die Seite war zu lange offen")
    assert "geheim" not in page.text
    assert page.links["Zur Startseite"] == "/"


@pytest.mark.parametrize("fault", [RuntimeError(SECRET), OperationalError(SECRET)])
def test_a_fault_of_ours_says_nothing_of_itself(fault: Exception) -> None:
    client = sign_in(settled())
    client.raise_request_exception = False
    with patch("kundenportal.web.customer.views.organisation_names_of", side_effect=fault):
        response = client.get("/")
    page = Page(response)
    assert (page.status, page.heading) == (500, "Das hat leider nicht geklappt")
    assert SECRET not in response.content.decode()
    assert "Traceback" not in page.text


def test_a_database_that_is_away_is_a_page_too() -> None:
    client = sign_in(settled())
    client.raise_request_exception = False
    with patch.object(SessionStore, "load", side_effect=OperationalError(SECRET)):
        for path in ("/", "/profile/", "/no-such-page/"):
            response = client.get(path)
            assert Page(response).status == 500
            assert SECRET not in response.content.decode()


def test_the_page_for_faults_asks_the_database_for_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert errors.server_error(RequestFactory().get("/")).status_code == 500
        assert errors.bad_request(RequestFactory().get("/")).status_code == 400


def test_being_too_busy_is_said_calmly_and_costs_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    request = RequestFactory().post("/sign-in/")
    with django_assert_num_queries(0):
        response = errors.too_busy(request)
    with patch("django.template.base.Template.render", side_effect=AssertionError):
        assert errors.too_busy(request).content == response.content
    page = _page(response)
    assert (page.status, page.heading) == (503, "Gerade ist sehr viel los")
    assert (response.headers["Retry-After"], response.headers["Cache-Control"]) == ("10", "no-store")
    assert "Nichts ist verloren" in page.main.text
    assert "in 10 Sekunden" in page.main.text
    assert page.links[service_contact().telephone] == service_contact().telephone_uri
    assert page.links["Zur Startseite"] == "/"


@pytest.mark.parametrize("path", ["/", "/sign-out/"])
def test_a_method_that_is_not_taken_is_no_blank_page_to_whoever_signed_in_again(path: str) -> None:
    holder = settled()
    client = Client()
    # The session was over when a button was pressed: the sign-in must not end on an empty page.
    turned_away = client.post(path)
    wish = turned_away.headers.get("Location", "/").partition("next=")[2]
    response = attempt(client, holder.address, holder.password, next=wish)
    landed = client.get(response.headers["Location"], follow=True)
    assert Page(landed).heading == "Guten Tag, Büro Musterland"


@pytest.mark.parametrize(
    "response",
    [
        lambda: errors.bad_request(RequestFactory().get("/")),
        lambda: errors.server_error(RequestFactory().get("/")),
        lambda: errors.too_busy(RequestFactory().get("/")),
        lambda: errors.too_many_entries(timedelta(seconds=1)),
    ],
    ids=["400", "500", "503", "429"],
)
def test_pages_that_know_no_language_speak_both_and_say_which(response: Callable[[], HttpResponse]) -> None:
    page = _page(response())
    (html,) = page.all("html")
    assert html.attributes["lang"] == "de"
    (english,) = page.all("div", lang="en")
    assert "start" in english.text.lower() or "again" in english.text.lower()
    assert english.text not in "".join(page.heading)


def _page(response: HttpResponse) -> Page:
    response.request = {"PATH_INFO": "/"}  # type: ignore[attr-defined]  # what the test client would add
    return Page(response)  # type: ignore[arg-type]
