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

SECONDS_TO_END = 30
DYING_WORKER = Path(__file__).with_name("dying_worker.py")
DYING_IMPORT = Path(__file__).with_name("dying_import.py")


def run_command(*words: str, database: DatabaseAddress) -> None:
    """A command of the portal is done; fails if it fails."""
    command = [sys.executable, "-m", "kundenportal.config.cli", *words]
    subprocess.run(command, check=True, env=_environment(database), timeout=SECONDS_TO_END)


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


class Nursery:
    """A process that has loaded the portal once and forks off one worker after the other, each to die at a step."""

    def __init__(self, database: DatabaseAddress, program: Path = DYING_WORKER) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(program)],
            env=_environment(database),
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
        return self._end_of(step, nth, now.isoformat(), mail_server.port)

    def import_and_die(self, step: str, *, nth: int, now: datetime, run_id: int) -> int:
        """Likewise, of a worker that goes on with an import."""
        return self._end_of(step, nth, now.isoformat(), run_id)

    def _end_of(self, *words: object) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def _environment(database: DatabaseAddress, **more: str) -> dict[str, str]:
    sources = os.pathsep.join(map(str, (Path(kundenportal.__file__).parents[1], Path(__file__).parents[1])))
    return os.environ | {"KUNDENPORTAL_DATABASE_URL": database.url, "PYTHONPATH": sources} | more
