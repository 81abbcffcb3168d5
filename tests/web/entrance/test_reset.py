"""Forgot the password: ask, look into the inbox, open the link, choose, sign in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from django.conf import settings as portal
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories.accounts import OWN_PASSWORD
from factories.resets import NEW_PASSWORD
from factories.statements import asked
from kundenportal.domain.accounts.operations import AddressMalformed
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials.operations import passwords, resets
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import TooBusy
from web.pages import Page
from web.residents import (
    ADDRESS,
    asks_for_link,
    attempt,
    is_signed_in,
    letter_holder,
    newcomer,
    settled,
    sign_in,
    suspend,
)

if TYPE_CHECKING:
    from pytest_django import Settings
    from time_machine import TimeMachineFixture

    from web.pages import Response

pytestmark = pytest.mark.django_db

ASK, CHOOSE = "/password/forgotten/", "/password/choose/"
DONE, STRENGTH = f"{CHOOSE}done/", f"{CHOOSE}strength/"
WEAK = "Schützenverein1"


def opened(client: Client, link: str) -> Page:
    """The page a link leads to."""
    return Page(client.get(client.get(link).headers["Location"]))


def chooses(client: Client, link: str, password: str = NEW_PASSWORD) -> Response:
    """The answer to whoever opens the link and saves this password."""
    return opened(client, link).form("save").press(client, "save", new_password=password)


# Ask


def test_the_page_asks_for_the_address_and_nothing_else(client: Client) -> None:
    response = client.get(ASK)
    page = Page(response)
    assert page.heading == "Passwort vergessen?"
    assert set(page.form("Link zusenden").fields) == {"csrfmiddlewaretoken", "address"}
    assert page.control("address").attributes["autocomplete"] == "username"
    assert "no-store" in response.headers["Cache-Control"]


def test_whoever_asks_sees_where_the_mail_goes_and_what_to_do_next(client: Client) -> None:
    form = Page(client.get(ASK)).form("Link zusenden")
    page = Page(form.press(client, "Link zusenden", address=f" {ADDRESS.upper()}"))
    assert page.heading == "Bitte sehen Sie in Ihrem Postfach nach"
    assert f"Wir schreiben an {ADDRESS}" in page.main.text
    assert "60 Minuten" in page.main.text
    assert "Spam" in page.main.text
    assert OutgoingMail.objects.get().recipient == ADDRESS


def test_a_button_that_only_scripts_bring_is_spoken_of_only_with_them(client: Client) -> None:
    main = Page(client.get("/password/forgotten/")).main
    with_scripts = [each.text for each in main.all("span", **{"class": "needs-script"})]
    assert with_scripts == ["„Anzeigen“ neben dem Feld lässt Sie mitlesen, was Sie eingeben."]


def test_it_speaks_english_too(client: Client) -> None:
    client.post("/language/", {"language": "en"})
    page = Page(client.post(ASK, {"address": ADDRESS}))
    assert page.heading == "Please look into your inbox"
    assert "works once and for 60 minutes" in page.main.text


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("", "Bitte geben Sie Ihre E-Mail-Adresse an."),
        ("buero(at)musterland", "Das ist keine E-Mail-Adresse."),
        ("a@" + "b" * 300 + ".de", "höchstens 254"),
    ],
)
def test_what_is_no_address_is_said_at_the_field_and_kept(client: Client, entry: str, sentence: str) -> None:
    page = Page(client.post(ASK, {"address": entry}))
    assert sentence in page.errors["id_address"]
    assert page.control("address").attributes.get("value", "") == entry
    assert not OutgoingMail.objects.exists()


def test_what_only_the_domain_refuses_is_said_in_the_same_words(client: Client) -> None:
    with patch.object(resets, "ask", side_effect=AddressMalformed):
        page = Page(client.post(ASK, {"address": ADDRESS}))
    assert "Das ist keine E-Mail-Adresse." in page.errors["id_address"]


def test_after_a_wrong_entry_the_address_goes_along_but_in_no_address_bar(client: Client) -> None:
    start = Page(attempt(client, ADDRESS, "falsch"))
    assert not OutgoingMail.objects.exists(), "nobody has pressed the button yet"
    button = "Link für ein neues Passwort zusenden"
    page = Page(start.form(button).press(client, button))
    assert f"Wir schreiben an {ADDRESS}" in page.main.text
    assert "Passwort vergessen?" in start.links


def test_an_untouched_page_sends_nothing_by_one_press(client: Client) -> None:
    assert "Link für ein neues Passwort zusenden" not in Page(client.get("/")).text


def test_the_locked_page_asks_with_one_press(client: Client) -> None:
    settled()
    for _ in range(5):
        attempt(client, ADDRESS, "falsch")
    locked = Page(attempt(client, ADDRESS, "falsch"))
    page = Page(locked.form("Link zusenden").press(client, "Link zusenden"))
    assert f"Wir schreiben an {ADDRESS}" in page.main.text


def test_asking_is_a_form_of_the_portal(client: Client) -> None:
    assert Client(enforce_csrf_checks=True).post(ASK, {"address": ADDRESS}).status_code == 403


# Open


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_link_changes_nothing_however_often_and_by_whatever(method: str) -> None:
    settled()
    link = asks_for_link()
    with CaptureQueriesContext(connection) as queries:
        for scanner in [Client() for _ in range(3)] * 2:
            response = getattr(scanner, method)(link)
            assert response.status_code == 302
            getattr(scanner, method)(response.headers["Location"])
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert chooses(Client(), link).headers["Location"] == DONE


def test_opening_a_link_asks_nobody_anything_and_leads_to_an_address_without_the_token() -> None:
    settled()
    client, link = Client(), asks_for_link()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(link)
    assert asked(queries) == []
    assert response.headers["Location"] == CHOOSE
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response.headers["Cache-Control"]
    page = client.get(CHOOSE)
    assert "no-store" in page.headers["Cache-Control"]
    assert link.split("/")[-2] not in re.sub(r'name="token"\s+value="\w+"', "", page.content.decode())


def test_the_cookie_that_hands_the_token_on_is_short_lived_and_for_these_pages_only(settings: Settings) -> None:
    settled()
    client, link = Client(), asks_for_link()
    settings.SESSION_COOKIE_SECURE = True
    cookie = client.get(link, secure=True).cookies[portal.RESET_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == (CHOOSE, "Lax", 3600)


@pytest.mark.parametrize("token", ["x", "a" * 26, "a" * 5000, "%00", "ä", "';--"])
def test_what_is_no_token_is_an_incomplete_link(client: Client, token: str) -> None:
    page = opened(client, f"/password/choose/{token}/")
    assert page.status == 404
    assert page.heading == "Dieser Link ist nicht vollständig"
    assert page.main.all("a", href=ASK)


def test_without_its_cookie_the_page_says_that_it_may_be_refused_or_over(client: Client) -> None:
    settled()
    client.get(asks_for_link())
    del client.cookies[portal.RESET_COOKIE_NAME]
    page = Page(client.get(CHOOSE))
    assert (page.status, page.heading) == (404, "Bitte öffnen Sie den Link noch einmal")
    assert "60 Minuten lang, und nur in einem Browser, der Cookies annimmt" in page.main.text
    (another,) = page.main.all("a", href=ASK)
    assert another.text == "Neuen Link zusenden"


def test_a_link_is_opened_but_not_sent_to(client: Client) -> None:
    settled()
    link = asks_for_link()
    assert client.post(link, {"new_password": NEW_PASSWORD}).status_code == 405
    assert client.post(DONE).status_code == 405
    assert client.get(STRENGTH).status_code == 405


# Choose


def test_the_page_has_the_same_password_part_as_the_profile(client: Client) -> None:
    settled()
    page = opened(client, asks_for_link())
    assert page.heading == "Ein neues Passwort wählen"
    assert ADDRESS in page.main.text
    field, name = page.control("new_password").attributes, page.control("username").attributes
    assert (field["autocomplete"], field["type"], field["hx-post"]) == ("new-password", "text", STRENGTH)
    assert (name["autocomplete"], name["value"]) == ("username", ADDRESS)
    assert len(field["value"]) >= 16
    assert "Stark:" in page.main.text
    assert page.main.all("input", name="confirm_weak")
    assert page.form("another-suggestion").has_button("Anderer Vorschlag")


def test_another_suggestion_is_another_one(client: Client) -> None:
    settled()
    page = opened(client, asks_for_link())
    another = Page(page.form("save").press(client, "another-suggestion"))
    assert another.control("new_password").attributes["value"] != page.control("new_password").attributes["value"]
    assert another.errors == {}


def test_the_new_password_is_saved_and_the_page_leads_to_the_sign_in(client: Client) -> None:
    settled()
    response = chooses(client, asks_for_link())
    assert (response.status_code, response.headers["Location"]) == (302, DONE)
    page = Page(client.get(DONE))
    assert page.heading == "Ihr neues Passwort ist aktiv"
    assert "Sie sind auf allen Geräten abgemeldet" in page.main.text
    assert not is_signed_in(client), "a reset does not sign in by itself"
    assert page.links["Anmelden"] == f"{DONE}?sign-in"
    form = Page(client.get(f"{DONE}?sign-in")).form("Anmelden")
    assert form.fields["address"] == ADDRESS
    assert form.press(client, "Anmelden", password=NEW_PASSWORD).status_code == 302
    assert is_signed_in(client)


def test_done_is_said_only_to_who_has_done_it(client: Client) -> None:
    settled()
    assert client.get(DONE).headers["Location"] == CHOOSE
    client.get(asks_for_link())
    assert client.get(DONE).headers["Location"] == CHOOSE


@pytest.mark.parametrize(
    ("password", "field", "words"),
    [
        ("kurz7", "id_new_password", "mindestens 8 Zeichen"),
        ("passwort", "id_new_password", "zuerst ausprobiert"),
        ("Büro Musterland", "id_new_password", "Ihrem Namen"),
        (WEAK, "id_confirm_weak", "Dieses Passwort ist schwach."),
        ("", "id_new_password", "Bitte geben Sie ein Passwort ein"),
    ],
)
def test_a_refused_password_keeps_the_link_and_the_entry(client: Client, password: str, field: str, words: str) -> None:
    settled()
    link = asks_for_link()
    page = Page(chooses(client, link, password))
    assert page.status == 200
    assert words in page.errors[field]
    assert page.control("new_password").attributes["value"] == password
    assert page.form("save").press(client, "save", new_password=NEW_PASSWORD).headers["Location"] == DONE


def test_a_weak_password_is_taken_with_its_tick_but_not_from_staff() -> None:
    settled()
    form = opened(Client(), asks_for_link()).form("save")
    assert form.press(Client(), "save", new_password=WEAK, confirm_weak="on").headers["Location"] == DONE
    clerk = settled("dienst@example.org", role=Role.DESK)
    page = opened(Client(), asks_for_link(clerk.address))
    assert not page.main.all("input", name="confirm_weak")
    refused = Page(page.form("save").press(Client(), "save", new_password=WEAK))
    assert "Mit Ihrer Rolle" in refused.errors["id_new_password"]


def test_a_portal_that_is_too_busy_keeps_the_link_and_the_entry(client: Client) -> None:
    settled()
    link = asks_for_link()
    with patch.object(passwords, "hashed", side_effect=TooBusy):
        page = Page(chooses(client, link))
    assert page.control("new_password").attributes["value"] == NEW_PASSWORD
    assert page.all("div", role="alert")
    assert chooses(client, link).headers["Location"] == DONE


def test_two_links_opened_side_by_side_are_not_taken_for_one_another(client: Client) -> None:
    settled()
    other = settled("kita@probstadt.example.org")
    first = opened(client, asks_for_link())
    opened(client, asks_for_link(other.address))
    first.form("save").press(client, "save", new_password=NEW_PASSWORD)
    assert Page(client.get(f"{DONE}?sign-in")).form("Anmelden").fields["address"] == ADDRESS
    assert attempt(Client(), ADDRESS, NEW_PASSWORD).status_code == 302
    assert attempt(Client(), other.address, OWN_PASSWORD).status_code == 302


def test_the_password_is_asked_for_by_the_portals_own_form_only() -> None:
    settled()
    strict, link = Client(enforce_csrf_checks=True), asks_for_link()
    opened(strict, link)
    assert strict.post(CHOOSE, {"action": "save", "new_password": NEW_PASSWORD}).status_code == 403


def test_other_sessions_end_and_the_owner_is_told() -> None:
    elsewhere = sign_in(settled())
    chooses(Client(), asks_for_link())
    assert not is_signed_in(elsewhere)
    deliver_due_mails(clock=clock.now)
    assert "Ihr Passwort wurde geändert" in mail.outbox[-1].subject


def test_a_reset_lifts_the_lockout_and_makes_the_browser_known(client: Client) -> None:
    settled()
    stranger = Client()
    for _ in range(6):
        locked = attempt(stranger, ADDRESS, "falsch")
    assert locked.status_code == 403
    chooses(client, asks_for_link())
    for _ in range(5):
        attempt(stranger, ADDRESS, "falsch")
    assert attempt(stranger, ADDRESS, NEW_PASSWORD).status_code == 403
    assert attempt(client, ADDRESS, NEW_PASSWORD).status_code == 302


def test_whoever_is_signed_in_may_use_it_too() -> None:
    client = sign_in(settled())
    assert Page(client.get(ASK)).heading == "Passwort vergessen?"
    assert chooses(client, asks_for_link()).headers["Location"] == DONE
    assert not is_signed_in(client)
    assert Page(client.get(DONE)).heading == "Ihr neues Passwort ist aktiv"


def test_where_an_own_password_is_compulsory_a_link_is_a_way_to_it(settings: Settings) -> None:
    settings.OWN_PASSWORD_REQUIRED = True
    client = sign_in(newcomer())
    assert chooses(client, asks_for_link()).headers["Location"] == DONE


def test_within_the_four_weeks_it_is_the_first_sign_in() -> None:
    holder, client = letter_holder(), Client()
    chooses(client, asks_for_link())
    assert "passen nicht zusammen" in Page(attempt(Client(), ADDRESS, holder.password)).text
    assert attempt(client, ADDRESS, NEW_PASSWORD).headers["Location"] == "/", "no other password is asked for"


# Links that are worth nothing


def test_a_used_link_says_so_and_a_new_one_is_one_press_away(client: Client) -> None:
    settled()
    link = asks_for_link()
    chooses(client, link)
    page = opened(Client(), link)
    assert (page.status, page.heading) == (410, "Dieser Link ist schon benutzt")
    (primary,) = [each for each in page.main.walk() if "button--primary" in each.attributes.get("class", "")]
    assert (primary.text, primary.attributes["href"]) == ("Zurück zur Anmeldung", "/"), "most have just come from there"
    again = Page(page.form("Neuen Link zusenden").press(client, "Neuen Link zusenden"))
    assert f"Wir schreiben an {ADDRESS}" in again.main.text


def test_a_page_left_open_is_told_that_its_link_was_used_meanwhile() -> None:
    settled()
    slow, link = Client(), asks_for_link()
    page = opened(slow, link)
    chooses(Client(), link)
    told = Page(page.form("save").press(slow, "save", new_password="Ein-anderes-Passwort-62-Kiesel"))
    assert (told.status, told.heading) == (410, "Dieser Link ist schon benutzt")
    assert attempt(Client(), ADDRESS, NEW_PASSWORD).status_code == 302


def test_an_older_link_says_that_there_is_a_newer_one(client: Client) -> None:
    settled()
    older, newer = asks_for_link(), asks_for_link()
    page = opened(client, older)
    assert (page.status, page.heading) == (410, "Dieser Link gilt nicht mehr")
    assert page.form("Neuen Link zusenden").fields["address"] == ADDRESS
    assert chooses(client, newer).headers["Location"] == DONE


def test_a_link_older_than_an_hour_says_so(client: Client, time_machine: TimeMachineFixture) -> None:
    settled()
    link, begin = asks_for_link(), clock.now()
    time_machine.move_to(begin + timedelta(minutes=60))
    page = opened(client, link)
    assert (page.status, page.heading) == (410, "Dieser Link ist abgelaufen")
    assert "60 Minuten" in page.main.text
    assert page.form("Neuen Link zusenden").fields["address"] == ADDRESS


def test_suspended_since_and_expired_since_are_said_with_the_way_on(
    client: Client, time_machine: TimeMachineFixture
) -> None:
    holder = settled()
    link = asks_for_link()
    suspend(holder)
    page = opened(client, link)
    assert (page.status, page.heading) == (403, "Ihr Zugang ist ausgesetzt")
    assert not page.main.all("form")
    assert page.main.all("a", href="mailto:hr@comramo.de")
    late = letter_holder("kita@probstadt.example.org", now=clock.now() - timedelta(days=28) + timedelta(minutes=5))
    link = asks_for_link(late.address)
    time_machine.move_to(clock.now() + timedelta(minutes=6))
    page = opened(client, link)
    assert (page.status, page.heading) == (200, "Das zugesandte Passwort ist abgelaufen")
    assert "Es war richtig" not in page.main.text
    button = "Neue Zugangsdaten anfordern"
    assert Page(page.form(button).press(Client(), button)).heading == "Ihre Anfrage ist bei uns"


def test_these_pages_speak_english_too(client: Client) -> None:
    settled()
    link = asks_for_link()
    chooses(client, link)
    client.post("/language/", {"language": "en"})
    assert Page(client.get(DONE)).heading == "Your new password is active"
    assert opened(client, link).heading == "This link has been used"
    assert opened(client, asks_for_link()).heading == "Choose a new password"


# The meter


def test_the_meter_judges_for_the_account_behind_the_link(client: Client) -> None:
    settled()
    opened(client, asks_for_link())
    assert "Ihrem Namen" in Page(client.post(STRENGTH, {"new_password": "Kirchenkreis"})).text
    assert Page(client.post(STRENGTH, {"new_password": NEW_PASSWORD})).text.startswith("Stark:")


def test_the_meter_judges_nothing_without_a_live_link(client: Client) -> None:
    settled()
    link = asks_for_link()
    assert Page(client.post(STRENGTH, {"new_password": NEW_PASSWORD})).text == ""
    chooses(client, link)
    assert Page(client.post(STRENGTH, {"new_password": NEW_PASSWORD})).text == ""


# Password managers


def test_password_managers_are_led_to_where_a_password_is_changed(client: Client) -> None:
    assert client.get("/.well-known/change-password").headers["Location"] == ASK
    response = sign_in(settled()).get("/.well-known/change-password")
    assert response.headers["Location"] == "/profile/#password"
