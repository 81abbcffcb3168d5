"""Tests that commit leave rows behind, and the audit trail lets nobody remove its own."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations

if TYPE_CHECKING:
    from collections.abc import Sequence

TRAIL = "audit_entry"
# Not tables of Django's, so that its own way of emptying a database passes them over.
QUEUE = "TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers;"


def let_tests_empty_the_trail() -> None:
    """From now on Django can empty the database after a test: only here is the trigger put to sleep meanwhile."""
    flush: Any = DatabaseOperations.sql_flush
    if hasattr(flush, "__wrapped__"):
        return

    @wraps(flush)
    def sql_flush(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        statements: list[str] = flush(self, style, tables, **options)
        return [*_around(statements), QUEUE] if TRAIL in tables else statements

    setattr(DatabaseOperations, "sql_flush", sql_flush)  # noqa: B010 - an assignment mypy would object to


def empty_database() -> None:
    """Nothing is left in the tables of the database Django is connected to."""
    tables = [table for table in connection.introspection.django_table_names() if table != "django_migrations"]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in [*_around([f"TRUNCATE {', '.join(tables)};"]), QUEUE]:
            cursor.execute(statement)


def _around(statements: Sequence[str]) -> list[str]:
    return [
        f"ALTER TABLE {TRAIL} DISABLE TRIGGER USER;",
        *statements,
        f"ALTER TABLE {TRAIL} ENABLE TRIGGER USER;",
    ]
