"""The operator's read replica, of which, beside how it is, one thing only is asked: what the rows of a long list hold.

Which rows those are, and in which order, the database itself has said before. So a file can neither end half-way nor
lack what has just happened, whatever becomes of the replica: what it does not answer is asked of the database itself.
"""

from __future__ import annotations

import logging
import time
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from django.db import DEFAULT_DB_ALIAS, Error, connections

from kundenportal.kernel.connections import leave_connection
from kundenportal.kernel.reasons import first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.backends.utils import CursorWrapper

Row = TypeVar("Row")

REPLICA = "replica"  # in settings.DATABASES; nothing else may name it
ROWS_AT_A_TIME = 500
SECONDS_TO_CATCH_UP = 3.0  # it lags too far if it takes longer to have what the database has now
SECONDS_BETWEEN_LOOKS = 0.05
# Of what the database had written down when it was asked, by its clock; a replica just started does not say.
BEHIND = """
    SELECT CASE WHEN pg_last_wal_replay_lsn() >= %s::pg_lsn THEN 0 ELSE
        coalesce(extract(epoch FROM %s::timestamptz - pg_last_xact_replay_timestamp()), 'NaN')
    END
"""
WHICH = (
    "(SELECT system_identifier FROM pg_control_system()), "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)

logger = logging.getLogger("kundenportal.replica")


class Unfit(Enum):
    """Why a replica is not asked."""

    AWAY = "it cannot be asked"
    ANOTHERS = "it is no copy of the portal's database"
    ITSELF_A_DATABASE = "it follows no other database"
    BEHIND = f"it is more than {SECONDS_TO_CATCH_UP:.0f} seconds behind"


def is_set() -> bool:
    """Whether the operator has named one."""
    return REPLICA in connections.settings


def rows(numbers: Sequence[int], read: Callable[[Sequence[int], str], Mapping[int, Row]]) -> Iterator[Row]:
    """The rows with these numbers, in this order, as far as they still exist; a few hundred in memory at a time.

    `read` looks some of them up in the database whose alias it is given. The numbers are to be looked up before.
    """
    database = DEFAULT_DB_ALIAS
    try:
        if is_set() and numbers:
            unfit, words = unfit_because()
            database = REPLICA if unfit is None else _instead(words)
        for begin in range(0, len(numbers), ROWS_AT_A_TIME):
            some = numbers[begin : begin + ROWS_AT_A_TIME]
            found: dict[int, Row] = {}
            if database == REPLICA:
                try:
                    found = dict(read(some, REPLICA))
                except Error as fault:  # it went away, or had to choose between us and keeping up with the database
                    database = _instead(first_line(fault))
            # What it has not is most likely deleted by now; only the database itself can say so.
            if missing := [number for number in some if number not in found]:
                found |= read(missing, DEFAULT_DB_ALIAS)
            leave_connection()  # whoever saves the file may be slow to take it
            yield from (found[number] for number in some if number in found)
    finally:
        # Files are seldom saved: no connection waits for the next.
        if is_set():
            connections[REPLICA].close()


def unfit_because() -> tuple[Unfit | None, str]:
    """Why the replica should not be asked, and the same in words; None if it has all that the database has now."""
    reached, _at, *database = _database_now()
    leave_connection()  # what follows may wait for seconds
    try:
        with connections[REPLICA].cursor() as cursor:
            if stranger := _no_replica_of(database, cursor):
                return _because(stranger)
            given_up_at = time.monotonic() + SECONDS_TO_CATCH_UP
            while True:
                cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [reached])
                if cursor.fetchone()[0]:
                    return None, ""
                if time.monotonic() > given_up_at:
                    return _because(Unfit.BEHIND)
                time.sleep(SECONDS_BETWEEN_LOOKS)
    except Error as fault:
        return Unfit.AWAY, first_line(fault)


def seconds_behind() -> float | None:
    """The age of the last change the replica has, 0 if it has all; None where it cannot be asked or is none of ours.

    NaN if it has taken over nothing since it was started.
    """
    reached, at, *database = _database_now()
    leave_connection()  # what follows may wait for seconds
    try:
        with connections[REPLICA].cursor() as cursor:
            if _no_replica_of(database, cursor):
                return None
            cursor.execute(BEHIND, [reached, at])
            behind = float(cursor.fetchone()[0])
            return 0.0 if behind < 0 else behind  # two clocks
    except Error:
        return None
    finally:
        connections[REPLICA].close()


def _database_now() -> tuple[str, datetime, int, int]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"SELECT pg_current_wal_flush_lsn()::text, clock_timestamp(), {WHICH}")
        row: tuple[str, datetime, int, int] = cursor.fetchone()
    return row


def _no_replica_of(database: list[int], cursor: CursorWrapper) -> Unfit | None:
    cursor.execute(f"SELECT pg_is_in_recovery(), {WHICH}")
    follows, *copied = cursor.fetchone()
    if copied != database:
        return Unfit.ANOTHERS
    return None if follows else Unfit.ITSELF_A_DATABASE


def _because(unfit: Unfit) -> tuple[Unfit, str]:
    return unfit, unfit.value


def _instead(words: str) -> str:
    logger.warning("the read replica is not asked, the database itself answers: %s", words)
    return DEFAULT_DB_ALIAS
