from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from kundenportal.kernel.edits import edits_between
from kundenportal.kernel.lengths import NUMBER_MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable

COUNTED = 1_000  # hits beyond that are not counted any more, only said to be more
WALKED_AT_MOST = 10_000  # entries that are looked at one after the other before all hits are sorted instead
WALKED_AT_FIRST = 2_000  # of these
WORDS_SOUGHT = 8  # each costs a condition; nobody types more
MISSPELT_FROM = 4  # letters; of shorter words almost every other one is a misspelling
TWICE_MISSPELT_FROM = 8
LETTERS_LOOKED_AT = 7  # of a word that may be misspelt; as in migrations/0002_kept_by_triggers.py
ALIKE_AT_MOST = 8
XLSX_ROWS_AT_MOST = 50_000  # a workbook is written as a whole before its first byte goes out
NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when somebody last signed in who never has


class Condition(StrEnum):
    """What the list can be narrowed down to."""

    ISSUED = "issued"
    LETTER_ON_ITS_WAY = "letter-on-its-way"
    LETTER_LOST = "letter-lost"
    EXPIRED = "expired"
    ACTIVE = "active"
    LOCKED = "locked"
    SUSPENDED = "suspended"


class Standing(StrEnum):
    """As much of an account's state as no clock has a part in: what has been issued expires by itself."""

    ISSUED = "issued"
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Key(StrEnum):
    """What the list can be sorted by; the values are the fields of an entry."""

    OPENED = "account_id"  # accounts are numbered as they are opened
    NAME = "name"
    ADDRESS = "address"
    ORGANISATION = "organisation"
    LAST_SIGN_IN = "last_signed_in_at"


@dataclass(frozen=True)
class Order:
    """Which way the list is sorted."""

    key: Key
    descending: bool = False


NEWEST_FIRST = Order(Key.OPENED, descending=True)
BY_NAME = Order(Key.NAME)


@dataclass(frozen=True)
class Wanted:
    """Which accounts are wanted, in which order; without one, the best hits come first, or the newest accounts."""

    text: str = ""
    condition: Condition | None = None
    order: Order | None = None


@dataclass(frozen=True)
class Place:
    """Where an entry stands in the list; places compare as their entries follow one another, if ascending.

    The tier is 0, or 1 for hits that follow the better ones.
    """

    tier: int
    value: str
    account_id: int

    def __str__(self) -> str:
        return f"{self.tier}~{self.account_id}~{self.value}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that was written; None if that is none."""
        tier, _, rest = text.partition("~")
        number, tilde, value = rest.partition("~")
        if (
            not tilde
            or tier not in {"0", "1"}
            or not (number.isascii() and number.isdigit())
            or len(number) > NUMBER_MAX_LENGTH
        ):
            return None
        return cls(int(tier), value, int(number))


def edits_forgiven(word: str) -> int:
    """How many letters of a word may be wrong, missing, too many or swapped with the next one."""
    if len(word) < MISSPELT_FROM or not word.isalpha():
        return 0
    return 1 if len(word) < TWICE_MISSPELT_FROM else 2


def edits_to_beginning(typed: str, word: str) -> int:
    """How far what was typed is from the word, or from a beginning of it: people stop typing early."""
    lengths = range(max(1, len(typed) - 2), len(typed) + 3)
    return min(edits_between(typed, word[:length]) for length in lengths)


def alike(typed: str, words: Iterable[str]) -> list[str]:
    """The words that may have been meant: only the nearest, and nearest in length first."""
    most = edits_forgiven(typed)
    edits = {word: edits_to_beginning(typed, word) for word in words}
    least = min((number for number in edits.values() if number <= most), default=None)
    nearest = [word for word, number in edits.items() if number == least]
    return sorted(nearest, key=lambda word: (abs(len(word) - len(typed)), word))[:ALIKE_AT_MOST]
