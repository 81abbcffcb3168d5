"""Argon2id, on a few threads of its own, with a line before them that does not grow without end."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from kundenportal.kernel import memory
from kundenportal.kernel.refusal import TooBusy

from .rules import hashing_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")

# Pages and other processes come first: hashing gets what they leave.
NICENESS = 10
SECONDS_UNTIL_MEMORY_GOES_BACK = 2.0


class LineFull(TooBusy):
    """So many entries wait to be checked that another one would wait too long."""


class Argon2id(Argon2PasswordHasher):
    """Argon2id at OWASP's cost (Password Storage Cheat Sheet: 19 MiB, two passes, one lane).

    Raised here, every stored hash is renewed at its owner's next sign-in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The hash, computed on a hashing thread."""
        return _on_a_hashing_thread(lambda: super(Argon2id, self).encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the hash is of that password, computed on a hashing thread."""
        return _on_a_hashing_thread(lambda: super(Argon2id, self).verify(password, encoded))


@contextmanager
def place_in_line() -> Iterator[None]:
    """Whoever is inside may wait for a turn; raises LineFull rather than letting the line grow."""
    line = _line()
    if not line.places.acquire(blocking=False):
        raise LineFull
    try:
        yield
    finally:
        line.places.release()


@contextmanager
def turn() -> Iterator[None]:
    """Whoever is inside may hash at once, and must not wait for anybody there; for holders of a place in the line.

    Raises LineFull if it takes too long to get there.
    """
    leave_connection()
    line = _line()
    if not line.at_work.acquire(timeout=hashing_line.LONGEST_WAIT.total_seconds()):
        raise LineFull
    try:
        yield
    finally:
        line.at_work.release()


def leave_connection() -> None:
    """Nobody waits while holding a connection that somebody else could use: where they are pooled, it goes back."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _on_a_hashing_thread(work: Callable[[], Result]) -> Result:
    line = _line()
    try:
        return line.hashing.submit(work).result()
    finally:
        line.has_hashed.set()


def _step_back() -> None:
    # Linux takes this for the thread alone; elsewhere it would slow the whole process down.
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


class _Line:
    def __init__(self, threads: int) -> None:
        self.places = threading.BoundedSemaphore(hashing_line.places(threads))
        self.at_work = threading.BoundedSemaphore(hashing_line.at_work(threads))
        self.hashing = ThreadPoolExecutor(threads, "hashing", initializer=_step_back)
        self.has_hashed = threading.Event()
        threading.Thread(target=self._give_memory_back, name="after hashing", daemon=True).start()

    def _give_memory_back(self) -> None:
        # What one hash has filled, the next one can use at once, which saves a third of its time; the system gets it
        # back when nobody has hashed for a while.
        while self.has_hashed.wait():
            while self.has_hashed.is_set():
                self.has_hashed.clear()
                time.sleep(SECONDS_UNTIL_MEMORY_GOES_BACK)
            memory.give_back()


@cache
def _only_line() -> _Line:
    return _Line(settings.HASHING_THREADS)


_one_at_a_time = threading.Lock()


def _line() -> _Line:
    with _one_at_a_time:  # or else two who come first would each make a line of their own
        return _only_line()


# A web process is a copy of the one that loaded the portal, and threads are not copied along.
os.register_at_fork(after_in_child=_only_line.cache_clear)
