"""What there is much of, done bit by bit: nobody waits long for rows somebody else deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound="Model")

SIZE = 1_000


def some_of(rows: QuerySet[Row], *, size: int | None = None) -> QuerySet[Row]:
    """As many of the rows as are dealt with at once."""
    return rows.filter(pk__in=list(rows.order_by().values_list("pk", flat=True)[: size or SIZE]))
