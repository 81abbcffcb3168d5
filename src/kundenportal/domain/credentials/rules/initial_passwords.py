"""The password we generate, mail once and let expire (rules R2 and R3)."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kundenportal.kernel.randomness import random_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kundenportal.domain.maintenance.rules.windows import Pause

# Small letters only, so that nobody has to say "capital". No two of these look alike on paper (of 0/o, 1/i/l, 1/7,
# 2/z, 5/s, 6/8/b, 9/g/q, u/v, m/n … at most one is here), and no two names rhyme on a telephone, be it German
# (ah-hah-kah, beh-deh-teh-weh, eff-ess, zwei-drei) or English (ay-jay-kay-eight, bee-dee-tee-three, five-nine).
# That leaves 11 signs. One group more to type costs less than a call to ask which sign was meant.
ALPHABET = "fkmrwy34567"
LENGTH = 28  # 28 × log2(11) = 96.9 bits; ASVS and R2 ask for 95
GROUP = 4

LIFETIME = timedelta(days=28)

_PURPOSE = b"kundenportal/initial-password/1"
_DASHES_OUTSIDE_THEIR_CATEGORY = "\u02d7\u2043\u2212"  # modifier minus, hyphen bullet, minus sign
_SEPARATOR_CATEGORIES = frozenset({"Pd", "Cf"})  # dashes, and what has no width


def generate_initial_password() -> str:
    """A new initial password, in groups as it is printed in the letter."""
    return grouped(random_text(ALPHABET, LENGTH))


def grouped(text: str) -> str:
    """The text in groups of four, joined by hyphens."""
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def normalised_initial_password(entry: str) -> str:
    """The entry without blanks, hyphens and dashes, wherever they stand; nothing else is forgiven."""
    return "".join(character for character in entry if not _is_separator(character))


def _is_separator(character: str) -> bool:
    return (
        character.isspace()
        or unicodedata.category(character) in _SEPARATOR_CATEGORIES
        or character in _DASHES_OUTSIDE_THEIR_CATEGORY
    )


def initial_password_runs_out_at(handed_over_at: datetime) -> datetime:
    """When the initial password ends, unless maintenance is in the way: 28 × 24 hours after the hand-over."""
    return in_utc(handed_over_at) + LIFETIME


def after_pauses(instant: datetime, pauses: Sequence[Pause]) -> datetime:
    """The instant, or, if it lies in one of the pauses, the end of that; they are in the order of their beginnings."""
    for pause in pauses:
        if pause.starts_at <= instant < pause.ends_at:
            instant = pause.ends_at
    return instant


def initial_password_has_expired(
    *, expires_at: datetime | None, first_signed_in_at: datetime | None, now: datetime
) -> bool:
    """Whether the countdown ran out; it starts with the hand-over, and a first sign-in ends it for good."""
    if expires_at is None or first_signed_in_at is not None:
        return False
    return in_utc(now) >= in_utc(expires_at)


def in_utc(instant: datetime) -> datetime:
    """The same instant, fit to be added to and compared; ValueError if it has no time zone."""
    # Python adds and compares within one time zone by the clock on the wall: across a change of daylight
    # saving time four weeks would be an hour too long or too short.
    if instant.utcoffset() is None:
        raise ValueError("An instant without a time zone cannot start or end a countdown.")
    return instant.astimezone(UTC)


def keyed_hash(password: str, *, key: bytes, account_id: str) -> str:
    """What is stored of an initial password: worth nothing without the key, and for no other account."""
    if not key:
        raise ValueError("A keyed hash needs a key.")
    account = account_id.encode()
    # The length keeps account and password apart: ("1", "2x") and ("12", "x") must not meet.
    message = b"\0".join((_PURPOSE, str(len(account)).encode(), account, _encoded(password)))
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _encoded(password: str) -> bytes:
    # An entry may hold lone surrogates, which UTF-8 has no place for; it must be wrong, not an error.
    return normalised_initial_password(password).encode("utf-8", "surrogatepass")


def matches(entry: str, stored: str, *, key: bytes, account_id: str) -> bool:
    """Whether the entry is the initial password behind the stored hash, told in constant time."""
    expected = keyed_hash(entry, key=key, account_id=account_id)
    return hmac.compare_digest(expected.encode(), stored.encode("utf-8", "surrogatepass"))
