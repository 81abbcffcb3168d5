"""Leafing through rows by their keys: a page costs the same wherever it is, and no row is seen twice."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound="Model")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and from which row the neighbouring pages go on; None where there is none."""

    rows: Sequence[Row]
    next_after: int | None
    previous_before: int | None


def newest_first(found: QuerySet[Row], *, after: int | None, before: int | None, size: int) -> Page[Row]:
    """The newest rows, or those that follow the row `after`, or those that precede the row `before`."""
    return _leaf(found, ("-pk", "pk__lt"), ("pk", "pk__gt"), after=after, before=before, size=size)


def oldest_first(
    found: QuerySet[Row], *, after: int | None, before: int | None, size: int, key: str = "pk"
) -> Page[Row]:
    """The oldest rows, or those that follow the row `after`, or those that precede the row `before`."""
    way, back = (key, f"{key}__gt"), (f"-{key}", f"{key}__lt")
    return _leaf(found, way, back, after=after, before=before, size=size, key=key)


def _leaf(
    found: QuerySet[Row],
    onward: tuple[str, str],
    back: tuple[str, str],
    *,
    after: int | None,
    before: int | None,
    size: int,
    key: str = "pk",
) -> Page[Row]:
    place = attrgetter(key)
    if before is not None:
        rows = _some(found, back, before, size)
        shown, more = rows[:size][::-1], len(rows) > size
        return Page(shown, place(shown[-1]) if shown else None, place(shown[0]) if more else None)
    rows = _some(found, onward, after, size)
    shown, more = rows[:size], len(rows) > size
    return Page(shown, place(shown[-1]) if more else None, place(shown[0]) if shown and after is not None else None)


def _some(found: QuerySet[Row], way: tuple[str, str], start: int | None, size: int) -> list[Row]:
    order, beyond = way
    position: dict[str, Any] = {} if start is None else {beyond: start}
    return list(found.filter(**position).order_by(order)[: size + 1])
