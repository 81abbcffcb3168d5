from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=2)
# A worker that has not finished a mail within this time is taken for dead. The mail server may be silent for
# SMTP_TIMEOUT at each of the handful of steps of a delivery, so the lease is several times that.
SMTP_TIMEOUT = timedelta(seconds=20)
LEASE = timedelta(minutes=5)


class State(StrEnum):
    """Where an outgoing mail stands."""

    WAITING = "waiting"
    SENDING = "sending"
    HANDED_OVER = "handed_over"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts: a minute, then twice as long each time, up to two hours."""
    doublings = min(attempts - 1, 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def next_attempt_at(*, attempts: int, queued_at: datetime, now: datetime) -> datetime | None:
    """When to try again; None once trying has gone on for GIVE_UP_AFTER."""
    if now >= queued_at + GIVE_UP_AFTER:
        return None
    return min(now + pause_after(attempts), queued_at + GIVE_UP_AFTER)
