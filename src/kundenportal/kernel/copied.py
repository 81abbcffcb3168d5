"""Many new rows at once, by COPY: to put such an INSERT together takes Django longer than it takes PostgreSQL.

Where a row may be there already, `bulk_create` passes over it; COPY knows no such thing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from django.db import connection, models, transaction
from psycopg.sql import SQL, Identifier, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg.sql import Composed

Row = TypeVar("Row", bound=models.Model)

# Of these, and of no kind derived from them, what stands in a row is what is kept.
PLAIN = frozenset(
    {
        models.BooleanField,
        models.CharField,
        models.DateTimeField,
        models.EmailField,
        models.ForeignKey,
        models.OneToOneField,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.TextField,
    }
)


def copy_in(rows: Iterable[Row]) -> list[Row]:
    """Saves new rows of one model, and gives them their numbers; all of them, or none.

    As with `bulk_create` no signal is sent. Moments bear their time zone, and what the rows refer to has been saved.
    Raises IntegrityError, DataError, or TypeError for a model with a field that is not PLAIN.
    """
    new = list(rows)
    if not new:
        return new
    way = _way_into(type(new[0]))
    # Like any statement of Django's own that fails, one that does breaks the transaction around it.
    with transaction.atomic(savepoint=False), connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.execute(way.new_numbers, [len(new)])
        numbers = [number for (number,) in cursor.fetchall()]
        with cursor.copy(way.into) as copy:
            for number, row in zip(numbers, new, strict=True):
                copy.write_row([number, *[getattr(row, name) for name in way.names]])
    database = connection.alias
    for number, row in zip(numbers, new, strict=True):
        row.pk = number
        row._state.adding, row._state.db = False, database  # noqa: SLF001 - as Django's own `bulk_create` does
    return new


class _Way(NamedTuple):
    """What draws so many numbers for new rows, what copies them in, and under which names they have what follows."""

    new_numbers: Composed
    into: Composed
    names: list[str]


@cache
def _way_into(model: type[models.Model]) -> _Way:
    meta = model._meta  # noqa: SLF001 - public in all but its name
    others = [field for field in meta.concrete_fields if not field.primary_key]
    if not isinstance(meta.pk, models.AutoField | models.BigAutoField) or meta.parents:
        raise TypeError(f"{model.__name__} cannot be copied in: its rows have no numbers of their own")
    if converted := [field.name for field in others if not _is_plain(field)]:
        raise TypeError(f"{model.__name__} cannot be copied in because of {', '.join(converted)}")
    # The sequence is looked for once, not for each number.
    new_numbers = SQL(
        "SELECT nextval((SELECT pg_get_serial_sequence({}, {}))::regclass) FROM generate_series(1, %s)"
    ).format(Literal(connection.ops.quote_name(meta.db_table)), Literal(meta.pk.column))
    into = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(meta.db_table), SQL(", ").join(Identifier(str(field.column)) for field in [meta.pk, *others])
    )
    return _Way(new_numbers, into, [field.attname for field in others])


def _is_plain(field: models.Field[Any, Any]) -> bool:
    if type(field) not in PLAIN or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return False
    return field.has_default() or not field.has_db_default()  # the database's own default would have to be asked for
