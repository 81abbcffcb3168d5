"""Who has to wait for whom, where no row could be locked."""

from __future__ import annotations

from django.db import connection


def wait_for_others(name: str) -> None:
    """Within a transaction: whoever calls this with the same name later waits until it has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
