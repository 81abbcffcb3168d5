"""Tests that commit leave rows behind; afterwards the database is as a first start has left it.

Django would empty every table and then let each application plant anew what belongs to it, which takes a second. And
the audit trail lets nobody remove what is its own.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.management.commands import flush
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations

from .stock import PLANTED

if TYPE_CHECKING:
    from collections.abc import Sequence

TRAIL = "audit_entry"
# Not tables of Django's, so that its own way of emptying a database passes them over.
QUEUE = "TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers;"


def let_tests_empty_the_database() -> None:
    """From now on Django leaves behind what a first start does: only here is the trail's trigger put to sleep."""
    of_django: Any = DatabaseOperations.sql_flush
    if hasattr(of_django, "__wrapped__"):
        return

    @wraps(of_django)
    def sql_flush(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        statements: list[str] = of_django(self, style, tables, **options)
        return _as_planted(statements) if TRAIL in tables else statements

    # Assignments mypy would object to.
    setattr(DatabaseOperations, "sql_flush", sql_flush)  # noqa: B010
    setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)  # noqa: B010


def empty_database() -> None:
    """The database Django is connected to is as a first start has left it."""
    tables = [table for table in connection.introspection.django_table_names() if table != "django_migrations"]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _as_planted([f"TRUNCATE {', '.join(tables)};"]):
            cursor.execute(statement)


def _as_planted(statements: Sequence[str]) -> list[str]:
    return [
        f"ALTER TABLE {TRAIL} DISABLE TRIGGER USER;",
        *statements,
        QUEUE,
        *(f"INSERT INTO {table} SELECT * FROM {PLANTED}.{table};" for table in _planted()),
        f"ALTER TABLE {TRAIL} ENABLE TRIGGER USER;",
    ]


def _planted() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [PLANTED])
        return [table for (table,) in cursor.fetchall()]
