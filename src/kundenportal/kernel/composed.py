"""Queries that are composed once: Django takes longer to put a large one together than PostgreSQL to answer it.

Nor does PostgreSQL plan them anew each time, which takes it several times as long as the answer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import NotSupportedError, connections
from psycopg import RawCursor
from psycopg.types.numeric import Int8

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper
    from django.db.models import QuerySet

    Value = int | datetime | str


class Composed:
    """One query, asked again and again with other values; whatever else it holds stays as it was when composed."""

    def __init__(self, compose: Callable[..., QuerySet[Any, Any]], **kinds: type[Value]) -> None:
        """Calls `compose` with something of each kind, by name, for a query that ends in `values()`.

        Raises ValueError if one of them is not in the query as it was given: then its value could not be put there.
        """
        stand_ins = {name: _stand_in(kind, number) for number, (name, kind) in enumerate(kinds.items())}
        query = compose(**stand_ins)
        self._database = query.db
        self._compiler = query.query.get_compiler(self._database)
        self._sql, held = self._compiler.as_sql()
        self._numbered = _numbered(self._sql)
        self._names: list[str] = []
        self._held = [(_name_of(each, stand_ins), each) for each in held]
        if lost := set(kinds) - {name for name, _ in self._held}:
            raise ValueError(f"the query does not ask for {', '.join(sorted(lost))}")

    def rows(self, **values: Value | None) -> list[dict[str, Any]]:
        """The answer, with these values instead of what it was composed with. Raises KeyError if one is missing."""
        held = [_bound(values[name]) if name else each for name, each in self._held]
        connection = connections[self._database]
        if connection.queries_logged:  # then the text is what is wanted, with the values in it
            return self._answered(connection.cursor(), self._sql, held)
        try:
            return self._answered(_preparing_cursor(connection), self._numbered, held)
        except NotSupportedError:
            # A newer version has changed a column since this connection's plan was made: it is asked without one.
            return self._answered(connection.cursor(), self._sql, held)

    def _answered(self, cursor: CursorWrapper, sql: str, held: list[Any]) -> list[dict[str, Any]]:
        with cursor:
            cursor.execute(sql, held)
            self._names = self._names or [column.name for column in cursor.description]
            rows = self._compiler.results_iter([cursor.fetchall()], tuple_expected=True)
            return [dict(zip(self._names, row, strict=True)) for row in rows]


def _preparing_cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """Lets PostgreSQL keep its plan (settings.database); Django's own cursors put values into the text."""
    connection.ensure_connection()
    cursor: Any = RawCursor(connection.connection)
    return connection.make_cursor(cursor)


def _numbered(sql: str) -> str:
    """The query as PostgreSQL has it, with $1 for the first value: psycopg would look for them each time."""
    numbers = count(1)
    return re.sub("%[%s]", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql)


def _bound(value: Value | None) -> Value | None:
    # Of one size, whatever the number: a plan is made for each size.
    return Int8(value) if isinstance(value, int) else value


def _stand_in(kind: type[Value], number: int) -> Value:
    """What no query holds otherwise, and every column of its kind could."""
    if issubclass(kind, datetime):
        return datetime.min.replace(tzinfo=UTC) + timedelta(days=1, microseconds=number)
    return f"stands in for {number}" if issubclass(kind, str) else -2_000_000_000 - number


def _name_of(held: object, stand_ins: Mapping[str, object]) -> str:
    return next((name for name, each in stand_ins.items() if type(each) is type(held) and each == held), "")
