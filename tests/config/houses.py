"""A portal's data directory, and the commands that are run on it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import psycopg

from factories.environments import plain_environment
from kundenportal.config.postgres import EmbeddedPostgres

from .processes import command


class House:
    """A data directory, and what its commands say."""

    def __init__(self, directory: Path, **settings: str | Path) -> None:
        self.directory = directory
        self.settings: dict[str, str | Path] = {"DATA_DIR": directory, **settings}

    def does(self, *words: str | Path) -> str:
        done = command(*map(str, words), **self.settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refuses(self, *words: str | Path) -> str:
        done = command(*map(str, words), **self.settings)
        assert (done.returncode, done.stdout) == (1, ""), done.stderr
        assert done.stderr.startswith("kundenportal: ")
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr.removeprefix("kundenportal: ").strip()

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
            "from kundenportal.config.backups import dumps, restoring\n"
            "from kundenportal.config import cli\n"
            "from kundenportal.jobs import restored\n"
            f"{before} = lambda *given, **named: os.kill(os.getpid(), signal.SIGKILL)\n"
            f"sys.exit(cli.main({list(map(str, words))!r}))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=plain_environment(**self.settings), check=False, capture_output=True
        )
        assert done.returncode == -signal.SIGKILL, done.stderr

    def notes(self) -> list[str]:
        with EmbeddedPostgres(self.directory) as server, psycopg.connect(server.url) as connection:
            return [row[0] for row in connection.execute("SELECT text FROM note ORDER BY text")]

    def note(self, text: str) -> None:
        with EmbeddedPostgres(self.directory) as server, psycopg.connect(server.url) as connection:
            connection.execute("INSERT INTO note VALUES (%s)", [text])
