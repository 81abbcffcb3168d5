"""Counts what a sign-in costs: every run of Argon2, wherever it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import nacl.bindings as sodium

if TYPE_CHECKING:
    import pytest


@dataclass
class Argon2Work:
    """The runs so far: for each the cost as it is written in hashes, such as "m=19456,t=2,p=1"."""

    costs: list[str] = field(default_factory=list)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on every run is counted, and done all the same."""
        hashed, verified = sodium.crypto_pwhash_alg, sodium.crypto_pwhash_str_verify

        def hash_counted(length: int, password: bytes, salt: bytes, passes: int, memory: int, kind: int) -> bytes:
            self.costs.append(f"m={memory // 1024},t={passes},p=1")
            return hashed(length, password, salt, passes, memory, kind)

        def verify_counted(stored: bytes, password: bytes) -> bool:
            self.costs.append(stored.decode().split("$")[3])
            return verified(stored, password)

        monkeypatch.setattr(sodium, "crypto_pwhash_alg", hash_counted)
        monkeypatch.setattr(sodium, "crypto_pwhash_str_verify", verify_counted)
