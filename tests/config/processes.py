"""Real processes of the portal, watched from outside."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import psycopg

from factories.environments import plain_environment

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Sequence
    from pathlib import Path

SECONDS_AT_MOST = 240
# Our command, as Python is told to run it.
PROGRAM = ("-P", "-m", "kundenportal.config.cli")


def eventually(condition: Callable[[], object], *, within: float = SECONDS_AT_MOST) -> None:
    """Wait until the condition holds; a condition that cannot be judged yet does not."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except (OSError, LookupError, psutil.Error, psycopg.OperationalError):
            pass
        time.sleep(0.02)
    raise AssertionError("what was waited for has not come about")


def python(code: str, **settings: str | Path) -> subprocess.Popen[str]:
    """A Python of ours that runs some code and can be talked to."""
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=plain_environment(**settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(*words: str, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of the portal that has ended."""
    return ended([sys.executable, *PROGRAM, *words], **settings)


def ended(words: Sequence[str], /, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """Any program that has ended, with the portal's settings."""
    return subprocess.run(
        words,
        env=plain_environment(**settings),
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS_AT_MOST,
    )


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Portal:
    """A portal that is served, with its data directory."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.port = free_port()
        self.settings: dict[str, str | Path] = {"DATA_DIR": data_dir, "BIND": f"127.0.0.1:{self.port}", **settings}
        self.complaints = data_dir.with_name(f"{data_dir.name}.stderr")
        with self.complaints.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kundenportal.config.cli", "serve"],
                env=plain_environment(**self.settings),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self.process.stdout is not None
        self.announcement = self.process.stdout.readline()
        assert self.announcement, f"The portal does not start:\n{self.complaints.read_text()}"

    def answers(self) -> bool:
        """Whether the start page is answered."""
        try:
            return bool(self.says("/"))
        except urllib.error.HTTPError:
            return False

    def says(self, path: str) -> str:
        """The answer to a request; raises urllib's error of one that is refused."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def parts(self, name: str) -> list[psutil.Process]:
        """The processes that serve as `web`, `worker` or `postgres` and live."""
        return [each for each in psutil.Process(self.process.pid).children() if _is_called(name, each)]

    def part(self, name: str) -> psutil.Process:
        """The first of them; waits for one that is only just beginning."""
        eventually(lambda: self.parts(name))
        return self.parts(name)[0]

    def everybody(self) -> list[psutil.Process]:
        """Every process that belongs to it."""
        ourselves = psutil.Process(self.process.pid)
        return [ourselves, *ourselves.children(recursive=True)]

    def end(self, number: signal.Signals) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS_AT_MOST)

    def clean_up(self) -> None:
        """Nothing of it is left, whatever has happened to it."""
        processes = self.everybody() if self.process.poll() is None else []
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # a helper of PostgreSQL's may end by itself meanwhile
                process.kill()
        self.process.wait(SECONDS_AT_MOST)
        assert self.process.stdout is not None
        self.process.stdout.close()
        psutil.wait_procs(processes, timeout=SECONDS_AT_MOST)
        assert "A process is copied with" not in self.complaints.read_text()


def _is_called(name: str, process: psutil.Process) -> bool:
    try:
        return name in {process.name(), *process.cmdline()[4:5]}
    except psutil.NoSuchProcess:
        return False
