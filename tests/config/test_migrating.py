"""That tables are brought up to date, whoever else starts meanwhile and however often it is broken off."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from factories.databases import connected_to, new_database
from factories.stock import ready_database
from kundenportal.config.commands import ONE_MIGRATION_AT_A_TIME, migrate, set_up_django

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker

    from kundenportal.config.addresses import DatabaseAddress

BEFORE = ("credentials", "0011_routes_of_checks")
TABLE, INDEX = "credentials_accessletter", "newest_letters_of_accounts"
WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'SELECT pg\\_%advisory\\_lock(%'
"""
STANDS = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"
PATIENCE = 60  # seconds


@pytest.fixture
def older(django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseAddress]:
    """A database from before an index that is built concurrently; Django is connected to it."""
    set_up_django()
    name = f"older_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with new_database(name, like=ready_database()) as address, django_db_blocker.unblock(), connected_to(address):
        call_command("migrate", *BEFORE, interactive=False, verbosity=0)
        yield address


def migrate_elsewhere() -> None:
    """As another start of the portal does it."""
    try:
        migrate()
    finally:
        connection.close()


def test_of_two_starts_at_once_the_one_that_waits_is_not_waited_for(older: DatabaseAddress) -> None:
    with ThreadPoolExecutor() as starts, psycopg.connect(older.url, autocommit=True) as third:
        third.execute("SELECT pg_advisory_lock(%s)", [ONE_MIGRATION_AT_A_TIME])
        both = [starts.submit(migrate_elsewhere) for _ in range(2)]
        given_up_at = time.monotonic() + PATIENCE
        while third.execute(WAITING).fetchone() != (2,) and time.monotonic() < given_up_at:
            time.sleep(0.05)
        third.execute("SELECT pg_advisory_unlock(%s)", [ONE_MIGRATION_AT_A_TIME])
        for start in both:
            start.result(timeout=PATIENCE)

    call_command("migrate", check_unapplied=True, verbosity=0)  # would end the tests


def test_an_index_whose_building_was_broken_off_is_built_anew(older: DatabaseAddress) -> None:
    with psycopg.connect(older.url) as other, connection.cursor() as cursor:
        other.execute(f"LOCK TABLE {TABLE} IN ROW EXCLUSIVE MODE")  # as whoever is writing there
        cursor.execute("SET lock_timeout = '0.2s'")
        with pytest.raises(OperationalError, match="lock timeout"):
            migrate()
        cursor.execute("RESET lock_timeout")
        cursor.execute(STANDS, [INDEX])
        assert cursor.fetchone() == (False,)
        other.rollback()

        migrate()

        cursor.execute(STANDS, [INDEX])
        assert cursor.fetchone() == (True,)
    call_command("migrate", check_unapplied=True, verbosity=0)  # would end the tests
