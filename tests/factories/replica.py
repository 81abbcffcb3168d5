"""A streaming replica of the database of the tests, made with PostgreSQL's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from kundenportal.config.addresses import database_address_in
from kundenportal.config.postgres import EmbeddedPostgres, client_programs, places
from kundenportal.config.postgres.making import SUPERUSER
from kundenportal.config.postgres.owner import owner_of

from .places import new_directory

if TYPE_CHECKING:
    from collections.abc import Iterator


class Replica(EmbeddedPostgres):
    """Follows the server of this run until it stops."""

    def tell(self, statement: str) -> None:
        """Has its superuser carry out a statement."""
        with psycopg.connect(host=self.address.host, dbname="postgres", user=SUPERUSER, autocommit=True) as there:
            there.execute(statement)


@contextmanager
def replica() -> Iterator[Replica]:
    """One that runs; it cancels at once what is in the way of keeping up."""
    primary = database_address_in(os.environ["KUNDENPORTAL_DATABASE_URL"])
    directory = new_directory(prefix="kundenportal-replica-")
    directory.chmod(0o711)
    try:
        cluster = places.cluster(directory)
        copy = [
            *(str(client_programs() / "pg_basebackup"), "--pgdata", str(cluster), "--host", primary.host),
            *("--username", SUPERUSER, "--checkpoint=fast", "--write-recovery-conf", "--no-sync", "--no-manifest"),
        ]
        subprocess.run(copy, check=True, capture_output=True)
        with (cluster / "postgresql.auto.conf").open("a") as settings:
            settings.write("max_standby_streaming_delay = 0\n")
        _give_to_its_user(cluster, like=Path(os.environ["KUNDENPORTAL_DATA_DIR"]))
        with Replica(directory, fsync=False) as running:
            yield running
    finally:
        shutil.rmtree(directory)


def _give_to_its_user(cluster: Path, *, like: Path) -> None:
    owner = owner_of(places.cluster(like))
    for path in (cluster, *cluster.rglob("*")):
        owner.take(path)
