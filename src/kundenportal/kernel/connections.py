"""The database's connections, of which a web process has few."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import close_old_connections, connection

if TYPE_CHECKING:
    from collections.abc import Iterator

# How many others are connected to the database: other processes of the portal, or whoever looks into it.
OTHERS_CONNECTED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def leave_connection() -> None:
    """Nobody waits while holding a connection that somebody else could use: where they are pooled, it goes back."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def others_are_connected() -> bool:
    """Whether the portal runs on this database, or somebody looks into it."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS_CONNECTED)
        return bool(cursor.fetchone()[0])


@contextmanager
def own_connection() -> Iterator[None]:
    """A job begins with a connection that works, and leaves none behind that does not."""
    # The worker's threads live long, and a connection may have died since the last job.
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
