"""What the C library does with memory; where it is not glibc, nothing is done about it."""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_ARENA_MAX = -8  # malloc.h


def share_one_heap() -> None:
    """All threads take memory from one heap, which can give it back.

    Left to itself, glibc gives threads heaps of their own and keeps them for ever: with as many threads as wait in the
    line, that is some 60 MB for each process. Nearly all that takes memory holds Python's lock, so nobody waits.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)
