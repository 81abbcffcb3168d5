from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=2)
# A worker that has not finished a mail within this time is taken for dead. The mail server may be silent for
# SMTP_TIMEOUT at each of the handful of steps of a delivery, so the lease is several times that.
SMTP_TIMEOUT = timedelta(seconds=20)
LEASE = timedelta(minutes=5)
# RFC 5321, 4.2.1: after the one the same command may succeed later, after the other it will fail again.
POSTPONEMENTS = range(400, 500)
PERMANENT_REFUSALS = range(500, 600)
# RFC 4954, 4 to 6: the portal was not let in; that says nothing about the mail or its address.
NO_ENTRY = frozenset({530, 534, 535, 538})


class State(StrEnum):
    """Where an outgoing mail stands."""

    WAITING = "waiting"
    SENDING = "sending"
    HANDED_OVER = "handed_over"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


class Trouble(StrEnum):
    """What kept a mail from being handed over."""

    NO_CONNECTION = "no_connection"
    POSTPONED = "postponed"
    REFUSED = "refused"
    OTHER = "other"


def trouble_in(answer: str) -> Trouble | None:
    """What the mail server's answer amounts to, or what stands in its place where it said nothing; None if empty."""
    if not answer:
        return None
    found = re.match(r"\d{3}(?!\d)", answer, re.ASCII)
    if not found:
        return Trouble.NO_CONNECTION
    code = int(found[0])
    if code in POSTPONEMENTS:
        return Trouble.POSTPONED
    return Trouble.REFUSED if code in PERMANENT_REFUSALS and code not in NO_ENTRY else Trouble.OTHER


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts: a minute, then twice as long each time, up to two hours."""
    doublings = min(attempts - 1, 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def next_attempt_at(*, attempts: int, queued_at: datetime, now: datetime) -> datetime | None:
    """When to try again; None once trying has gone on for GIVE_UP_AFTER."""
    if now >= queued_at + GIVE_UP_AFTER:
        return None
    return min(now + pause_after(attempts), queued_at + GIVE_UP_AFTER)
