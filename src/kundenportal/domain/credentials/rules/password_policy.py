"""One policy for every password a person chooses: profile, reset and desk (rules R5 and R6)."""

import unicodedata
from collections.abc import Sequence

from kundenportal.domain.credentials.rules.initial_passwords import grouped
from kundenportal.domain.credentials.rules.own_words import characters_beside, own_words
from kundenportal.domain.credentials.rules.verdict import Reason, Strength, Verdict
from kundenportal.kernel.randomness import random_text

__all__ = [
    "Reason",
    "Strength",
    "Verdict",
    "judge",
    "normalised_chosen_password",
    "own_words",
    "suggest_password",
]

SHORTEST = 8  # code points after NFKC: R6; NIST 800-63B-4; OWASP ASVS 5.0, 6.2.1
LONGEST = 128  # R6; OWASP ASVS 5.0, 6.2.9 asks that 64 be possible
STRONG_GUESSES = 10**10  # R6; where zxcvbn's highest score begins
SCORE_STEPS = (10**3, 10**6, 10**8, STRONG_GUESSES)  # zxcvbn's steps of the meter

# At most four code points become one under NFKC: what is longer than this needs no closer look.
_LONGEST_ENTRY = 4 * LONGEST

# A suggestion is read from the screen and typed, not spoken: it need only look unmistakable.
SUGGESTION_ALPHABET = "afjkmrtuwxyz3479"
SUGGESTION_LENGTH = 16  # 64 bits
_SUGGESTIONS_TRIED = 20


def judge(password: str, own_words: Sequence[str]) -> Verdict:
    """Whether a person known by these words may have this password, and why not."""
    if len(password) > _LONGEST_ENTRY:
        return _refused(Reason.TOO_LONG)
    chosen = normalised_chosen_password(password)
    words = [unicodedata.normalize("NFKC", word).casefold() for word in own_words]
    fault = _fault(chosen)
    return _refused(fault) if fault else _weighed(chosen, words)


def normalised_chosen_password(entry: str) -> str:
    """The entry exactly as typed, whichever way the device composes its characters."""
    return unicodedata.normalize("NFKC", entry)


def suggest_password(own_words: Sequence[str]) -> str:
    """A password that is strong by this policy and easy to read and type."""
    for _ in range(_SUGGESTIONS_TRIED):
        suggestion = grouped(random_text(SUGGESTION_ALPHABET, SUGGESTION_LENGTH))
        if judge(suggestion, own_words).strength is Strength.STRONG:
            return suggestion
    raise RuntimeError("The source of randomness is broken, or the own words are not words.")


def strength_of(guesses: float) -> Strength:
    """Weak or strong, by the guesses alone."""
    return Strength.STRONG if guesses >= STRONG_GUESSES else Strength.WEAK


def score_of(guesses: float) -> int:
    """How far a meter goes, 0 to 4; only a strong password reaches 4."""
    return sum(guesses >= step for step in SCORE_STEPS)


def _fault(chosen: str) -> Reason | None:
    if any(unicodedata.category(character) == "Cs" for character in chosen):
        return Reason.NOT_TEXT  # half a character, which no hash could be made of
    if len(chosen) < SHORTEST:
        return Reason.TOO_SHORT
    if len(chosen) > LONGEST:
        return Reason.TOO_LONG
    return None


def _weighed(chosen: str, words: Sequence[str]) -> Verdict:
    # Imported at the first password: the dictionaries cost time and memory that most processes never need.
    from kundenportal.domain.credentials.rules import dictionaries, guessing  # noqa: PLC0415

    if dictionaries.is_common(chosen):
        return _refused(Reason.COMMON)
    if characters_beside(chosen, words) < SHORTEST:
        return _refused(Reason.OWN_WORDS)
    estimate = guessing.estimate(chosen, words)
    strength = strength_of(estimate.guesses)
    return Verdict(
        strength=strength,
        reason=estimate.mainly if strength is Strength.WEAK else None,
        guesses=estimate.guesses,
        score=score_of(estimate.guesses),
    )


def _refused(reason: Reason) -> Verdict:
    return Verdict(strength=Strength.REFUSED, reason=reason, guesses=0, score=0)
