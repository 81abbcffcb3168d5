"""The database on its way into a backup and out of it: PostgreSQL's own programs, and pipes between them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import psycopg

from kundenportal.config.addresses import LOOPBACK
from kundenportal.config.backups.failures import BackupTrouble
from kundenportal.config.postgres import DatabaseUnavailable, client_programs
from kundenportal.config.postgres.making import PLAIN_ENVIRONMENT
from kundenportal.config.postgres.programs import MAJOR
from kundenportal.kernel.connections import OTHERS_CONNECTED
from kundenportal.kernel.reasons import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kundenportal.config.addresses import DatabaseAddress

PIECE = 8 * 1024 * 1024
SECONDS_TO_CONNECT = 10
# What pg_restore 18 begins with and servers before 17 do not know; and a mark that servers of late 2026 (15.20) keep
# for themselves with each column, which an older pg_dump takes for an option, and which other servers refuse.
NOT_PASSED_ON = re.compile(
    rb"SET transaction_timeout = 0;\n|ALTER TABLE ONLY [^;]+ ALTER COLUMN [^;]+ SET \(pg_attver='?\d+'?\);\n"
)
BEGINNING_OF_ROWS = b"COPY "
BEGIN, COMMIT = b"BEGIN;\n", b"COMMIT;\n"
PROGRAMS = ("pg_dump", "pg_restore", "psql")
OTHER_PROGRAMS = (
    "install PostgreSQL's own, of the server's version, and name their folder in KUNDENPORTAL_POSTGRES_PROGRAMS."
)
WITHOUT_TLS = (
    "The database is reached by TLS, which the PostgreSQL programs that come with the portal do not have; "
    f"{OTHER_PROGRAMS}"
)
EMPTY = b"DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
# An extension may have been put into a schema of its own, and the tables of whoever wanted it need both.
SCHEMAS_OF_OTHERS = r"""
    SELECT nspname FROM pg_namespace AS schema
    WHERE nspname NOT IN ('public', 'information_schema') AND nspname !~ '^pg_'
        AND NOT EXISTS (SELECT FROM pg_extension WHERE extnamespace = schema.oid)
"""
MADE_OF_OURS = """
    SELECT array_agg(DISTINCT format('%I.%I', their_schema.nspname, them.relname))
    FROM (
        SELECT ev_class, refobjid FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = objid
        WHERE classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass
        UNION ALL
        SELECT conrelid, confrelid FROM pg_constraint WHERE contype = 'f'
    ) AS dependence (theirs, ours)
    JOIN pg_class AS them ON them.oid = theirs JOIN pg_namespace AS their_schema ON their_schema.oid = them.relnamespace
    JOIN pg_class AS us ON us.oid = ours JOIN pg_namespace AS our_schema ON our_schema.oid = us.relnamespace
    WHERE our_schema.nspname = 'public' AND their_schema.nspname <> 'public' AND their_schema.nspname !~ '^pg_'
"""


@dataclass(frozen=True)
class Standing:
    """How a database stands before it is dumped or loaded."""

    postgres: int
    migrations: list[str]
    is_empty: bool
    may_be_emptied: bool
    others_connected: int
    made_of_ours: list[str]  # views and tables in other schemas that would go with our tables


def standing_of(address: DatabaseAddress, *, programs: Path | None = None) -> Standing:
    """How the database stands; refused where the programs cannot dump and load it in the way it is reached."""
    if programs is None and address.is_encrypted:
        raise BackupTrouble(WITHOUT_TLS)
    try:
        with psycopg.connect(address.url, connect_timeout=SECONDS_TO_CONNECT) as connection:
            standing = _standing(connection)
            # libpq takes TLS unasked where the server has it; then the dump must not cross the network in clear.
            is_encrypted = connection.pgconn.ssl_in_use and address.host not in LOOPBACK
    except psycopg.OperationalError as fault:
        reason = first_line(fault)
        raise DatabaseUnavailable(f"The database cannot be used: {reason}.") from None
    if programs is None and is_encrypted:
        raise BackupTrouble(WITHOUT_TLS)
    newest = MAJOR if programs is None else _major(programs)
    if standing.postgres > newest:
        raise BackupTrouble(
            f"The database server is PostgreSQL {standing.postgres}, and the programs for backups know none newer than "
            f"{newest}; {OTHER_PROGRAMS}"
        )
    return standing


def _major(programs: Path) -> int:
    if missing := [program for program in PROGRAMS if not (programs / program).is_file()]:
        raise BackupTrouble(f"KUNDENPORTAL_POSTGRES_PROGRAMS names {programs}, where there is no {missing[0]}.")
    program = programs / PROGRAMS[0]
    try:
        said = subprocess.run([program, "--version"], check=False, capture_output=True, text=True).stdout  # noqa: S603 - a program of PostgreSQL's, no shell
    except OSError as fault:
        raise BackupTrouble(f"{program} cannot be run: {fault.strerror}.") from None
    found = re.search(r"\) (\d+)", said)
    if found is None:
        raise BackupTrouble(f"{program} does not say its version.")
    return int(found[1])


def _reading(programs: Path | None) -> Path | None:
    # It reads what every older one wrote, and no server has a part in it.
    return programs if programs and _major(programs) > MAJOR else None


def _standing(connection: psycopg.Connection) -> Standing:
    tables, owned = connection.execute(
        "SELECT (SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = 'public'),"
        " (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'public')"
    ).fetchone() or ([], False)
    ((others,),) = connection.execute(OTHERS_CONNECTED).fetchall()
    migrations = []
    if "django_migrations" in (tables or []):
        rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        migrations = [row[0] for row in rows]
    ((made_of_ours,),) = connection.execute(MADE_OF_OURS).fetchall()
    return Standing(
        connection.info.server_version // 10_000, migrations, not tables, bool(owned), others, made_of_ours or []
    )


def dump(
    address: DatabaseAddress, *, with_what_is_not_ours: bool = False, programs: Path | None = None
) -> Iterator[bytes]:
    """The database as it is at this moment, whatever is done in it meanwhile, in pieces of pg_dump's own format.

    What others keep in it, in schemas of their own, is left out unless it is wanted.
    """
    command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges"]
    if not with_what_is_not_ours:
        # Not as the one schema that is wanted: then it would be made anew, and extensions would be left out.
        command += [f"--exclude-schema={_literally(name)}" for name in _schemas_of_others(address)]
    with _program(*command, address=address, programs=programs) as (child, words):
        stdout = child.stdout
        while piece := _read_fully(stdout):
            yield piece
        if child.wait() != 0:
            raise BackupTrouble(f"The database could not be dumped: {_last(words)}.")


def _schemas_of_others(address: DatabaseAddress) -> list[str]:
    with psycopg.connect(address.url, connect_timeout=SECONDS_TO_CONNECT) as connection:
        return [name for (name,) in connection.execute(SCHEMAS_OF_OTHERS)]


def _literally(name: str) -> str:
    # pg_dump takes what is not quoted for a pattern.
    return '"' + name.replace('"', '""') + '"'


def _read_fully(stream: IO[bytes] | None) -> bytes:
    return stream.read(PIECE) if stream else b""


class Trial:
    """Reads a dump to its end as a restore would, and does nothing with it."""

    def __init__(self, *, programs: Path | None = None) -> None:
        self._open = _program("pg_restore", "--file=/dev/null", programs=_reading(programs))
        self._child, self._words = self._open.__enter__()

    def take(self, piece: bytes) -> None:
        """The next piece of the dump."""
        _feed(self._child, piece)

    def end(self) -> None:
        """The dump is whole."""
        _close(self._child)
        if self._child.wait() != 0:
            raise BackupTrouble(f"The dump of the database cannot be read: {_last(self._words)}.")

    def close(self) -> None:
        """Nothing of it is left."""
        self._open.__exit__(None, None, None)


class Loading:
    """A dump on its way into a database, in one transaction: before `commit`, everything is as it was."""

    def __init__(self, address: DatabaseAddress, *, empty_first: bool, programs: Path | None = None) -> None:
        self._reading = _program("pg_restore", "--no-owner", "--no-privileges", "--file=-", programs=_reading(programs))
        self._reader, self._readers_words = self._reading.__enter__()
        self._writing = _program(
            *("psql", "--no-psqlrc", "--quiet", "--output=/dev/null"),
            *("--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse", "--file=-"),
            address=address,
            programs=programs,
        )
        self._writer, self._writers_words = self._writing.__enter__()
        _feed(self._writer, BEGIN + (EMPTY if empty_first else b""))
        self._writer_took_all = False
        self._pump = threading.Thread(target=self._pass_on)
        self._pump.start()

    def take(self, piece: bytes) -> None:
        """The next piece of the dump."""
        _feed(self._reader, piece)

    def end(self) -> None:
        """The whole dump has been loaded, but for the commit."""
        _close(self._reader)
        self._pump.join()
        # Where it is the database that did not take it, `commit` says why.
        if self._reader.wait() != 0 and self._writer_took_all:
            raise BackupTrouble(f"The dump of the database cannot be read: {_last(self._readers_words)}.")

    def commit(self) -> None:
        """What was loaded is what holds; otherwise nothing has changed."""
        _feed(self._writer, COMMIT)
        _close(self._writer)
        if self._writer.wait() != 0:
            raise BackupTrouble(f"The database did not take the backup: {_last(self._writers_words)}.")

    def close(self) -> None:
        """Nothing of it is left; what was not committed has not happened."""
        self._reading.__exit__(None, None, None)
        # The end of its input is no commit.
        self._writing.__exit__(None, None, None)
        self._pump.join()

    def _pass_on(self) -> None:
        reader, writer = self._reader.stdout, self._writer.stdin
        if reader is None or writer is None:
            return
        with reader, suppress(OSError, ValueError):
            for line in reader:
                if not NOT_PASSED_ON.fullmatch(line):
                    writer.write(line)
                if line.startswith(BEGINNING_OF_ROWS):
                    break
            shutil.copyfileobj(reader, writer, PIECE)
            writer.flush()
            self._writer_took_all = True


@contextmanager
def _program(
    *command: str, address: DatabaseAddress | None = None, programs: Path | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    program, *options = command
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(  # noqa: S603 - a program of PostgreSQL's, no shell
            [str((programs or client_programs()) / program), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            cwd="/",
            env=PLAIN_ENVIRONMENT | (_libpq(address) if address else {}),
        )
        try:
            yield child, words
        finally:
            if child.poll() is None:
                child.kill()
            for end in (child.stdin, child.stdout):
                with suppress(OSError):
                    if end is not None:
                        end.close()
            child.wait()


def _libpq(address: DatabaseAddress) -> dict[str, str]:
    # In the environment, because everybody on the machine can read the words of a command.
    given = {
        "PGHOST": address.host,
        "PGPORT": str(address.port),
        "PGDATABASE": address.name,
        "PGUSER": address.user,
        "PGPASSWORD": address.password,
        "PGSSLMODE": address.sslmode,
        "PGSSLROOTCERT": address.sslrootcert,
    }
    return {name: value for name, value in given.items() if value}


def _feed(child: subprocess.Popen[bytes], piece: bytes) -> None:
    # A child that has ended says why when it is asked for its end.
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.write(piece)
            child.stdin.flush()


def _close(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()


def _last(words: IO[bytes]) -> str:
    words.seek(0)
    lines = [line for line in words.read().decode(errors="replace").splitlines() if line.strip()]
    return (lines or ["it gave no reason"])[-1].rstrip(".")
