"""The meter: the server's own judgement, given as somebody types, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.operations.passwords import judged_password
from kundenportal.kernel import clock
from kundenportal.web.shared.strength import reason_for, word_for
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from django.test import Client
    from time_machine import TimeMachineFixture

pytestmark = pytest.mark.django_db

PATH = "/password/strength/"
ENTRIES = {
    "kurz": "refused",
    "passwort": "refused",
    "Büro Musterland": "refused",
    "x" * 129: "refused",
    "y" * 5000: "refused",
    "Schützenverein1": "weak",
    "Regen trommelt auf 47 Dachziegel": "strong",
    "Regen\x00trommelt auf 47 Dachziegel": "strong",
    "🦔🌧️🪟🎺🧱🚲🕰️🍐🪁": "strong",
}


def test_it_is_for_whoever_is_signed_in(client: Client) -> None:
    response = client.post(PATH, {"new_password": "kurz"})
    assert response.headers["Location"] == "/?next=/profile/"


def test_it_is_not_asked_by_an_address() -> None:
    client = sign_in(settled())
    assert client.get(PATH, {"new_password": "kurz"}).status_code == 405
    assert client.head(PATH).status_code == 405
    assert "Nicht möglich" not in Page(client.post(f"{PATH}?new_password=kurz")).text


@pytest.mark.parametrize(("entry", "strength"), ENTRIES.items(), ids=range(len(ENTRIES)))
def test_it_judges_as_the_server_does_when_the_password_is_saved(entry: str, strength: str) -> None:
    holder = settled()
    part = Page(sign_in(holder).post(PATH, {"new_password": entry}))
    verdict = judged_password(holder.account, entry)
    assert verdict.strength == strength
    (meter,) = part.all("meter")
    assert meter.attributes["value"] == str(verdict.score)
    assert part.text == f"{word_for(verdict)}: {reason_for(verdict)}"


def test_the_owners_own_words_count_for_the_owner_only() -> None:
    entry = {"new_password": "Kirchenkreis"}
    of_this_one = Page(sign_in(settled()).post(PATH, entry)).text
    stranger = settled("kita@probstadt.example.org", name="Kita Probstadt", organisation="Kita Probstadt")
    assert "besteht aus Ihrem Namen" in of_this_one
    assert "besteht aus Ihrem Namen" not in Page(sign_in(stranger).post(PATH, entry)).text


def test_nothing_typed_is_not_judged() -> None:
    client = sign_in(settled())
    for sent in ({"new_password": ""}, {}):
        part = Page(client.post(PATH, sent))
        assert part.text == ""
        (meter,) = part.all("meter")
        assert meter.attributes["value"] == "0"


@pytest.mark.parametrize("entry", ["geheim-und-schwach", "<b>Regen</b> trommelt auf 47", "Regen & Dachziegel 47 x"])
def test_what_was_typed_is_not_repeated(entry: str) -> None:
    response = sign_in(settled()).post(PATH, {"new_password": entry})
    assert entry not in response.content.decode()
    assert "Regen" not in response.content.decode()
    assert not any(entry in value for value in response.headers.values())


def test_it_is_a_part_of_a_page_and_kept_nowhere() -> None:
    response = sign_in(settled()).post(PATH, {"new_password": "kurz"})
    assert not Page(response).all("html")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.usefixtures("remembered_as_in_a_process")
def test_it_leaves_no_trace_and_asks_the_database_for_little() -> None:
    client = sign_in(settled())
    before = Entry.objects.count()
    with CaptureQueriesContext(connection) as queries:
        client.post(PATH, {"new_password": "Regen trommelt auf 47 Dachziegel"})
    assert Entry.objects.count() == before
    assert len(queries) <= 3
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


def test_it_speaks_the_accounts_language() -> None:
    client = sign_in(settled())
    client.post("/language/", {"language": "en"})
    assert Page(client.post(PATH, {"new_password": "kurz"})).text.startswith("Not possible:")


def test_a_session_that_is_over_is_told_so(time_machine: TimeMachineFixture) -> None:
    client, begin = sign_in(settled()), clock.now()
    time_machine.move_to(begin + timedelta(minutes=31))
    assert client.post(PATH, {"new_password": "kurz"}, headers={"HX-Request": "true"}).status_code == 302
