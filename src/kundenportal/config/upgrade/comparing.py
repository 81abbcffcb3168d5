"""What two databases hold, so that it can be said that nothing is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from kundenportal.config.addresses import DatabaseAddress

# Rows are compared as text, which must not depend on what a server is set to.
ONE_WAY_OF_WRITING = (
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'hex'; "
    "SET extra_float_digits = 1"
)
# What is computed from other columns may be computed better by a newer server, as the stems of words are.
COLUMNS = """
    SELECT n.nspname, c.relname, array_agg(a.attname ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    GROUP BY 1, 2 ORDER BY 1, 2
"""
SUM_OF_ROWS = """
    SELECT count(*), COALESCE(sum(('x' || left(md5(ROW({columns})::text), 15))::bit(60)::bigint), 0) FROM {table}
"""
SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences ORDER BY 1"
# Constraints NOT NULL are counted with the columns: older servers do not list them.
THINGS = """
    SELECT 'triggers', count(*) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'constraints', count(*) FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
        WHERE contype <> 'n' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    UNION ALL SELECT 'functions', count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    UNION ALL SELECT 'indexes and views', count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('i', 'v', 'm') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1
"""


@dataclass(frozen=True)
class Content:
    """What a database holds: of each table rows and their sum, of each sequence where it stands, and what is around."""

    tables: dict[str, tuple[int, int]]
    sequences: dict[str, int | None]
    things: dict[str, int]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(rows for rows, _ in self.tables.values())

    def differences_to(self, other: Content) -> list[str]:
        """What is not the same in both, by name."""
        return sorted(
            name
            for mine, theirs in (
                (self.tables, other.tables),
                (self.sequences, other.sequences),
                (self.things, other.things),
            )
            for name in mine.keys() | theirs.keys()
            if mine.get(name) != theirs.get(name)
        )


def content_of(address: DatabaseAddress) -> Content:
    """What the database holds at one moment; every row is read."""
    with psycopg.connect(address.url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute(ONE_WAY_OF_WRITING)
        tables = {}
        for schema, name, columns in connection.execute(COLUMNS).fetchall():
            question = sql.SQL(SUM_OF_ROWS).format(
                columns=sql.SQL(", ").join(map(sql.Identifier, columns)), table=sql.Identifier(schema, name)
            )
            rows, total = connection.execute(question).fetchone() or (0, 0)
            tables[f"{schema}.{name}"] = (int(rows), int(total))
        sequences: dict[str, int | None] = dict(connection.execute(SEQUENCES).fetchall())
        things: dict[str, int] = dict(connection.execute(THINGS).fetchall())
    return Content(tables, sequences, things)
