"""What a first start makes of nothing, made once in a run and then copied: it takes some ten seconds of a processor."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from kundenportal.config.addresses import database_address_in
from kundenportal.config.postgres import EmbeddedPostgres, client_programs

from .environments import plain_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = "DIRECTORY_OF_THE_TESTS"  # the variable that names it; the workers of a parallel run share it
KEY = "k" * 40  # where a key is given, none is made and copied along
FIRST_COMMAND = ("accounts", "--json")  # as good as any other: it finds nobody, and says nothing
READY = "ready"
PLANTED = "planted"  # the schema that keeps copies of the rows a first start makes


def lay_down(data_dir: Path) -> None:
    """The data directory is there, its tables up to date, its database at rest, and nobody has used it."""
    stock = Path(os.environ[PLACE]) / "stock"
    with _one_at_a_time():
        if not stock.exists():
            made = stock.with_suffix(".new")
            _run_a_first_command(made)
            made.rename(stock)
    subprocess.run(["cp", "-a", "--reflink=auto", stock, data_dir], check=True)


def ready_database() -> str:
    """The name of a database whose tables are up to date, to be copied; nobody connects to it."""
    server = database_address_in(os.environ["KUNDENPORTAL_DATABASE_URL"])
    there = "SELECT 1 FROM pg_database WHERE datname = %s"
    with psycopg.connect(server.url, autocommit=True) as maintenance:
        if maintenance.execute(there, [READY]).fetchone():
            return READY
        place = Path(tempfile.mkdtemp(dir=os.environ[PLACE]))
        place.chmod(0o711)  # as that of the tests themselves
        lay_down(place / "data")
        with _one_at_a_time():
            if not maintenance.execute(there, [READY]).fetchone():
                maintenance.execute("CREATE DATABASE getting_ready")
                made = replace(server, name="getting_ready").url
                _copy_database_in(place / "data", made)
                _keep_what_is_planted(made)
                maintenance.execute(f"ALTER DATABASE getting_ready RENAME TO {READY}")
    return READY


def _copy_database_in(data_dir: Path, other: str) -> None:
    with EmbeddedPostgres(data_dir, fsync=False) as stock:
        dump = subprocess.run([str(client_programs() / "pg_dump"), stock.url], check=True, capture_output=True)
    words = [str(client_programs() / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", other]
    subprocess.run(words, input=dump.stdout, check=True)


def _keep_what_is_planted(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(f"CREATE SCHEMA {PLANTED}")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            if table != "django_migrations" and connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
                connection.execute(f"CREATE TABLE {PLANTED}.{table} AS TABLE {table}")
                connection.execute(f"ANALYZE {table}")  # as after a migration: a dump forgets it


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with Path(os.environ[PLACE], "stock.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run_a_first_command(data_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "kundenportal.config.cli", *FIRST_COMMAND],
        env=plain_environment(SECRET_KEY=KEY, DATA_DIR=data_dir),
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
