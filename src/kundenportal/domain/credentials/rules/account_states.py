from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from .initial_passwords import initial_password_has_expired

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class AccountState(StrEnum):
    """How an account stands; always derived, never stored."""

    ISSUED = "issued"
    EXPIRED = "expired"
    ACTIVE = "active"
    SUSPENDED = "suspended"


def account_state(
    *,
    suspended_at: datetime | None,
    first_signed_in_at: datetime | None,
    initial_password_expires_at: datetime | None,
    now: datetime,
) -> AccountState:
    """Suspended outweighs everything; a letter still waiting to be handed over has not begun to expire."""
    if suspended_at is not None:
        return AccountState.SUSPENDED
    if first_signed_in_at is not None:
        return AccountState.ACTIVE
    if initial_password_has_expired(
        expires_at=initial_password_expires_at, first_signed_in_at=first_signed_in_at, now=now
    ):
        return AccountState.EXPIRED
    return AccountState.ISSUED


def expiries(
    letters: Iterable[tuple[datetime, datetime | None]], *, first_signed_in_at: datetime | None, now: datetime
) -> list[datetime]:
    """When access has expired, as often as it has; of each letter, the newest first: when it was issued and expires."""
    expired: list[datetime] = []
    replaced_at = first_signed_in_at
    for issued_at, expires_at in letters:
        if expires_at and expires_at <= now and (replaced_at is None or expires_at <= replaced_at):
            expired.append(expires_at)
        replaced_at = issued_at
    return expired
