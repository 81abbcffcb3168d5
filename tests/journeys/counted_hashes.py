"""Runs the command `kundenportal` in a process that notes every run of Argon2, whoever asks for it.

python counted_hashes.py <file> web

Gunicorn's workers are forks of this process and write into the same file: one byte for each run, before it begins.
While there is a file of the same name that ends in ".deadly", whoever begins a run is killed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nacl.bindings as sodium

from kundenportal.config import cli

if TYPE_CHECKING:
    from collections.abc import Callable


def note_every_run(file: str) -> None:
    """From now on each hash that is made or verified is a byte in the file."""
    # Several processes append to it at once: none overwrites what another has written.
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for name in ("crypto_pwhash_alg", "crypto_pwhash_str_verify"):
        setattr(sodium, name, _noted(getattr(sodium, name), descriptor, Path(file).with_suffix(".deadly")))


def _noted(work: Callable[..., Any], descriptor: int, deadly: Path) -> Callable[..., Any]:
    def noted(*arguments: Any, **options: Any) -> Any:
        os.write(descriptor, b".")
        if deadly.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*arguments, **options)

    return noted


if __name__ == "__main__":
    note_every_run(sys.argv[1])
    sys.exit(cli.main(sys.argv[2:]))
