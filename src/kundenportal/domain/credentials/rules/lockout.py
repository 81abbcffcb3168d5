"""At most five guesses at a sign-in name are checked, however many arrive at the same instant (rule R8).

A guess is reserved before it is checked and settled afterwards. What is reserved counts as if it were wrong until it
turns out right; that is why five in flight keep a sixth from being checked. Everything here is a decision about one
count, made by whoever has just read it; `guard` writes the outcome down if nobody else was quicker.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

WRONG_ENTRIES_BEFORE_LOCKOUT = 5
FORGOTTEN_AFTER = timedelta(hours=24)
# The job that tells the owner of a lockout takes seconds; whoever is not told by then is told by the clock.
TOLD_WITHIN = timedelta(minutes=5)
STILL_NEWS_FOR = timedelta(hours=24)
LOCKOUT_LINK_LIFETIME = timedelta(days=30)  # the mail's "that was not me"
KNOWN_FOR = timedelta(days=180)  # a browser nobody has signed in with for so long is a stranger again
# A check that has not been settled within this time is taken for one whose process died. Checking takes some tenths
# of a second; what waits longer than that for a processor has not reserved anything yet.
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Count:
    """The guesses at one name: how many were wrong, and until when each one now being checked is taken for alive."""

    wrong: int = 0
    pending: tuple[datetime, ...] = ()
    changed_at: datetime | None = None

    @property
    def is_nothing(self) -> bool:
        """Nothing wrong, and nothing being checked: as if nobody had ever knocked."""
        return not self.wrong and not self.pending

    @property
    def is_locked(self) -> bool:
        """Nothing is checked any more until somebody lifts the lockout."""
        return self.wrong >= WRONG_ENTRIES_BEFORE_LOCKOUT

    @property
    def is_full(self) -> bool:
        """Whether another guess would be one too many, should all that are being checked turn out wrong."""
        return self.wrong + len(self.pending) >= WRONG_ENTRIES_BEFORE_LOCKOUT


def as_of(count: Count, now: datetime) -> Count:
    """The count as time has left it: abandoned checks were wrong, and quiet below five is forgotten."""
    alive = tuple(until for until in count.pending if until > now)
    abandoned = [until for until in count.pending if until <= now]
    if abandoned:
        count = Count(count.wrong + len(abandoned), alive, max(abandoned))
    if count.is_locked or count.pending or count.changed_at is None or now < count.changed_at + FORGOTTEN_AFTER:
        return count
    return Count()


def reserved(count: Count, *, now: datetime) -> Count:
    """The count with one more check, which must be settled before `now + LEASE`; the count must not be full."""
    if count.is_full:
        raise ValueError("A full count takes no further check.")
    return Count(count.wrong, (*count.pending, now + LEASE), now)


def settled_wrong(count: Count, reserved_until: datetime, *, now: datetime) -> Count | None:
    """The count once that check has turned out wrong; None if it does not hold the check any more."""
    if reserved_until not in count.pending:
        return None
    return Count(count.wrong + 1, _without(count.pending, reserved_until), now)


def settled_right(count: Count, reserved_until: datetime, *, now: datetime) -> Count | None:
    """The count once that check has turned out right: no wrong ones, and other people's checks are as they were.

    None if it does not hold the check any more: taken for abandoned meanwhile, it has been counted, and stays wrong.
    """
    if reserved_until not in count.pending:
        return None
    return Count(0, _without(count.pending, reserved_until), now)


def withdrawn(count: Count, reserved_until: datetime) -> Count | None:
    """The count without a check that came to nothing, as if never begun; None if it does not hold it any more."""
    if reserved_until not in count.pending:
        return None
    return replace(count, pending=_without(count.pending, reserved_until))


def lifted(count: Count, *, now: datetime) -> Count:
    """The count after a reset or by staff's leave: the wrong ones are forgiven, and what is being checked still is."""
    return replace(count, wrong=0, changed_at=now)


def _without(pending: tuple[datetime, ...], reserved_until: datetime) -> tuple[datetime, ...]:
    # Two checks reserved until the same instant are alike: it does not matter whose is taken.
    place = pending.index(reserved_until)
    return pending[:place] + pending[place + 1 :]
