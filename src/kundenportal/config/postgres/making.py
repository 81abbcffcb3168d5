"""A new database, from nothing to the portal's own role in it."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from kundenportal.config.postgres import places
from kundenportal.config.postgres.failures import DatabaseUnavailable

if TYPE_CHECKING:
    from pathlib import Path

    from kundenportal.config.postgres.owner import Owner

SUPERUSER = "postgres"
# Nothing of our environment reaches PostgreSQL: neither passwords nor the language of whoever starts it.
PLAIN_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


def make_cluster(directory: Path, programs: Path, owner: Owner, *, fsync: bool) -> None:
    """PostgreSQL's own folder is there; a start that was interrupted half-way leaves nothing behind."""
    # Made beside its place and renamed at the end, so that a half-made one is never taken for a database.
    draft = places.cluster(directory).with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    owner.take(draft)
    command = [
        *(str(programs / "initdb"), "-D", str(draft), "--username", SUPERUSER),
        *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        # Whoever gets to the socket may enter: the folder around it is what keeps everybody else out.
        *("--auth-local=trust", "--auth-host=reject"),
        *([] if fsync else ["--no-sync"]),
    ]
    attempt = subprocess.run(  # noqa: S603 - our own program, no shell
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=PLAIN_ENVIRONMENT,
        **owner.start_options,
    )
    if attempt.returncode != 0:
        reason = (attempt.stderr.strip() or "it gave no reason").splitlines()[-1]
        raise DatabaseUnavailable(f"PostgreSQL could not make a database in {directory}: {reason}.")
    draft.rename(places.cluster(directory))


def finish_succession(directory: Path) -> None:
    """The whole successor of a database takes its place, where an upgrade was killed once the old one was put aside."""
    cluster, successor = places.cluster(directory), places.cluster(places.successor(directory))
    if not cluster.exists() and places.outdated(directory).exists() and successor.exists():
        with suppress(FileNotFoundError):  # another start may have done so just now
            successor.rename(cluster)


def make_database(directory: Path) -> None:
    """The portal's role and its database are there; raises OperationalError while nobody answers."""
    with psycopg.connect(
        host=str(places.socket_directory(directory)),
        dbname="postgres",
        user=SUPERUSER,
        connect_timeout=2,
        autocommit=True,
    ) as connection:
        name = sql.Identifier(places.NAME)
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [places.NAME])
        if not known.fetchone():
            # No superuser, who could read files and start programs; CREATEDB serves the tests.
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(name))
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [places.NAME])
        if not known.fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
