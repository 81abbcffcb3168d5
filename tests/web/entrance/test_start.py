from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from web.pages import Page
from web.residents import newcomer, sign_in

if TYPE_CHECKING:
    from time_machine import TimeMachineFixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_morning")]


def test_the_start_page_is_the_sign_in_page(client: Client) -> None:
    form = Page(client.get("/")).form("Anmelden")
    labels = {label.text: label.attributes["for"] for label in form.element.all("label")}
    assert labels == {"E-Mail-Adresse": "id_address", "Passwort": "id_password"}
    assert form.element.attributes["action"] == "/sign-in/"
    assert form.element.attributes["method"] == "post"


def test_the_fields_are_what_password_managers_look_for(client: Client) -> None:
    page = Page(client.get("/"))
    assert page.control("address").attributes["autocomplete"] == "username"
    assert page.control("password").attributes["autocomplete"] == "current-password"
    assert page.control("password").attributes["type"] == "password"
    assert "maxlength" not in page.control("password").attributes


def test_the_start_page_says_how_access_is_obtained_and_what_to_do_without_a_password(client: Client) -> None:
    page = Page(client.get("/"))
    assert re.search("Zugang .* per E-Mail", page.main.text, re.IGNORECASE)
    assert "registrieren müssen Sie sich nicht" in page.main.text
    assert page.links["Passwort vergessen?"] == "/password/forgotten/"


@pytest.mark.parametrize("path", ["/", "/sign-in/help/", "/password/forgotten/", "/no-such-page/"])
def test_the_portals_name_stands_first_and_leads_home(client: Client, path: str) -> None:
    page = Page(client.get(path))
    (masthead,) = page.all("header")
    first = masthead.all("a")[0]
    assert (first.text, first.attributes["href"]) == ("Kundenportal COMRAMO", "/")


@pytest.mark.parametrize("path", ["/", "/sign-in/help/", "/password/forgotten/", "/no-such-page/"])
def test_the_support_box_is_on_every_page(client: Client, path: str, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 9, tzinfo=UTC), tick=False)  # somebody is there
    (box,) = Page(client.get(path)).all("aside")
    assert [link.attributes["href"] for link in box.all("a")] == ["mailto:hr@comramo.de", "tel:+4951112401769"]
    assert "hr@comramo.de" in box.text
    assert "+49 511 12401-769" in box.text
    assert "Montag bis Freitag, 7:00 bis 17:00 Uhr" in box.text
    assert "Telefongebühren Ihres Anbieters" in box.text


def test_whoever_is_signed_in_finds_the_portals_home_there() -> None:
    page = Page(sign_in(newcomer()).get("/"))
    assert page.heading == "Guten Tag, Büro Musterland"
    assert page.form("Abmelden").element.attributes["action"] == "/sign-out/"
    assert page.links["Profil"] == "/profile/"


def test_the_start_page_only_answers_questions(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_whoever_comes_gets_a_token_of_their_own_and_otherwise_the_same_page() -> None:
    visitors = [Client(enforce_csrf_checks=True) for _ in range(2)]
    pages = [visitor.get("/").content.decode() for visitor in visitors]
    tokens = [re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page) for page in pages]
    assert all(len(set(each)) == 1 for each in tokens)
    assert tokens[0][0] != tokens[1][0]
    assert pages[0].replace(tokens[0][0], "") == pages[1].replace(tokens[1][0], "")
    for visitor, (token, *_) in zip(visitors, tokens, strict=True):
        entry = {"csrfmiddlewaretoken": token, "address": "nobody@example.org", "password": "wrong"}
        assert visitor.post("/sign-in/", entry).status_code == 200


def test_what_one_visitor_is_told_or_has_chosen_the_next_one_does_not_see() -> None:
    usual = Page(Client().get("/")).main.text
    in_colours, in_english, signed_out = Client(), Client(), sign_in(newcomer())
    in_colours.cookies["colour-scheme"] = "nordsee"
    in_english.cookies["language"] = "en"
    assert 'data-colour-scheme="nordsee"' in in_colours.get("/").content.decode()
    assert "Welcome" in Page(in_english.get("/")).main.text
    assert "abgemeldet" in Page(signed_out.post("/sign-out/", follow=True)).main.text
    page = Client().get("/")
    assert Page(page).main.text == usual
    assert 'data-colour-scheme="device"' in page.content.decode()
    assert 'value="/?next=%2Fprofile%2F"' in Client().get("/?next=%2Fprofile%2F").content.decode()
