"""Hits in the order wanted, from any place in it, forth and back."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django.db import connection, transaction
from django.db.models import F, Func, Lookup, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from kundenportal.kernel.text import storable

from . import rules
from .models import Entry
from .rules import Key, Order, Place, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import Expression

    Sortable = tuple[Any, ...]

READ_AT_A_TIME = 500
LAST_CHARACTER = "\U0010ffff"


class Tier(Protocol):
    """Hits of one quality, in the order wanted."""

    @property
    def number(self) -> int: ...

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        """The places that follow this one, or the first ones; backward those that precede it, the nearest first."""

    def account_numbers(self) -> Iterator[int]:
        """The numbers of all their accounts, in order."""


@dataclass(frozen=True)
class InHand:
    """So few that they have been read, and are sorted here."""

    number: int
    found: Sequence[Sortable]
    order: Order

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        down = self.order.descending != backward
        found = self.found
        if place is not None:
            start = _sortable(place, self.order)
            found = [row for row in found if (row < start if down else row > start)]
        return [_place(self.number, row) for row in sorted(found, reverse=down)[:size]]

    def account_numbers(self) -> Iterator[int]:
        return (row[-1] for row in sorted(self.found, reverse=self.order.descending))


@dataclass(frozen=True)
class Sorted:
    """They are found by an index of their words or numbers, and sorted."""

    number: int
    found: QuerySet[Entry]
    order: Order

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        # An index of the order would fit these expressions only if they named nothing but its columns.
        columns = [Coalesce(F(name), F(name)) for name in names_in(self.order)]
        rows = self._from(self.found, columns, place, down=self.order.descending != backward)
        return self._places(rows[:size])

    def account_numbers(self) -> Iterator[int]:
        way = "-" if self.order.descending else ""
        rows = self.found.order_by(*(f"{way}{name}" for name in names_in(self.order)))
        return rows.values_list("pk", flat=True).iterator(chunk_size=READ_AT_A_TIME)

    def _from(
        self, found: QuerySet[Entry], columns: Sequence[Any], place: Place | None, *, down: bool
    ) -> QuerySet[Entry]:
        if place is not None:
            found = found.filter(_compared(columns, _sortable(place, self.order), LessThan if down else GreaterThan))
        return found.order_by(*(column.desc() if down else column.asc() for column in columns))

    def _places(self, rows: QuerySet[Entry]) -> list[Place]:
        return [_place(self.number, row) for row in rows.values_list(*names_in(self.order))]


@dataclass(frozen=True)
class Walked(Sorted):
    """The index of the order is walked, for each standing by itself; where that would be long, they are sorted."""

    read: QuerySet[Entry]  # the same accounts, but nothing is looked up: each entry is asked
    standings: Sequence[Standing]
    is_all: bool  # nothing is asked for but the state
    beginnings: Sequence[str] = ()  # whose key begins so is a hit
    stand_together: bool = False  # where none of them is, a longer walk would help little

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        down = self.order.descending != backward
        columns = [F(name) for name in names_in(self.order)]
        for at_most in (rules.WALKED_AT_FIRST, rules.WALKED_AT_MOST):
            edge = None if self.is_all else self._edge(columns, place, down=down, at_most=at_most)
            found = self.read
            if edge:
                found = found.filter(_compared(columns, edge, LessThan if not down else GreaterThan))
            reached = self._along(found, columns, place, down=down, which=slice(size))[:size]
            if not edge or len(reached) == size:
                return reached
            in_vain = self.stand_together and not reached
            if (in_vain or at_most == rules.WALKED_AT_MOST) and (
                end := self._end(columns, place, down=down, size=size)
            ):
                return self._up_to(end, columns, place, down=down, size=size)
        return super().rows(place, backward=backward, size=size)

    def _end(self, columns: Sequence[Any], place: Place | None, *, down: bool, size: int) -> Sortable | None:
        """Where the page ends at the latest: as many hits as are on it begin with the word that is sought."""
        name = self.order.key.value
        found: list[Place] = []
        for begin in self.beginnings:
            begun = self.read.filter(**{f"{name}__gte": begin, f"{name}__lt": begin + LAST_CHARACTER})
            found += self._along(begun, columns, place, down=down, which=slice(size))
        rows = sorted((_sortable(each, self.order) for each in found), reverse=down)
        return rows[size - 1] if len(rows) >= size else None

    def _up_to(
        self, end: Sortable, columns: Sequence[Any], place: Place | None, *, down: bool, size: int
    ) -> list[Place]:
        # What both the words and the order allow is found out from their indexes, before any entry is read. The
        # database would walk the order instead: it does not know that the hits stand together.
        within = _compared(columns, end, GreaterThanOrEqual if down else LessThanOrEqual)
        found = self.found.filter(within, standing__in=self.standings)
        with _index_order_forgotten():
            return self._places(self._from(found, columns, place, down=down)[:size])

    def _edge(self, columns: Sequence[Any], place: Place | None, *, down: bool, at_most: int) -> Sortable | None:
        """Beyond what the walk does not go: the nearest of the places at which it has become long."""
        each = slice(at_most, at_most + 1)
        edges = self._along(Entry.objects.all(), columns, place, down=down, which=each)
        return _sortable(edges[0], self.order) if edges else None

    def _along(
        self, found: QuerySet[Entry], columns: Sequence[Any], place: Place | None, *, down: bool, which: slice
    ) -> list[Place]:
        """Some places of each standing, in one order."""
        first, *others = (
            self._from(found.filter(standing=standing), columns, place, down=down).values_list(*names_in(self.order))[
                which
            ]
            for standing in self.standings
        )
        rows = first.union(*others, all=True) if others else first
        return [_place(self.number, row) for row in sorted(rows, reverse=down)]


# Keys


class _Row(Func):
    """Several columns compared as one."""

    template = "ROW(%(expressions)s)"
    output_field = TextField()


def names_in(order: Order) -> list[str]:
    """The columns by which the order sorts; no two entries have the same there."""
    return ["account_id"] if order.key is Key.OPENED else [order.key.value, "account_id"]


def _compared(columns: Sequence[Expression | F], values: Sortable, how: type[Lookup[Any]]) -> Q:
    return Q(how(_Row(*columns), _Row(*(Value(value) for value in values))))


def _place(tier: int, row: Sequence[Any]) -> Place:
    *values, account_id = row
    return Place(tier, _written(values), account_id)


@contextmanager
def _index_order_forgotten() -> Iterator[None]:
    """Meanwhile the database takes indexes as sets of rows only, and rather another index than rows in vain."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL cpu_tuple_cost = 1")
        yield
        cursor.execute("SET LOCAL enable_indexscan = on; SET LOCAL cpu_tuple_cost = DEFAULT")


def _sortable(place: Place, order: Order) -> Sortable:
    if order.key is Key.OPENED:
        return (place.account_id,)
    if order.key is Key.LAST_SIGN_IN:
        return (datetime.fromisoformat(place.value), place.account_id)
    return (storable(place.value), place.account_id)


def _written(values: Sequence[object]) -> str:
    return "".join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)
