"""Queries that are composed once: Django takes longer to put a large one together than PostgreSQL to answer it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet


class Composed:
    """One query, asked again and again with other values; whatever else it holds stays as it was when composed."""

    def __init__(self, compose: Callable[..., QuerySet[Any, Any]], **kinds: type[int | datetime]) -> None:
        """Calls `compose` with something of each kind, by name, for a query that ends in `values()`.

        Raises ValueError if one of them is not in the query as it was given: then its value could not be put there.
        """
        stand_ins = {name: _stand_in(kind, number) for number, (name, kind) in enumerate(kinds.items())}
        query = compose(**stand_ins)
        self._database = query.db
        self._compiler = query.query.get_compiler(self._database)
        self._sql, held = self._compiler.as_sql()
        self._held = [(_name_of(each, stand_ins), each) for each in held]
        if lost := set(kinds) - {name for name, _ in self._held}:
            raise ValueError(f"the query does not ask for {', '.join(sorted(lost))}")

    def rows(self, **values: int | datetime | None) -> list[dict[str, Any]]:
        """The answer, with these values instead of what it was composed with. Raises KeyError if one is missing."""
        with connections[self._database].cursor() as cursor:
            cursor.execute(self._sql, [values[name] if name else each for name, each in self._held])
            names = [column.name for column in cursor.description]
            rows = self._compiler.results_iter([cursor.fetchall()], tuple_expected=True)
            return [dict(zip(names, row, strict=True)) for row in rows]


def _stand_in(kind: type[int | datetime], number: int) -> int | datetime:
    """What no query holds otherwise, and every column of its kind could."""
    if issubclass(kind, datetime):
        return datetime.min.replace(tzinfo=UTC) + timedelta(days=1, microseconds=number)
    return -2_000_000_000 - number


def _name_of(held: object, stand_ins: Mapping[str, object]) -> str:
    return next((name for name, each in stand_ins.items() if type(each) is type(held) and each == held), "")
