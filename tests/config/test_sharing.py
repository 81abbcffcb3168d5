"""Several commands of the portal and one database: it is there as long as one of them needs it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from kundenportal.config.env import Environment, read_environment
from kundenportal.config.postgres import EmbeddedPostgres, database_running, embedded_database, places
from kundenportal.config.postgres.predecessors import processes_in
from kundenportal.config.variables import CONNECTIONS_PER_WEB_PROCESS

from .processes import SECONDS_AT_MOST, python

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = """
import sys
from kundenportal.config.env import read_environment
from kundenportal.config.postgres import database_running, embedded_database
import psycopg
environment = read_environment()
with database_running(environment):
    print("ready", flush=True)
    sys.stdin.readline()
    with psycopg.connect(embedded_database(environment).url) as connection:
        connection.execute("INSERT INTO note VALUES ('from a guest')")
print("done", flush=True)
"""


def environment_of(data_dir: Path, **settings: str) -> Environment:
    given = {f"KUNDENPORTAL_{name}": value for name, value in settings.items()}
    return read_environment(given | {"KUNDENPORTAL_DATA_DIR": str(data_dir)})


def notes(environment: Environment) -> list[str]:
    with psycopg.connect(embedded_database(environment).url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM note")]


def test_the_operators_own_database_is_left_to_the_operator(data_dir: Path) -> None:
    with database_running(environment_of(data_dir, DATABASE_URL="postgresql://u:p@db.example.org/portal")):
        assert not data_dir.exists()


def test_the_address_is_known_without_anything_being_started(data_dir: Path) -> None:
    address = embedded_database(environment_of(data_dir))

    assert not data_dir.exists()
    with EmbeddedPostgres(data_dir, fsync=False) as server:
        assert server.address == address


def test_a_command_alone_has_the_database_for_its_time(used_data_dir: Path) -> None:
    with database_running(environment_of(used_data_dir)):
        assert notes(environment_of(used_data_dir)) == ["kept"]

    assert not processes_in(places.cluster(used_data_dir))


def test_a_command_that_fails_leaves_no_database_behind(used_data_dir: Path) -> None:
    with pytest.raises(RuntimeError), database_running(environment_of(used_data_dir)):
        raise RuntimeError

    assert not processes_in(places.cluster(used_data_dir))


def test_a_command_joins_the_database_that_runs(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir, fsync=False) as server:
        pid = server.pid
        with database_running(environment_of(used_data_dir)):
            assert notes(environment_of(used_data_dir)) == ["kept"]

        assert server.pid == pid
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_whoever_started_the_database_waits_for_its_guests(used_data_dir: Path) -> None:
    environment = environment_of(used_data_dir)
    joined, may_leave = threading.Event(), threading.Event()

    def start_first() -> None:
        with database_running(environment):
            joined.set()
            may_leave.wait(SECONDS_AT_MOST)

    host = threading.Thread(target=start_first)
    host.start()
    joined.wait(SECONDS_AT_MOST)
    guest = python(COMMAND, DATA_DIR=used_data_dir)
    assert guest.stdin is not None
    assert guest.stdout is not None
    assert guest.stdout.readline() == "ready\n"
    may_leave.set()
    host.join(0.5)
    assert host.is_alive()
    answer, complaint = guest.communicate("go on\n", SECONDS_AT_MOST)
    host.join(SECONDS_AT_MOST)

    assert (answer, complaint) == ("done\n", "")
    assert not host.is_alive()
    with database_running(environment):
        assert notes(environment) == ["kept", "from a guest"]


def test_there_are_connections_for_as_many_processes_as_are_set(used_data_dir: Path) -> None:
    environment = environment_of(used_data_dir, WEB_PROCESSES="64")

    with database_running(environment), psycopg.connect(embedded_database(environment).url) as connection:
        row = connection.execute("SELECT current_setting('max_connections')::int").fetchone()

    assert row == (64 * CONNECTIONS_PER_WEB_PROCESS + 50,)
