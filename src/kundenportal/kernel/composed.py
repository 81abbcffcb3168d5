"""Statements that are composed once: Django takes longer to put one together than PostgreSQL to carry it out.

Nor does PostgreSQL plan them anew each time, which takes it several times as long as a large one's answer.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections
from psycopg import RawCursor
from psycopg.sql import Literal
from psycopg.types.numeric import Int8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper
    from django.db.models import QuerySet

    Value = int | datetime | str
    Held = Value | Sequence[Value | None] | None

# Said among what a statement returns: the commit of its transaction does not wait for the disk, whatever else is in it.
# A database that crashes may have lost that, but then nothing is kept that was committed later.
UNHURRIED = "set_config('synchronous_commit', 'off', true)"


class Statement:
    """A statement in SQL, with %s for each value; for what is done so often that Django's own way is felt."""

    def __init__(self, sql: str, *, names: Sequence[str] = (), database: str = DEFAULT_DB_ALIAS) -> None:
        """Names may be those of the first values: of one name, there is one value, and it is sent once."""
        self._sql, self._database = sql, database
        self._numbered, self._sent = _numbered(sql, names)

    def carried_out(self, values: Sequence[Held]) -> CursorWrapper:
        """The cursor, once the statement has been carried out with these values; whoever asks for it closes it."""
        connection = connections[self._database]
        if not connection.queries_logged:  # otherwise the text is what is wanted, with the values in it
            cursor = _preparing_cursor(connection)
            try:
                cursor.execute(self._numbered, [_bound(values[place]) for place in self._sent])
            except NotSupportedError:
                if connection.in_atomic_block:
                    raise
                # A newer version has changed a column since this connection's plan was made: it goes without one.
                cursor.close()
            else:
                return cursor
        cursor = connection.cursor()
        cursor.execute(self._sql, [_bound(value) for value in values])
        return cursor

    def changed(self, *values: Held) -> int:
        """How many rows it has changed."""
        with self.carried_out(values) as cursor:
            return int(cursor.rowcount)

    def returned(self, *values: Held) -> tuple[Any, ...] | None:
        """What it returns of the one row it has changed; None if it has changed none."""
        with self.carried_out(values) as cursor:
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row


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
        sql, held = self._compiler.as_sql()
        self._sql, self._named = _with_what_stays(sql, [(_name_of(each, stand_ins), each) for each in held])
        self._statement = Statement(self._sql, names=self._named, database=self._database)
        self._converters = self._compiler.get_converters([column for column, *_ in self._compiler.select])
        self._names: list[str] = []
        if lost := set(kinds) - set(self._named):
            raise ValueError(f"the query does not ask for {', '.join(sorted(lost))}")

    def rows(self, **values: Value | None) -> list[dict[str, Any]]:
        """The answer, with these values instead of what it was composed with. Raises KeyError if one is missing."""
        with self._statement.carried_out(self._filled(values)) as cursor:
            return self._read(cursor.fetchall(), cursor)

    def within(self, sql: str) -> Callable[..., tuple[tuple[Any, ...], dict[str, Any] | None]]:
        """A statement that asks this query, too, as `asked`, whose columns come last in the one row it returns.

        To be called with its own values, and by name those of the query; returns its own columns, and the query's row,
        if there is one. The query finds one row at most, and something in each.
        """
        statement = Statement(f"WITH asked AS ({self._sql}) {sql}", names=self._named, database=self._database)

        def returned(*own: Held, **values: Value | None) -> tuple[tuple[Any, ...], dict[str, Any] | None]:
            with statement.carried_out([*self._filled(values), *own]) as cursor:
                row = cursor.fetchone()
                number = len(row) - len(self._compiler.select)
                asked = row[number:]
                found = self._read([asked], cursor) if any(each is not None for each in asked) else [None]
            return row[:number], found[0]

        return returned

    def _filled(self, values: Mapping[str, Value | None]) -> list[Held]:
        return [values[name] for name in self._named]

    def _read(self, rows: Iterable[tuple[Any, ...]], cursor: CursorWrapper) -> list[dict[str, Any]]:
        # Looked up once: psycopg makes an object of each column. The query's own come last.
        self._names = self._names or [column.name for column in cursor.description[-len(self._compiler.select) :]]
        converted = self._compiler.apply_converters(rows, self._converters)
        return [dict(zip(self._names, row, strict=True)) for row in converted]


def _preparing_cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """Lets PostgreSQL keep its plan (settings.database); Django's own cursors put values into the text."""
    connection.ensure_connection()
    cursor: Any = RawCursor(connection.connection)
    return connection.make_cursor(cursor)


def _numbered(sql: str, names: Sequence[str]) -> tuple[str, list[int]]:
    """The statement as PostgreSQL has it, with $1 for the first value; and which of the values have a number.

    Psycopg would look for them each time.
    """
    places, numbers, sent = count(), dict[str, int](), list[int]()

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        place = next(places)
        name = names[place] if place < len(names) else str(place)
        if name not in numbers:
            sent.append(place)
            numbers[name] = len(sent)
        return f"${numbers[name]}"

    return re.sub("%[%s]", number, sql), sent


def _with_what_stays(sql: str, held: Iterable[tuple[str, object]]) -> tuple[str, list[str]]:
    """The statement with what has no name written in; and the names of what has one.

    Of a value that is written there PostgreSQL knows more, and less has to be sent.
    """
    names, following = list[str](), iter(held)

    def written(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return found[0]
        name, each = next(following)
        if not name:
            return Literal(each).as_string().replace("%", "%%")
        names.append(name)
        return found[0]

    return re.sub("%[%s]", written, sql), names


def _bound(value: Held) -> Any:  # noqa: ANN401 - whatever psycopg takes
    # Of one size, whatever the number: a plan is made for each size.
    return Int8(value) if isinstance(value, int) else value


def _stand_in(kind: type[Value], number: int) -> Value:
    """What no query holds otherwise, and every column of its kind could."""
    if issubclass(kind, datetime):
        return datetime.min.replace(tzinfo=UTC) + timedelta(days=1, microseconds=number)
    return f"stands in for {number}" if issubclass(kind, str) else -2_000_000_000 - number


def _name_of(held: object, stand_ins: Mapping[str, object]) -> str:
    return next((name for name, each in stand_ins.items() if type(each) is type(held) and each == held), "")
