"""A data directory as an earlier version of the portal would have left it: its database made by an older PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import psycopg

from kundenportal.config.backups.dumps import Loading, dump
from kundenportal.config.postgres import EmbeddedPostgres, client_programs, places
from kundenportal.config.postgres.making import PLAIN_ENVIRONMENT
from kundenportal.config.postgres.owner import owner_of
from kundenportal.config.postgres.programs import INSTALLATIONS, Outdated

if TYPE_CHECKING:
    from pathlib import Path

MAJOR = min(INSTALLATIONS)
AS_IT_IS = Outdated(MAJOR)
# The server of an older major is started to be read only; a role of its own settings may write all the same.
ROLE_AND_DATABASE = (
    "CREATE ROLE kundenportal LOGIN CREATEDB\n"
    "ALTER ROLE kundenportal SET default_transaction_read_only = off\n"
    "CREATE DATABASE kundenportal OWNER kundenportal\n"
)


def age(directory: Path) -> None:
    """The database in the directory is one of the older major, and holds what it held."""
    owner = owner_of(places.cluster(directory))
    older = directory / "older"
    older.mkdir(mode=0o711)
    cluster = places.cluster(older)
    cluster.mkdir(mode=0o700)
    os.chown(cluster, owner.uid, owner.gid)
    programs = client_programs(MAJOR)

    def run(program: str, *words: str | Path, told: str = "") -> None:
        subprocess.run(
            [programs / program, *words],
            input=told.encode(),
            check=True,
            capture_output=True,
            cwd="/",
            env=PLAIN_ENVIRONMENT,
            **owner.start_options,
        )

    plain = ("--username=postgres", "--encoding=UTF8", "--locale=C", "--auth-local=trust", "--no-sync")
    run("initdb", "-D", cluster, *plain)
    run("postgres", "--single", "-D", cluster, "postgres", told=ROLE_AND_DATABASE)
    with (
        EmbeddedPostgres(directory, fsync=False) as newer,
        EmbeddedPostgres(older, fsync=False, outdated=AS_IT_IS) as server,
    ):
        loading = Loading(server.address, empty_first=False)
        for piece in dump(newer.address):
            loading.take(piece)
        loading.end()
        loading.commit()
        loading.close()
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("ALTER ROLE kundenportal RESET default_transaction_read_only")
    shutil.rmtree(places.cluster(directory))
    cluster.rename(places.cluster(directory))
    shutil.rmtree(older)
