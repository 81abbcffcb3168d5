from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Self

import psycopg

from kundenportal.config.children import end_child, start_child
from kundenportal.config.env import make_data_directory
from kundenportal.config.postgres import places
from kundenportal.config.postgres.failures import DatabaseUnavailable, DataDirectoryInUse
from kundenportal.config.postgres.lock import Lock
from kundenportal.config.postgres.making import PLAIN_ENVIRONMENT, finish_succession, make_cluster, make_database
from kundenportal.config.postgres.owner import owner_of, refuse_what_is_out_of_reach
from kundenportal.config.postgres.predecessors import end_predecessors
from kundenportal.config.postgres.programs import MAJOR, Outdated, programs_for

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from kundenportal.config.addresses import DatabaseAddress
    from kundenportal.config.children import Child
    from kundenportal.config.postgres.owner import Owner

SECONDS_TO_ANSWER = 120
SECONDS_BETWEEN_TRIES = 0.02
SECONDS_TO_STOP = 3
SECONDS_TO_DROP_EVERYTHING = 1.5
LARGEST_LOG = 10_000_000
LAST_LINES = 20
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    # Written in turn, so all of them are taken sooner or later; a portal's transactions are small.
    "wal_buffers": "1MB",
    # For transactions that have to be as if one came after the other, of which there are none.
    "max_pred_locks_per_transaction": "10",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "huge_pages": "off",
    # No disk of today has a head to move: with the old costs it reads whole tables instead of some thousand rows.
    "random_page_cost": "1.1",
    # A portal has few pages, and they seldom change: waiting for fifty, PostgreSQL would go by old numbers for months.
    "autovacuum_analyze_threshold": "10",
    # Further processes for one statement only take the processors away from other requests.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "max_logical_replication_workers": "0",
    "log_checkpoints": "off",
    # A log never quotes what is stored: neither the statement that failed nor the value that was in its way.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# Whatever is made room for costs memory, used or not, and what is read stays there as long as there is room.
BUFFERS, BUFFERS_OF_A_LARGE_DATABASE = "64MB", "512MB"
LARGE_DATABASE = 256_000_000  # bytes, some hundred thousand accounts
# What an older major, which only `kundenportal upgrade` starts, does not know.
SETTINGS_OF_TODAY = {"io_method": "sync", "io_max_concurrency": "8"}
READ_ONLY = {"default_transaction_read_only": "on"}
# What a rare large statement takes goes back to the system; otherwise each connection would keep it, some 2 MB, among
# what it remembers of the tables. What pages take comes in smaller pieces and is kept.
LARGE_PIECES_ARE_GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": "524288"}  # bytes; glibc's
FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A PostgreSQL of our own with the portal's database in it, which has a directory to itself."""

    def __init__(
        self,
        directory: Path,
        *,
        fsync: bool = True,
        max_connections: int = 100,
        owner: Owner | None = None,
        outdated: Outdated | None = None,
    ) -> None:
        self.directory = directory
        self._fsync = fsync
        self._settings = (
            SETTINGS | (READ_ONLY if outdated else SETTINGS_OF_TODAY) | ({} if fsync else FAST_AND_FORGETFUL)
        )
        self._settings["max_connections"] = str(max_connections)
        self._owner = owner
        self._outdated = outdated
        self._lock = Lock(directory / "lock")
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def address(self) -> DatabaseAddress:
        """Where the portal's database is."""
        return places.address_in(self.directory)

    @property
    def url(self) -> str:
        """The same as a value of KUNDENPORTAL_DATABASE_URL, and as psycopg takes it."""
        return self.address.url

    @property
    def pid(self) -> int | None:
        """The number of the server's process while it runs."""
        return self._child.pid if self._child is not None and self._child.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """What its process ended with, negative after a signal; None while it runs or before it was started."""
        return self._child.poll() if self._child is not None else None

    def start(self) -> None:
        """The server answers and holds the portal's database; refused where another has the directory."""
        make_data_directory(self.directory)
        if not self._lock.acquire():
            raise DataDirectoryInUse(
                f"The data directory {self.directory} is already in use by another kundenportal, "
                f"process {self._lock.holder()}."
            )
        try:
            self.start_again()
        except BaseException:
            self.stop()
            raise

    def start_again(self) -> None:
        """A server that has died answers again, with everything that was committed."""
        self.launch()
        self._wait_until_it_answers()

    def launch(self) -> None:
        """The server runs, and answers as soon as it can."""
        cluster = places.cluster(self.directory)
        finish_succession(self.directory)
        owner = self._owner or owner_of(cluster)
        self._refuse_another_major()
        refuse_what_is_out_of_reach(self.directory, owner)
        end_predecessors(cluster)
        programs = self._programs(owner)
        if not cluster.exists():
            make_cluster(self.directory, programs, owner, fsync=self._fsync)
        socket_directory = places.make_socket_directory(self.directory, owner)
        large = places.size_of(cluster / "base") > LARGE_DATABASE
        settings = self._settings | {
            "unix_socket_directories": str(socket_directory),
            "shared_buffers": BUFFERS_OF_A_LARGE_DATABASE if large else BUFFERS,
        }
        log = self._open_log()
        try:
            self._child = start_child(
                [
                    *(str(programs / "postgres"), "-D", str(cluster)),
                    *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
                ],
                dies_by=signal.SIGINT,
                stdout=log,
                stderr=log,
                cwd="/",
                env=PLAIN_ENVIRONMENT | LARGE_PIECES_ARE_GIVEN_BACK,
                **owner.start_options,
            )
        finally:
            os.close(log)

    def stop(self) -> None:
        """The server has ended in good order, and the directory is free for others."""
        self.rest()
        self._lock.release()

    def rest(self, *, seconds: float = SECONDS_TO_STOP) -> None:
        """The server has ended in good order, and the directory is still ours."""
        if self._child is not None:
            steps = ((signal.SIGINT, seconds), (signal.SIGQUIT, SECONDS_TO_DROP_EVERYTHING))
            end_child(self._child, steps)
            self._child = None

    def _programs(self, owner: Owner) -> Path:
        if self._outdated is None:
            return programs_for(owner, self.directory)
        return self._outdated.programs or programs_for(owner, self.directory, major=self._outdated.major)

    def _refuse_another_major(self) -> None:
        major = places.major_of(self.directory)
        if self._outdated is not None:
            return
        if major is not None and major < MAJOR:
            raise DatabaseUnavailable(
                f"The database in {self.directory} was made by PostgreSQL {major}, and this Kundenportal works with "
                f"{MAJOR}: run `kundenportal upgrade`."
            )
        if major is not None and major > MAJOR:
            raise DatabaseUnavailable(
                f"The database in {self.directory} was made by PostgreSQL {major}, and this Kundenportal knows none "
                f"newer than {MAJOR}; install the version it was last served by."
            )

    def _open_log(self) -> int:
        log = places.log(self.directory)
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while True:
            try:
                make_database(self.directory)
            except psycopg.OperationalError:
                if self.pid is None or time.monotonic() > deadline:
                    raise DatabaseUnavailable(
                        f"PostgreSQL does not start in {self.directory}: {self._last_complaint()} "
                        f"(more in {places.log(self.directory)})."
                    ) from None
                time.sleep(SECONDS_BETWEEN_TRIES)
            else:
                return

    def _last_complaint(self) -> str:
        lines = places.log(self.directory).read_text(encoding="utf-8", errors="replace").splitlines()
        fatal = [line.partition("FATAL:")[2].strip() for line in lines[-LAST_LINES:] if "FATAL:" in line]
        told_while_we_wait = ("starting up", "not yet accepting connections")
        reasons = [line for line in fatal if not line.endswith(told_while_we_wait)]
        return (reasons or ["it gave no reason"])[-1]
