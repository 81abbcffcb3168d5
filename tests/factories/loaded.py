"""Commands of the portal that have ended, each run in a child of a process that has loaded most of it already."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .environments import plain_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAM = Path(__file__).with_name("loaded_program.py")


class Loaded:
    """A process that loads the portal for the first command; its children run them all, each a second sooner."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """Commands have this environment, and the portal is set up for it; without one each brings its own."""
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def run(self, *words: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """The command, which has ended."""
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        with tempfile.TemporaryDirectory() as directory:
            output, complaints = (Path(directory, name) for name in ("stdout", "stderr"))
            told = [words, str(output), str(complaints), environment]
            print(json.dumps(told), file=process.stdin, flush=True)
            code = int(process.stdout.readline())
            return subprocess.CompletedProcess(words, code, output.read_text(), complaints.read_text())

    def end(self) -> None:
        """The process is no more; another command would start one anew."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[str]:
        # Only now: whether a portal is a demonstration is read from its directory at a start.
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(PROGRAM), *([] if self._environment is None else ["as-set-up"])],
                env=plain_environment() if self._environment is None else dict(self._environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process
