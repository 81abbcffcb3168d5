"""Commands of the portal that have ended, each run in a child of a process that has loaded most of it already."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from factories.environments import plain_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).with_name("loaded_program.py")
_running: list[subprocess.Popen[str]] = []


def command(*words: str, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """A command as `processes.command` runs it, half a second of a processor sooner."""
    process = _started()
    assert process.stdin is not None
    assert process.stdout is not None
    with tempfile.TemporaryDirectory() as directory:
        output, complaints = (Path(directory, name) for name in ("stdout", "stderr"))
        told = [words, plain_environment(**settings), str(output), str(complaints)]
        print(json.dumps(told), file=process.stdin, flush=True)
        code = int(process.stdout.readline())
        return subprocess.CompletedProcess(words, code, output.read_text(), complaints.read_text())


@contextmanager
def ended_afterwards() -> Iterator[None]:
    """The process that has loaded it, if any command was run, is no more afterwards."""
    yield
    while _running:
        _running.pop().communicate()


def _started() -> subprocess.Popen[str]:
    if not _running:
        process = subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM)],
            env=plain_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        _running.append(process)
    return _running[0]
