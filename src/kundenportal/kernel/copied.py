"""Many new rows at once, by COPY: to put such an INSERT together takes Django longer than it takes PostgreSQL."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from django.db import connection, models
from psycopg.sql import SQL, Identifier, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from psycopg.sql import Composed

Row = TypeVar("Row", bound=models.Model)

# Their values are kept as they stand in the row; of any other field Django would have to convert them first.
KEPT_AS_THEY_ARE = (
    models.BooleanField,
    models.CharField,
    models.DateTimeField,
    models.ForeignKey,
    models.IntegerField,
    models.TextField,
)


def copy_in(rows: Iterable[Row]) -> list[Row]:
    """Saves new rows of one model, and gives them their numbers; all of them, or none.

    As with `bulk_create` no signal is sent. Raises IntegrityError, DataError, or TypeError for a model whose values
    are not KEPT_AS_THEY_ARE.
    """
    new = list(rows)
    if not new:
        return new
    new_numbers, into, values_of = _ways(type(new[0]))
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute(new_numbers, [len(new)])
        numbers = cursor.fetchall()
        with cursor.copy(into) as copy:
            for (number,), row in zip(numbers, new, strict=True):
                row.pk = number
                copy.write_row(values_of(row))
    database = connection.alias
    for row in new:
        row._state.adding, row._state.db = False, database  # noqa: SLF001 - as Django's own `bulk_create` does
    return new


@cache
def _ways(model: type[models.Model]) -> tuple[Composed, Composed, Callable[[models.Model], tuple[object, ...]]]:
    """What draws so many numbers for new rows, what copies them in, and what takes their values from them."""
    meta = model._meta  # noqa: SLF001 - public in all but its name
    fields = meta.concrete_fields
    if others := [field.name for field in fields if not isinstance(field, KEPT_AS_THEY_ARE)]:
        raise TypeError(f"{model.__name__} cannot be copied in because of {', '.join(others)}")
    # The sequence is looked for once, not for each number.
    new_numbers = SQL(
        "SELECT nextval((SELECT pg_get_serial_sequence({}, {}))::regclass) FROM generate_series(1, %s)"
    ).format(Literal(meta.db_table), Literal(meta.pk.column))
    into = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(meta.db_table), SQL(", ").join(Identifier(str(field.column)) for field in fields)
    )
    return new_numbers, into, attrgetter(*[field.attname for field in fields])
