"""One database, several of our processes: whoever comes first runs it, the others are its guests."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from kundenportal.config.postgres.failures import DatabaseUnavailable, DataDirectoryInUse
from kundenportal.config.postgres.lock import Lock
from kundenportal.config.postgres.server import EmbeddedPostgres
from kundenportal.config.variables import CONNECTIONS_PER_WEB_PROCESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.env import Environment

SECONDS_TO_JOIN = 60
SECONDS_FOR_GUESTS_TO_LEAVE = 60
SECONDS_BETWEEN_TRIES = 0.05
CONNECTIONS_BESIDE_THE_WEB = 50  # of workers, a reader, a backup, commands; some are kept for superusers


def embedded_postgres(environment: Environment) -> EmbeddedPostgres:
    """The database of a data directory, with room for as many connections as the settings can ask for."""
    wanted = CONNECTIONS_BESIDE_THE_WEB + CONNECTIONS_PER_WEB_PROCESS * environment.web_processes
    return EmbeddedPostgres(environment.data_dir, max_connections=wanted)


@contextmanager
def database_running(environment: Environment) -> Iterator[None]:
    """The database answers meanwhile: the operator's own, one that runs already, or one started for this."""
    if environment.database is not None:
        yield
        return
    server = embedded_postgres(environment)
    guests = _guests_of(environment)
    if _runs_it_ourselves(server, guests):
        try:
            yield
            _wait_for_guests_to_leave(guests)
        finally:
            server.stop()
            guests.release()
    else:
        try:
            yield
        finally:
            guests.release()


@contextmanager
def without_guests(environment: Environment) -> Iterator[None]:
    """Whatever database is run meanwhile, no other process of ours joins it; raises DataDirectoryInUse."""
    guests = _guests_of(environment)
    if not guests.acquire():
        raise DataDirectoryInUse(f"The database in {environment.data_dir} is in use.")
    try:
        yield
    finally:
        guests.release()


def _guests_of(environment: Environment) -> Lock:
    return Lock(environment.data_dir / "guests")


def _runs_it_ourselves(server: EmbeddedPostgres, guests: Lock) -> bool:
    deadline = time.monotonic() + SECONDS_TO_JOIN
    while True:
        try:
            server.start()
        except DataDirectoryInUse as refusal:
            # Guests register before they look: a host that is about to stop waits for them from then on.
            if guests.share():
                if _answers(server):
                    return False
                guests.release()
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(f"{refusal} Its database does not answer.") from None
            time.sleep(SECONDS_BETWEEN_TRIES)
        else:
            return True


def _wait_for_guests_to_leave(guests: Lock) -> None:
    deadline = time.monotonic() + SECONDS_FOR_GUESTS_TO_LEAVE
    while not guests.acquire() and time.monotonic() < deadline:
        time.sleep(SECONDS_BETWEEN_TRIES)


def _answers(server: EmbeddedPostgres) -> bool:
    try:
        with psycopg.connect(server.url, connect_timeout=2):
            return True
    except psycopg.OperationalError:
        return False
