"""The database's connections, of which a web process has few."""

from __future__ import annotations

from django.db import connection


def leave_connection() -> None:
    """Nobody waits while holding a connection that somebody else could use: where they are pooled, it goes back."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
