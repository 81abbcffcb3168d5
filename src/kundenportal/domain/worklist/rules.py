"""What waits at the service desk, in which order, and for how long somebody may keep it to themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from enum import StrEnum

# Whoever took something up and was called away must not hide it from the others.
HELD_FOR = timedelta(hours=2)
ENDS_SOON = timedelta(days=7)


class Kind(StrEnum):
    """What waits."""

    CHECK = "check"
    LETTER = "letter"
    LOCKOUT = "lockout"
    EXPIRING = "expiring"
    INTAKE = "intake"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, order=True)
class Position:
    """The place of something that waits: whatever has waited longer comes first; then by kind and number."""

    since: datetime
    kind: Kind
    number: int

    def __str__(self) -> str:
        """As it stands in an address."""
        return f"{self.since.isoformat()}~{self.kind}~{self.number}"

    @classmethod
    def read(cls, text: str) -> Position | None:
        """The place an address names; None if it names none."""
        try:
            since, kind, number = text.split("~")
            position = cls(datetime.fromisoformat(since), Kind(kind), int(number))
        except ValueError:
            return None
        # A week before it and one after there have to be days, too.
        is_a_day = position.since.tzinfo and MINYEAR < position.since.year < MAXYEAR
        return position if is_a_day and 0 <= position.number < 2**63 else None
