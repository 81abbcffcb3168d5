"""Fixtures for whoever asks the portal by HTTP; conftest.py of such a folder imports them."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import reload
from typing import TYPE_CHECKING

import pytest
from django.urls import clear_url_caches

from kundenportal.domain.credentials import verification
from kundenportal.domain.credentials.hashing import Argon2id
from kundenportal.domain.credentials.rules.throttling import Allowance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django import Settings
    from time_machine import TimeMachineFixture


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same Argon2id at a thousandth of its cost; what it costs is shown in tests/domain."""
    monkeypatch.setattr(Argon2id, "time_cost", 1)
    monkeypatch.setattr(Argon2id, "memory_cost", 16)
    verification._hash_nothing_matches.cache_clear()  # noqa: SLF001 - it keeps the cost of its first call
    yield
    verification._hash_nothing_matches.cache_clear()  # noqa: SLF001


@pytest.fixture(autouse=True)
def _many_entries(settings: Settings) -> None:
    """Everybody comes from one address here, and nobody is asked to wait; the limit is shown in test_throttling.py."""
    settings.ENTRY_ALLOWANCE = Allowance(per_minute=60_000)


@pytest.fixture(autouse=True)
def _many_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every error page is noted; that there is a limit is shown in test_errors.py."""
    # Imported late: it needs models, which need Django's settings.
    from kundenportal.web.shared import references

    monkeypatch.setattr(references, "NOTED", Allowance(per_minute=60_000))


@pytest.fixture(autouse=True)
def _nobody_has_said_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has remarked on the help yet, in a process that has run other tests before."""
    # Imported late: it needs models, which need Django's settings.
    from kundenportal.web.content import reading

    monkeypatch.setattr(reading, "senders", reading.Senders())


@pytest.fixture
def quiet_morning(time_machine: TimeMachineFixture) -> None:
    """It is a working day, hours away from every moment at which pages come to say something else.

    Those are opening, closing, midnight, and the night in which clocks are put back.
    """
    time_machine.move_to(datetime(2026, 11, 24, 9, 0, tzinfo=UTC))


@pytest.fixture
def demonstration(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """The portal as a demonstration, with a folder of captured mail of its own."""
    # Imported late: reading the addresses reads the settings, which need the database.
    from kundenportal.config import urls

    settings.DEMONSTRATION = True
    settings.CAPTURED_MAIL = tmp_path / "captured-mail"
    reload(urls)
    clear_url_caches()
    yield
    settings.DEMONSTRATION = False
    reload(urls)
    clear_url_caches()
