from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from pathlib import Path


class Lock:
    """A lock on a file that the kernel lifts when its holder dies, however that happens."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        _locks.add(self)

    def acquire(self) -> bool:
        """Whether the lock is ours alone now; our number is then written into the file."""
        if not self._lock(fcntl.LOCK_EX):
            return False
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        return True

    def share(self) -> bool:
        """Whether the lock is ours now, together with others who share it."""
        return self._lock(fcntl.LOCK_SH)

    def holder(self) -> str:
        """The number of the process that holds the lock alone, as it wrote it."""
        with suppress(OSError):
            return self._path.read_text(encoding="ascii").strip() or "unknown"
        return "unknown"

    def release(self) -> None:
        """The lock is not ours any more."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self, kind: int) -> bool:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True


_locks: WeakSet[Lock] = WeakSet()


def _hold_nothing() -> None:
    for lock in list(_locks):
        lock.release()


# A lock would last as long as any copy of its holder.
os.register_at_fork(after_in_child=_hold_nothing)
