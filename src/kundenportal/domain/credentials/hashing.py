"""Argon2id, on a few threads of its own, with a line before them that does not grow without end."""

from __future__ import annotations

import base64
import errno
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import nacl.bindings as sodium
from _cffi_backend import FFI  # cffi's own brings a parser of C along, a megabyte
from django.conf import settings
from django.contrib.auth.hashers import BasePasswordHasher
from nacl.exceptions import InvalidkeyError

from kundenportal.kernel.connections import leave_connection
from kundenportal.kernel.randomness import random_salt
from kundenportal.kernel.refusal import TooBusy

from .rules import hashing_cost, hashing_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")

# Pages and other processes come first: hashing gets what they leave.
NICENESS = 10
LENGTH_OF_HASH = 32  # bytes


class LineFull(TooBusy):
    """So many entries wait to be checked that another one would wait too long."""


class NoMemoryToHash(TooBusy):
    """The machine has no memory left in which a password could be checked; nothing is known about the password."""


class Argon2id(BasePasswordHasher):
    """Argon2id at the cost of `rules.hashing_cost`, computed by libsodium.

    Where that is raised, every stored hash is renewed at its owner's next sign-in. Hashes are written as Django and
    argon2-cffi write them, and read whichever of them wrote them.
    """

    algorithm = "argon2"
    memory_cost = hashing_cost.MEMORY

    @property
    def time_cost(self) -> int:
        """How many passes over the memory."""
        passes: int = settings.HASHING_PASSES
        return passes

    def salt(self) -> str:
        """Sixteen random bytes, as Django hands salts around: a character for each."""
        return random_salt(sodium.crypto_pwhash_SALTBYTES).decode("latin1")

    def encode(self, password: str, salt: str) -> str:
        """The hash, computed on a hashing thread; the salt has sixteen characters, each a byte."""
        salted = salt.encode("latin1")
        hashed = _on_a_hashing_thread(lambda: self._hashed(password.encode(), salted))
        return f"{self.beginning()}{_in_base64(salted)}${_in_base64(hashed)}"

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the hash is of that password, computed on a hashing thread; raises NoMemoryToHash."""
        stored = encoded.removeprefix(self.algorithm).encode()
        return _on_a_hashing_thread(lambda: _is_hash_of(stored, password.encode()))

    def must_update(self, encoded: str) -> bool:
        """Whether the hash is of another cost than this one."""
        return not encoded.startswith(self.beginning())

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing: what is missing to a higher cost cannot be made up for, as little as in Django's own Argon2.

        Once the cost is raised, a wrong entry takes less time until the hash is renewed (docs/security.md, Guessing).
        """

    def beginning(self) -> str:
        """How every hash of this cost begins."""
        return f"{self.algorithm}$argon2id$v=19$m={self.memory_cost},t={self.time_cost},p=1$"

    def _hashed(self, password: bytes, salt: bytes) -> bytes:
        try:
            return sodium.crypto_pwhash_alg(
                LENGTH_OF_HASH,
                password,
                salt,
                self.time_cost,
                self.memory_cost * 1024,
                sodium.crypto_pwhash_ALG_ARGON2ID13,
            )
        except RuntimeError as failure:
            raise NoMemoryToHash from failure


def _is_hash_of(stored: bytes, password: bytes) -> bool:
    _c.errno = 0  # what an earlier call has left is not this one's
    try:
        return sodium.crypto_pwhash_str_verify(stored, password)
    except InvalidkeyError as refusal:
        # The library says the same of a wrong password and of a machine without memory; its C code tells them apart.
        if _c.errno == errno.ENOMEM:
            raise NoMemoryToHash from refusal
        return False


_c = FFI()  # knows, in each thread, the errno that its last call of a C function left


def _in_base64(number: bytes) -> str:
    return base64.b64encode(number).decode().rstrip("=")


@contextmanager
def place_in_line(*, before_refusing: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Whoever is inside may wait for a turn; raises LineFull rather than letting the line grow.

    Something else may be looked at before that is raised, and raise what it likes.
    """
    line = _line()
    if not line.places.acquire(blocking=False):
        before_refusing()
        raise LineFull
    try:
        yield
    finally:
        line.places.release()


@contextmanager
def turn(*, before_waiting: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Whoever is inside may hash at once, and must not wait for anybody there; for holders of a place in the line.

    Something may be looked at before anybody has to wait, and raise what it likes. Raises LineFull if it takes too long
    to get there.
    """
    line = _line()
    if not line.at_work.acquire(blocking=False):
        before_waiting()
        leave_connection()
        if not line.at_work.acquire(timeout=hashing_line.LONGEST_WAIT.total_seconds()):
            raise LineFull
    try:
        yield
    finally:
        line.at_work.release()


def _on_a_hashing_thread(work: Callable[[], Result]) -> Result:
    leave_connection()
    return _line().hashing.submit(work).result()


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


@cache
def _only_line() -> _Line:
    return _Line(settings.HASHING_THREADS)


_one_at_a_time = threading.Lock()


def _line() -> _Line:
    with _one_at_a_time:  # or else two who come first would each make a line of their own
        return _only_line()


# A web process is a copy of the one that loaded the portal, and threads are not copied along.
os.register_at_fork(after_in_child=_only_line.cache_clear)
