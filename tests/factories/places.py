"""Where the tests keep databases: in memory where there is room, for a disk takes ten times as long to make a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
ROOM_NEEDED = 4 * 1024**3  # bytes; a whole run takes less than half of them


def new_directory(*, prefix: str) -> Path:
    """A directory that is there until it is removed; its path is short, because that of a socket may have 107 bytes."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if _has_room(MEMORY) else None))


def _has_room(directory: Path) -> bool:
    if not os.access(directory, os.W_OK):
        return False
    there = os.statvfs(directory)
    # Some tests run programs from where their data lies.
    may_run = not there.f_flag & os.ST_NOEXEC
    return may_run and min(there.f_bavail * there.f_frsize, psutil.virtual_memory().available) >= ROOM_NEEDED
