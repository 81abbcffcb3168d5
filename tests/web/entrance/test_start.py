from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from web.pages import Page
from web.residents import newcomer, sign_in

if TYPE_CHECKING:
    from django.test import Client
    from time_machine import TimeMachineFixture

pytestmark = pytest.mark.django_db


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
    assert re.search("per E-Mail .* Zugang", page.main.text, re.IGNORECASE)
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
