"""Looks for a secret in everything the portal keeps: tables, the files beneath them, and logs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

SUPERUSER = "postgres"
EVERY_TABLE = """
    SELECT schema.nspname, class.relname FROM pg_class class JOIN pg_namespace schema ON schema.oid = relnamespace
    WHERE relkind IN ('r', 'm', 'S') OR relname IN ('pg_stat_activity', 'pg_prepared_statements')
"""


def whole_database() -> dict[str, bytes]:
    """Every table of every schema of the database Django is connected to, as text."""
    with _as_superuser() as connection:
        connection.execute("ANALYZE")  # fills the tables in which PostgreSQL keeps samples of what is stored
        tables = connection.execute(EVERY_TABLE).fetchall()
        return {f"{schema}.{table}": _text_of(connection, schema, table) for schema, table in tables}


def data_directory(*, changed_since: datetime) -> Iterator[tuple[str, bytes]]:
    """Every file of the database server, written down to the last change, and whatever else lies beside them.

    What has not changed since a secret was made does not hold it: most of it, for other tests use the same server.
    """
    with _as_superuser() as connection:
        connection.execute("CHECKPOINT")
    for path in sorted(Path(os.environ["KUNDENPORTAL_DATA_DIR"]).rglob("*")):
        with suppress(FileNotFoundError):  # the server tidies up as it likes
            if path.is_file() and path.stat().st_mtime >= changed_since.timestamp():
                yield str(path), path.read_bytes()


def traces_of(secret: str) -> dict[str, bytes]:
    """The forms in which a secret might have been kept."""
    ungrouped = secret.replace("-", "")
    found: dict[str, bytes] = {}
    for name, form in (("as it is", secret), ("ungrouped", ungrouped), ("in capitals", secret.upper())):
        plain = form.encode()
        found |= {
            name: plain,
            f"{name}, reversed": plain[::-1],
            f"{name}, in hexadecimal": plain.hex().encode(),
            f"{name}, in hexadecimal capitals": plain.hex().upper().encode(),
            f"{name}, url-encoded": quote(form, safe="").encode(),
            f"{name}, as JSON": json.dumps(form)[1:-1].encode(),
            f"{name}, UTF-16": form.encode("utf-16-le"),
            f"{name}, SHA-256": hashlib.sha256(plain).hexdigest().encode(),
            f"{name}, SHA-1": hashlib.sha1(plain).hexdigest().encode(),
            f"{name}, MD5": hashlib.md5(plain).hexdigest().encode(),
        }
        # Inside a longer text base64 looks different at each of three offsets; its ends depend on what is beside it.
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + plain)
            found[f"{name}, base64 at {offset}"] = encoded[4 if offset else 0 : len(encoded) - 4]
    return found


def places_of(secret: str, kept: dict[str, bytes]) -> list[str]:
    """Where the secret is, and in which form; hopefully nowhere."""
    traces = traces_of(secret)
    return [
        f"{form} in {place}" for place, content in kept.items() for form, trace in traces.items() if trace in content
    ]


def _as_superuser() -> psycopg.Connection[tuple[str, str]]:
    from django.db import connection

    settings = connection.settings_dict
    return psycopg.connect(host=str(settings["HOST"]), dbname=str(settings["NAME"]), user=SUPERUSER, autocommit=True)


def _text_of(connection: psycopg.Connection[tuple[str, str]], schema: str, table: str) -> bytes:
    statement = sql.SQL("COPY (TABLE {}) TO STDOUT").format(sql.Identifier(schema, table))
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        return b"".join(bytes(row) for row in rows)
