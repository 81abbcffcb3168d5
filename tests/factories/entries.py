"""Entries at the door, as the domain sees them: right, wrong, or at a locked name."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, OWN_PASSWORD
from kundenportal.domain.credentials import guard, hashing
from kundenportal.domain.credentials.operations import sign_in
from kundenportal.domain.credentials.operations.entries import EntryWrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account

NOBODY = "niemand.hier@probstadt.example.org"


def comes_in(address: str, password: str = OWN_PASSWORD, *, browser: str = "", now: datetime = NOW) -> Account:
    return sign_in.sign_in(address=address, password=password, browser_id=browser, now=now, origin=AT_HOME)


def is_wrong(address: str, *, times: int = 1, browser: str = "", now: datetime = NOW) -> None:
    for _ in range(times):
        with pytest.raises(EntryWrong):
            comes_in(address, "wrong", browser=browser, now=now)


def is_locked(address: str, *, browser: str = "", now: datetime = NOW) -> bool:
    try:
        comes_in(address, browser=browser, now=now)
    except guard.Locked:
        return True
    return False


@contextmanager
def nobody_gets_in_line() -> Iterator[None]:
    """All places before the hashing threads are taken."""
    with ExitStack() as others:
        with suppress(hashing.LineFull):
            while True:
                others.enter_context(hashing.place_in_line())
        yield
