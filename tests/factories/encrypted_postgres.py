"""A PostgreSQL of the operator's own, as a distribution brings it: on this machine, and reached by TLS only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from .certificates import CERTIFICATE, KEY, make_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTALLED = Path("/usr/lib/postgresql")
SUPERUSER = "postgres"
ONLY_BY_TLS = "hostssl all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True)
class EncryptedPostgres:
    """Where it is, and its programs."""

    port: int
    password: str
    certificate: Path
    programs: Path

    def url(self, database: str, *, certificate: Path | None = None) -> str:
        """The address of a database on it, for whoever believes its own certificate, or this one."""
        return (
            f"postgresql://{SUPERUSER}:{self.password}@localhost:{self.port}/{database}"
            f"?sslmode=verify-full&sslrootcert={certificate or self.certificate}"
        )


def installed_programs() -> Path | None:
    """The folder of the newest PostgreSQL on this machine; None if there is none."""
    found = sorted(INSTALLED.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def encrypted_postgres(programs: Path, *, port: int) -> Iterator[EncryptedPostgres]:
    """It runs meanwhile, with an empty database `portal` and one `trial`."""
    directory = Path(tempfile.mkdtemp(prefix="kundenportal-postgres-"))
    server = EncryptedPostgres(port, "a-password-for-tests", directory / CERTIFICATE, programs)
    make_certificate(directory)
    (directory / "password").write_text(server.password)
    user = SUPERUSER if os.geteuid() == 0 else None
    if user:
        for path in (directory, *directory.iterdir()):
            shutil.chown(path, user)

    def run(program: str, *options: str | Path) -> None:
        words = [programs / program, "--pgdata", directory / "data", *options]
        subprocess.run(words, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL)

    run("initdb", "--username", SUPERUSER, "--auth", "scram-sha-256", "--pwfile", directory / "password")
    (directory / "data/pg_hba.conf").write_text(ONLY_BY_TLS)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c ssl=on"
    files = f"-c ssl_cert_file={directory / CERTIFICATE} -c ssl_key_file={directory / KEY}"
    run("pg_ctl", "--wait", "--log", directory / "log", "--options", f"{options} {files}", "start")
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            for name in ("portal", "trial"):
                connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
        yield server
    finally:
        run("pg_ctl", "--wait", "--mode", "immediate", "stop")
        shutil.rmtree(directory)
