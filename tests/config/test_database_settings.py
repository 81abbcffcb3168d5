"""How the portal speaks to its database: one across a network is missed when it vanishes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import psycopg

from kundenportal.config.addresses import database_address_in

from .processes import command, python

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = """
import json
from kundenportal.config.settings import DATABASES
print(json.dumps({alias: known["OPTIONS"] for alias, known in DATABASES.items()}))
"""


def _options(data_dir: Path, url: str, **more: str) -> dict[str, dict[str, object]]:
    said, complaints = python(OPTIONS, DATA_DIR=data_dir, DATABASE_URL=url, SECRET_KEY="k" * 40, **more).communicate()
    assert said, complaints
    found: dict[str, dict[str, object]] = json.loads(said)
    return found


def test_both_sides_miss_one_another(data_dir: Path) -> None:
    url = "postgresql://portal:secret@db.example.org/portal?sslmode=require"
    both = _options(data_dir, url, DATABASE_REPLICA_URL=url.replace("db", "replica"))
    options, of_the_replica = both["default"], both["replica"]
    # The replica is spoken to likewise, but takes no changes, and nobody waits for it long.
    read_only = "-c default_transaction_read_only=on -c statement_timeout=30s"
    assert of_the_replica == {**options, "options": f"{options['options']} {read_only}"}
    assert options["sslmode"] == "require"
    assert options["keepalives_idle"] == 5
    assert options["tcp_user_timeout"] == 10_000
    # What PostgreSQL does at its end is set for each connection, too; a server of this run takes it.
    server = database_address_in(os.environ["KUNDENPORTAL_DATABASE_URL"])
    with psycopg.connect(server.url, options=str(options["options"])) as connection:
        rows = connection.execute("SELECT name, setting FROM pg_settings WHERE source = 'client'").fetchall()
    assert {"tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout"} <= {
        name for name, _ in rows
    }


def test_a_socket_is_never_silent(data_dir: Path) -> None:
    both = _options(data_dir, "postgresql:///portal?host=/run/postgresql")
    assert list(both) == ["default"]
    options = both["default"]
    assert not [name for name in options if "keepalive" in name or "timeout" in name or name == "options"]


def test_a_database_that_cannot_hold_every_name_is_refused_before_anything_is_made_in_it(data_dir: Path) -> None:
    server = database_address_in(os.environ["KUNDENPORTAL_DATABASE_URL"])
    name = f"ascii_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with psycopg.connect(server.url, autocommit=True) as maintenance:
        maintenance.execute(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        )
        try:
            there = server.url.replace(f"/{server.name}?", f"/{name}?")
            refused = command("migrate", DATA_DIR=data_dir, DATABASE_URL=there, SECRET_KEY="k" * 40)
            assert refused.returncode == 1
            assert refused.stderr.startswith("kundenportal: The database is encoded in SQL_ASCII")
            assert "ENCODING 'UTF8' TEMPLATE template0" in refused.stderr
        finally:
            maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_role_that_may_make_no_tables_is_told_so(data_dir: Path) -> None:
    server = database_address_in(os.environ["KUNDENPORTAL_DATABASE_URL"])
    name = f"closed_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with psycopg.connect(server.url, autocommit=True) as maintenance:
        maintenance.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            there = server.url.replace(f"/{server.name}?", f"/{name}?")
            with psycopg.connect(there, autocommit=True) as owner:
                owner.execute(
                    "REVOKE CREATE ON SCHEMA public FROM PUBLIC, pg_database_owner"
                )  # as if it were another's
            refused = command("migrate", DATA_DIR=data_dir, DATABASE_URL=there, SECRET_KEY="k" * 40)
            assert refused.returncode == 1
            assert refused.stderr.startswith("kundenportal: The database allows too little: ")
            assert "permission denied for schema public" in refused.stderr
            assert refused.stderr.count("\n") == 1
        finally:
            maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")
