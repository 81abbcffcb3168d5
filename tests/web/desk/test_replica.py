"""Files are read from a replica that really follows the database of the tests, and are whole whatever becomes of it."""

from __future__ import annotations

import csv
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.test.utils import CaptureQueriesContext

from config.processes import eventually
from factories.accounts import AT_HOME
from factories.replica import replica as replica_of_the_tests
from kundenportal.config.doctor import replica as doctor
from kundenportal.config.settings.database import OF_A_REPLICA, database_at
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.kernel import clock, replica
from kundenportal.web.watch.figures import Figures
from web.residents import issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import StreamingHttpResponse
    from django.test import Client

    from factories.replica import Replica

pytestmark = pytest.mark.django_db(transaction=True, databases=[DEFAULT_DB_ALIAS, replica.REPLICA])

ACCOUNTS, TRAIL = "/desk/accounts/export/?format=csv&sort=address", "/desk/trail/export/"
ADDRESSES = [*(f"kita-{number}@example.org" for number in range(4)), "leitung@example.org"]
SAID = "the read replica is not asked, the database itself answers: "


@pytest.fixture(scope="module", autouse=True)
def server(django_db_setup: None) -> Iterator[Replica]:
    """A replica of the server of this run, which the portal knows."""
    with replica_of_the_tests() as running:
        known = database_at(replace(running.address, name=str(connection.settings_dict["NAME"])), OF_A_REPLICA)
        # A mirror is not emptied after each test.
        tests = connections.settings[DEFAULT_DB_ALIAS]["TEST"] | {"MIRROR": DEFAULT_DB_ALIAS}
        connections.settings[replica.REPLICA] = connections.settings[DEFAULT_DB_ALIAS] | known | {"TEST": tests}
        yield running
        connections[replica.REPLICA].close()
        del connections[replica.REPLICA], connections.settings[replica.REPLICA]


@pytest.fixture
def following(server: Replica, lead: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """So few rows are read at a time that every file takes several, and the replica has nothing in its way."""
    monkeypatch.setattr(replica, "ROWS_AT_A_TIME", 2)
    with connection.cursor() as cursor:
        # The server of the tests forgets easily, so that it is fast; what a replica has it must have written down.
        cursor.execute("SET synchronous_commit = on")
    for address in ADDRESSES[:-1]:
        issue(address)
    yield server
    server.tell("SELECT pg_wal_replay_resume()")


def _lines(response: StreamingHttpResponse) -> Iterator[list[str]]:
    """The rows of the file, each as it is sent."""
    return csv.reader((line.decode() for line in response), delimiter=";")


def _save(lead: Client, path: str) -> tuple[list[list[str]], int]:
    """The rows of a file, and how many questions the replica was asked for it."""
    with CaptureQueriesContext(connections[replica.REPLICA]) as asked:
        _head, *rows = _lines(lead.get(path))  # type: ignore[arg-type]
    return rows, len([each for each in asked.captured_queries if "accounts_account" in each["sql"]])


def test_what_files_hold_is_read_from_the_replica(following: Replica, lead: Client) -> None:
    lines = _lines(lead.get(ACCOUNTS))  # type: ignore[arg-type]
    next(lines)
    assert next(lines)[1] == ADDRESSES[0]
    # From here on it knows no more than it does now.
    following.tell("SELECT pg_wal_replay_pause()")
    Account.objects.update(name="Umbenannt")
    later = list(lines)
    assert [row[1] for row in later] == ADDRESSES[1:]
    assert "Umbenannt" not in {row[0] for row in later}
    following.tell("SELECT pg_wal_replay_resume()")
    # A new file has what has just happened, the account's and the trail's own entry included.
    assert {row[0] for row in _save(lead, ACCOUNTS)[0]} == {"Umbenannt"}
    audit.record(Event.PROFILE_UPDATED, now=clock.now(), origin=AT_HOME)
    rows, asked = _save(lead, TRAIL)
    *before, saved = Entry.objects.order_by("pk")
    assert len(rows) == len(before)
    assert (saved.event, saved.details) == (Event.TRAIL_EXPORTED, {"number": len(rows)})
    assert asked > 5


@pytest.mark.parametrize("is_asked", [True, False], ids=["with a replica", "without one"])
def test_while_a_file_is_taken_the_connection_is_others(
    following: Replica, monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    monkeypatch.setattr(replica, "is_set", lambda: is_asked)
    numbers = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # as where connections are pooled
    connection.close()
    held = []
    for account in replica.rows(numbers, lambda some, alias: Account.objects.using(alias).in_bulk(some)):
        held.append(connection.connection is not None)
        assert account.pk == numbers[len(held) - 1]
    assert held == [False] * len(numbers)


def test_a_file_is_finished_by_the_database_when_the_replica_goes_away(
    following: Replica, lead: Client, caplog: pytest.LogCaptureFixture
) -> None:
    lines = _lines(lead.get(ACCOUNTS))  # type: ignore[arg-type]
    next(lines)
    first = next(lines)
    following.rest()
    try:
        assert [row[1] for row in (first, *lines)] == ADDRESSES
        _head, *rows = _lines(lead.get(ACCOUNTS))  # type: ignore[arg-type]
        assert [row[1] for row in rows] == ADDRESSES
        assert len([text for text in caplog.messages if text.startswith(SAID)]) == 2
        assert doctor.finding().level == "warning"
    finally:
        following.start_again()
    assert doctor.finding().level == "ok"


def test_a_replica_that_lags_too_far_is_not_asked(
    following: Replica, lead: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "SECONDS_TO_CATCH_UP", 0.1)
    following.tell("SELECT pg_wal_replay_pause()")
    Account.objects.update(name="Umbenannt")
    rows, asked = _save(lead, ACCOUNTS)
    assert [row[:2] for row in rows] == [["Umbenannt", address] for address in ADDRESSES]
    assert not asked
    assert [text for text in caplog.messages if "seconds behind" in text]
    assert "paused replay" in doctor.finding().advice


def _figures() -> dict[str, float]:
    told = {sample.name: sample.value for family in Figures().collect() for sample in family.samples}
    assert told["kundenportal_database_up"] == 1
    return {name: value for name, value in told.items() if name.startswith("kundenportal_replica_")}


def test_the_figures_say_whether_it_is_there_and_how_far_behind(following: Replica) -> None:
    up, lag = "kundenportal_replica_up", "kundenportal_replica_lag_seconds"
    assert replica.unfit_because()[0] is None  # it has caught up
    eventually(lambda: _figures() == {up: 1, lag: 0})  # what the server writes of its own accord takes a moment, too
    following.tell("SELECT pg_wal_replay_pause()")
    Account.objects.update(name="Umbenannt")
    first, second = _figures(), _figures()
    assert 0 < first[lag] < second[lag]
    following.rest()
    try:
        assert _figures() == {up: 0}
    finally:
        following.start_again()
    assert _figures()[up] == 1


def test_what_the_replica_gives_up_to_keep_up_is_asked_of_the_database(
    following: Replica, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = list(Account.objects.order_by("pk").values_list("pk", flat=True))

    def read(some: Sequence[int], database: str) -> dict[int, str]:
        slowly = "pg_sleep(60)" if database == replica.REPLICA else "''"
        with connections[database].cursor() as cursor:
            cursor.execute(f"SELECT id, address || {slowly} FROM accounts_account WHERE id = ANY(%s)", [list(some)])
            return dict(cursor.fetchall())

    def clear_away() -> None:
        """Takes away rows that whoever is asking the replica could still see."""
        with psycopg.connect(host=following.address.host, dbname="postgres", user="postgres", autocommit=True) as there:
            asking = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
            eventually(lambda: there.execute(asking).fetchone())
        try:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE accounts_account SET name = name")
                cursor.execute("VACUUM accounts_account")
        finally:
            connection.close()

    other = Thread(target=clear_away)
    other.start()
    try:
        assert list(replica.rows(numbers, read)) == list(
            Account.objects.order_by("pk").values_list("address", flat=True)
        )
    finally:
        other.join()
    assert [text for text in caplog.messages if "conflict with recovery" in text]


@pytest.mark.parametrize(
    ("name", "reason"), [("", "follows no other database"), ("kundenportal", "no copy of the portal's database")]
)
def test_what_is_no_replica_is_not_asked(
    following: Replica,
    lead: Client,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    reason: str,
) -> None:
    primary, known = connection.settings_dict, connections[replica.REPLICA].settings_dict
    monkeypatch.setitem(known, "HOST", primary["HOST"])
    monkeypatch.setitem(known, "NAME", name or primary["NAME"])
    assert [row[1] for row in _save(lead, ACCOUNTS)[0]] == ADDRESSES
    assert [text for text in caplog.messages if reason in text]
    assert "Name " in doctor.finding().advice


def test_nothing_is_written_there_even_if_it_could_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections[replica.REPLICA].settings_dict, "HOST", connection.settings_dict["HOST"])
    with connections[replica.REPLICA].cursor() as cursor, pytest.raises(Error, match="read-only"):
        cursor.execute("DELETE FROM accounts_account")
    connections[replica.REPLICA].close()


def test_no_question_of_djangos_own_goes_to_the_replica(following: Replica, lead: Client) -> None:
    with CaptureQueriesContext(connections[replica.REPLICA]) as asked:
        assert lead.get("/desk/accounts/").status_code == 200
        assert lead.get("/desk/trail/").status_code == 200
    assert not asked.captured_queries
