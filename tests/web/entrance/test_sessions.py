"""How long a session lives, and what ends it at once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from factories.accounts import OWN_PASSWORD, chooses, restored
from kundenportal.domain.accounts.models import Session
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import attempt, is_signed_in, newcomer, settled, sign_in, suspend

if TYPE_CHECKING:
    from time_machine import TimeMachineFixture

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
HTMX = {"HX-Request": "true"}


def _key(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_nobody_has_a_session_before_the_sign_in(client: Client) -> None:
    for path in ("/", "/sign-in/help/", "/password/forgotten/", "/profile/"):
        client.get(path)
    attempt(client, settled().address, "falsch")
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert not Session.objects.exists()


def test_the_key_is_new_after_every_sign_in() -> None:
    holder = settled()
    client = sign_in(holder)
    before = _key(client)
    sign_in(holder, client)
    assert _key(client) != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_key_brought_along_is_not_taken_over() -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    sign_in(settled(), client)
    assert _key(client) != "a" * 32


def test_the_key_is_new_after_a_change_of_the_password() -> None:
    client = sign_in(newcomer())
    before = _key(client)
    Page(client.get("/sign-in/first/")).form("save").press(client, "save", new_password=OWN_PASSWORD)
    assert _key(client) != before
    assert is_signed_in(client)
    assert not Session.objects.filter(session_key=before).exists()


def test_half_an_hour_without_a_sign_of_life_ends_it(time_machine: TimeMachineFixture) -> None:
    client, begin = sign_in(settled()), clock.now()
    time_machine.move_to(begin + 29 * MINUTE, tick=False)
    assert is_signed_in(client)
    time_machine.move_to(begin + 58 * MINUTE, tick=False)
    assert is_signed_in(client)
    time_machine.move_to(begin + 88 * MINUTE, tick=False)
    assert not is_signed_in(client)


def test_twelve_hours_end_it_however_busy_it_was(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now(), tick=False)
    client, begin = sign_in(settled()), clock.now()
    for minutes in range(20, 720, 20):
        time_machine.move_to(begin + minutes * MINUTE, tick=False)
        assert is_signed_in(client), minutes
    time_machine.move_to(begin + timedelta(hours=12) - SECOND, tick=False)
    assert is_signed_in(client)
    time_machine.move_to(begin + timedelta(hours=12), tick=False)
    assert not is_signed_in(client)


def test_a_session_that_ended_does_not_come_back(time_machine: TimeMachineFixture) -> None:
    client, begin = sign_in(settled()), clock.now()
    time_machine.move_to(begin + timedelta(hours=12))
    assert not is_signed_in(client)
    time_machine.move_to(begin + MINUTE)
    assert not is_signed_in(client)


def _rest_on(client: Client) -> dict[str, str]:
    """What a page says is left of the session."""
    (session,) = Page(client.get("/")).all("div", id="session")
    return {name: session.attributes[f"data-{name}"] for name in ("seconds", "final")}


def test_every_page_says_what_is_left_of_the_session(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now(), tick=False)
    client, begin = sign_in(settled()), clock.now()
    # Within a minute no sign of life is written down, so the session ends as if this page had not been opened.
    time_machine.move_to(begin + 40 * SECOND, tick=False)
    assert _rest_on(client) == {"seconds": str(30 * 60 - 40), "final": "no"}
    time_machine.move_to(begin + MINUTE, tick=False)
    assert _rest_on(client) == {"seconds": str(30 * 60), "final": "no"}


def test_the_last_half_hour_of_twelve_hours_cannot_be_prolonged(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now(), tick=False)
    client, begin = sign_in(settled()), clock.now()
    for minutes in range(20, 700, 20):
        time_machine.move_to(begin + minutes * MINUTE, tick=False)
        client.get("/")
    time_machine.move_to(begin + 700 * MINUTE, tick=False)
    assert _rest_on(client) == {"seconds": str(20 * 60), "final": "yes"}
    assert client.post("/session/prolong/").json() == {"seconds": 20 * 60, "final": True}


def test_a_session_can_be_prolonged_until_it_ends(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now(), tick=False)
    client, begin = sign_in(settled()), clock.now()
    time_machine.move_to(begin + 30 * MINUTE - SECOND, tick=False)
    assert client.post("/session/prolong/").json() == {"seconds": 30 * 60, "final": False}
    time_machine.move_to(begin + 60 * MINUTE - SECOND, tick=False)
    assert client.post("/session/prolong/").headers["Location"] == "/?next=/"


def test_what_htmx_asks_for_prolongs_the_session_and_says_what_is_left(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now(), tick=False)
    client, begin = sign_in(settled()), clock.now()

    def told(minutes: int, **headers: str) -> str | None:
        time_machine.move_to(begin + minutes * MINUTE, tick=False)
        return client.post("/password/strength/", headers=headers).headers.get("X-Session-Rest")

    assert told(20) is None, "a page says it itself"
    assert json.loads(told(20, **HTMX) or "") == {"seconds": 30 * 60, "final": False}
    for minutes in range(40, 700, 20):
        told(minutes, **HTMX)
    assert json.loads(told(700, **HTMX) or "") == {"seconds": 20 * 60, "final": True}
    assert told(720, **HTMX) is None


def test_what_a_page_asks_for_by_itself_is_no_sign_of_life(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now(), tick=False)
    client, begin = sign_in(settled()), clock.now()
    time_machine.move_to(begin + 20 * MINUTE, tick=False)
    answer = client.post("/password/strength/", headers={**HTMX, "X-Asked-By-Itself": "yes"})
    assert json.loads(answer.headers["X-Session-Rest"]) == {"seconds": 10 * 60, "final": False}
    time_machine.move_to(begin + 31 * MINUTE, tick=False)
    assert not Page(client.get("/")).all("div", id="session")


def test_nobody_is_told_of_a_session_they_do_not_have(client: Client) -> None:
    assert not Page(client.get("/")).all("div", id="session")


def test_looking_at_many_pages_in_a_minute_writes_once(time_machine: TimeMachineFixture) -> None:
    client, begin = sign_in(settled()), clock.now()
    time_machine.move_to(begin + 2 * MINUTE, tick=False)
    client.get("/")
    first = Session.objects.get(session_key=_key(client)).expire_date
    time_machine.move_to(begin + 2 * MINUTE + 30 * SECOND, tick=False)
    client.get("/")
    assert Session.objects.get(session_key=_key(client)).expire_date == first


def test_signing_out_ends_it_for_good() -> None:
    client = sign_in(settled())
    stolen = Client()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = _key(client)
    assert is_signed_in(stolen)
    response = Page(client.get("/")).form("Abmelden").press(client, "Abmelden")
    assert response.headers["Location"] == "/"
    assert "Sie haben sich abgemeldet." in Page(client.get("/")).text
    assert not is_signed_in(client)
    assert not is_signed_in(stolen)


def test_a_suspended_account_is_out_at_once() -> None:
    holder = settled()
    desktop, telephone = sign_in(holder), sign_in(holder)
    suspend(holder)
    assert not is_signed_in(desktop)
    assert not is_signed_in(telephone)
    assert Page(desktop.get("/")).form("Anmelden").has_button("Anmelden")
    assert desktop.post("/profile/", {"name": "Anders"}).headers["Location"] == "/?next=/profile/"


def test_a_session_that_began_just_when_the_account_was_suspended_never_lives() -> None:
    holder = settled()
    client = sign_in(holder)
    row = Session.objects.get(session_key=_key(client))
    suspend(holder)
    row.save(force_insert=True)
    assert not is_signed_in(client)
    restored(holder.account, now=clock.now())
    assert not is_signed_in(client)
    assert is_signed_in(sign_in(holder))


def test_a_new_password_ends_every_other_session_and_keeps_this_one() -> None:
    holder = settled()
    here, elsewhere = sign_in(holder), sign_in(holder)
    form = Page(Page(here.get("/profile/")).form("Profil aktualisieren").press(here, "Neues Passwort erstellen"))
    response = form.form("Profil aktualisieren").press(here, "Profil aktualisieren")
    assert response.headers["Location"] == "/profile/"
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_a_password_changed_somewhere_else_ends_every_session() -> None:
    holder = settled()
    client = sign_in(holder)
    chooses(holder.account, "Ganz-Anderes-Kennwort-77", now=clock.now())
    assert not is_signed_in(client)
