"""The answer of the password policy: codes only, the faces find the words."""

from dataclasses import dataclass
from enum import StrEnum


class Strength(StrEnum):
    """What may be done with a password."""

    REFUSED = "refused"
    WEAK = "weak"
    STRONG = "strong"


class Reason(StrEnum):
    """Why a password is refused, or what most of a weak one consists of."""

    NOT_TEXT = "not-text"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    COMMON = "common"
    OWN_WORDS = "own-words"

    SIMILAR_TO_COMMON = "similar-to-common"
    DICTIONARY = "dictionary"
    NAME = "name"
    OWN_WORD_INSIDE = "own-word-inside"
    SEQUENCE = "sequence"
    REPEAT = "repeat"
    KEYBOARD = "keyboard"
    DATE = "date"
    SHORT = "short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How strong a password is, why it is not stronger, and how far a meter shall go (0 to 4)."""

    strength: Strength
    reason: Reason | None
    guesses: float
    score: int
