"""Passwords are hashed by libsodium, and everybody else who knows Argon2id can read the hashes."""

from __future__ import annotations

import subprocess
import sys

import argon2
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from kundenportal.domain.credentials.hashing import Argon2id

pytestmark = pytest.mark.django_db  # whose connection is given back meanwhile

PASSWORD = "Regenbogen über Hannover"


class Cheap(Argon2id):
    time_cost = 1
    memory_cost = 16


@given(password=st.text(st.characters(exclude_categories=["Cs"]), max_size=128))
@settings(max_examples=50)
def test_what_we_hash_is_read_by_us_by_djangos_hasher_and_by_argon2(password: str) -> None:
    hasher = Cheap()
    hashed = hasher.encode(password, hasher.salt())
    assert hasher.verify(password, hashed)
    assert not hasher.verify(password + "x", hashed)
    assert Argon2PasswordHasher().verify(password, hashed)
    assert argon2.PasswordHasher().verify(hashed.removeprefix("argon2"), password)


def test_a_hash_is_of_the_cost_that_is_promised_and_never_the_same_twice() -> None:
    hasher = Argon2id()
    first, second = (hasher.encode(PASSWORD, hasher.salt()) for _ in range(2))
    assert first.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert Argon2PasswordHasher().decode(first)["params"].hash_len == 32


@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("salt", ["a" * 16, "b" * 22])
def test_hashes_that_django_has_written_are_read(lanes: int, salt: str) -> None:
    theirs = Argon2PasswordHasher()
    theirs.time_cost, theirs.memory_cost, theirs.parallelism = 2, 19456, lanes
    hashed = theirs.encode(PASSWORD, salt)
    assert Argon2id().verify(PASSWORD, hashed)
    assert not Argon2id().verify(PASSWORD.lower(), hashed)
    assert Argon2id().must_update(hashed) == (lanes != 1)


@pytest.mark.parametrize("damaged", ["argon2", "argon2$argon2id$", "argon2$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA"])
def test_what_is_no_hash_is_of_no_password(damaged: str) -> None:
    assert not Argon2id().verify(PASSWORD, damaged)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process may take")
def test_a_machine_without_memory_calls_no_password_wrong() -> None:
    program = """
import resource
from pathlib import Path
from kundenportal.domain.credentials import hashing
hasher = hashing.Argon2id()
hashed = hasher._hashed(b"right", b"0" * 16)
stored = f"$argon2id$v=19$m=19456,t=2,p=1${hashing._in_base64(b'0' * 16)}${hashing._in_base64(hashed)}".encode()
assert hashing._is_hash_of(stored, b"right") and not hashing._is_hash_of(stored, b"wrong")
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 8 * 2**20, used + 8 * 2**20))
for asked in (lambda: hashing._is_hash_of(stored, b"right"), lambda: hasher._hashed(b"right", b"0" * 16)):
    try:
        print("answered", asked())
    except hashing.NoMemoryToHash:
        print("busy")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.stdout.split(), ended.stderr) == (["busy", "busy"], "")
