"""Who has not signed in yet is reminded before the initial password ends (rule R3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .initial_passwords import in_utc

REMINDED_DAYS_BEFORE = (14, 7, 1)
# After a standstill a late reminder is left out if the next one is no further away than this: two of them at once
# would say the same thing twice.
APART = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The initial passwords that end after one instant, and not after another, are to be reminded of now."""

    days_before: int
    after: datetime
    until: datetime


def due_spans(now: datetime) -> tuple[Span, ...]:
    """For each reminder the ends it is due for; no end lies in two of them, so there is one reminder at a time.

    A day is 24 hours before the end, whatever the clocks do meanwhile.
    """
    instant = in_utc(now)
    ends_of_the_next = [instant + timedelta(days=days) + APART for days in REMINDED_DAYS_BEFORE[1:]]
    return tuple(
        Span(days, after=after, until=instant + timedelta(days=days))
        for days, after in zip(REMINDED_DAYS_BEFORE, [*ends_of_the_next, instant], strict=True)
    )
