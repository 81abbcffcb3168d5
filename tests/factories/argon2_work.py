"""Counts what a sign-in costs: every run of Argon2, wherever it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import argon2

if TYPE_CHECKING:
    import pytest


@dataclass
class Argon2Work:
    """The runs so far: for each the cost as it is written in hashes, such as "m=19456,t=2,p=1"."""

    costs: list[str] = field(default_factory=list)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on every run is counted, and done all the same."""
        hash_secret, verify_secret = argon2.low_level.hash_secret, argon2.low_level.verify_secret

        def hash_counted(*arguments: Any, **options: Any) -> bytes:
            self.costs.append(f"m={options['memory_cost']},t={options['time_cost']},p={options['parallelism']}")
            return hash_secret(*arguments, **options)

        def verify_counted(stored: bytes, *arguments: Any, **options: Any) -> bool:
            self.costs.append(stored.decode().split("$")[3])
            return verify_secret(stored, *arguments, **options)

        for module in (argon2.low_level, argon2._password_hasher):  # noqa: SLF001
            monkeypatch.setattr(module, "hash_secret", hash_counted)
            monkeypatch.setattr(module, "verify_secret", verify_counted)
