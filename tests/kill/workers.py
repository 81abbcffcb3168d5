"""Workers as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

import kundenportal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from types import TracebackType

    from factories.mail_server import MailServer
    from kundenportal.config.addresses import DatabaseAddress

SECONDS_TO_END = 300
DYING_WORKER = Path(__file__).with_name("dying_worker.py")
DYING_READER = Path(__file__).with_name("dying_reader.py")
DYING_IMPORT = Path(__file__).with_name("dying_import.py")


@contextmanager
def real_worker(database: DatabaseAddress, mail_server: MailServer) -> Iterator[subprocess.Popen[bytes]]:
    """The worker as the operator starts it; killed at the end if it still runs."""
    command = [sys.executable, "-m", "kundenportal.config.cli", "worker"]
    worker = subprocess.Popen(command, env=_environment(database, KUNDENPORTAL_SMTP_URL=mail_server.url))
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


@contextmanager
def real_reader(
    database: DatabaseAddress, mailbox: str, *, log: Path, **settings: str
) -> Iterator[subprocess.Popen[bytes]]:
    """The mailbox's reader as the operator starts it; killed at the end if it still runs."""
    command = [sys.executable, "-m", "kundenportal.config.cli", "mailbox"]
    environment = _environment(database, KUNDENPORTAL_IMAP_URL=mailbox, **settings)
    with log.open("ab") as output:
        reader = subprocess.Popen(command, env=environment, stderr=output)
    try:
        yield reader
    finally:
        reader.kill()
        reader.wait()


class Nursery:
    """A process that has loaded the portal once and forks off one child after the other, each to die at a step."""

    def __init__(self, database: DatabaseAddress, program: Path = DYING_WORKER, **settings: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(program)],
            env=_environment(database, **settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=SECONDS_TO_END)

    def deliver_and_die(self, step: str, *, nth: int, now: datetime, mail_server: MailServer) -> int:
        """How a worker ended that was to die when it came to a step for the nth time: -9 if it did."""
        return self.end_of(step, str(nth), now.isoformat(), str(mail_server.port))

    def import_and_die(self, step: str, *, nth: int, now: datetime, run_id: int) -> int:
        """Likewise, of a worker that goes on with an import."""
        return self.end_of(step, str(nth), now.isoformat(), str(run_id))

    def end_of(self, *task: str) -> int:
        """How a child ended that was given this task."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(task) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _environment(database: DatabaseAddress, **more: str) -> dict[str, str]:
    sources, tests = Path(kundenportal.__file__).parents[1], Path(__file__).parents[1]
    ours = {"KUNDENPORTAL_DATABASE_URL": database.url, "PYTHONPATH": os.pathsep.join(map(str, (sources, tests)))}
    return os.environ | ours | more
