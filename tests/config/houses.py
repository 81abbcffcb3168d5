"""A portal's data directory, and the commands that are run on it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from factories.environments import plain_environment
from kundenportal.config.postgres import EmbeddedPostgres

from .loaded import command
from .processes import PROGRAM, ended

if TYPE_CHECKING:
    from collections.abc import Sequence

BACKED_UP = "What is there now has been backed up: "


class House:
    """A data directory, and what its commands say."""

    def __init__(self, directory: Path, **settings: str | Path) -> None:
        self.directory = directory
        self.settings: dict[str, str | Path] = {"DATA_DIR": directory, **settings}
        self.surroundings: list[str] = []
        self.program: Sequence[str] = PROGRAM
        self.backed_up = ""  # where what was there is, after a refusal that came later

    def mount(self, what: Path, name: str) -> None:
        """From now on its commands find something else in a folder of it; skips for a user who may not mount."""
        (self.directory / name).mkdir(parents=True, exist_ok=True)
        script = 'mount --bind "$0" "$1" && shift && exec "$@"'
        self.surroundings = ["unshare", "--mount", "sh", "-c", script, str(what), str(self.directory / name)]
        if subprocess.run([*self.surroundings, "true"], check=False, capture_output=True).returncode != 0:
            pytest.skip("this user may not mount anything")

    def does(self, *words: str | Path) -> str:
        done = self._command(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refuses(self, *words: str | Path) -> str:
        done = self._command(*words)
        assert done.returncode == 1, done.stderr
        assert all(line.startswith(BACKED_UP) for line in done.stdout.splitlines()), done.stdout
        self.backed_up = done.stdout.removeprefix(BACKED_UP).strip(". \n")
        assert done.stderr.startswith("kundenportal: ")
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr.removeprefix("kundenportal: ").strip()

    def _command(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        if self.program == PROGRAM and not self.surroundings:
            return command(*map(str, words), **self.settings)
        return ended([*self.surroundings, sys.executable, *self.program, *map(str, words)], **self.settings)

    def backup(self, *words: str | Path) -> Path:
        return Path(self.does("backup", *words).partition(" is made")[0])

    def start(self, *words: str | Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "kundenportal.config.cli", *map(str, words)],
            env=plain_environment(**self.settings),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )

    def dies(self, before: str, *words: str | Path) -> None:
        """A restore is killed as soon as it comes to this step."""
        code = (
            "import os, signal, sys\n"
            "from kundenportal.config.backups import dumps, exchanging, restoring\n"
            "from kundenportal.config import cli\n"
            "from kundenportal.jobs import after_restore\n"
            f"{before} = lambda *given, **named: os.kill(os.getpid(), signal.SIGKILL)\n"
            f"sys.exit(cli.main({list(map(str, words))!r}))\n"
        )
        done = subprocess.run(
            [*self.surroundings, sys.executable, "-c", code],
            env=plain_environment(**self.settings),
            check=False,
            capture_output=True,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr

    def notes(self) -> list[str]:
        with EmbeddedPostgres(self.directory) as server, psycopg.connect(server.url) as connection:
            return [row[0] for row in connection.execute("SELECT text FROM note ORDER BY text")]

    def note(self, text: str) -> None:
        with EmbeddedPostgres(self.directory) as server, psycopg.connect(server.url) as connection:
            connection.execute("INSERT INTO note VALUES (%s)", [text])
