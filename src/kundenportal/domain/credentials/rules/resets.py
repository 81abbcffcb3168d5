"""A forgotten password: who is sent what, how often, and what a link is worth (rules R4 and R9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.kernel.randomness import TOKEN_ALPHABET, TOKEN_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable

RESET_LINK_LIFETIME = timedelta(minutes=60)  # R9

# Nobody's inbox is flooded by a stranger who asks and asks. Links live as long as the window is wide, so whoever asks
# for one mail too many has a link that still works. A limit by the day would let that stranger keep the owner out.
# Of several requests that wait for delivery at the same time only the newest is answered, however old it is: whoever
# asked while the mail server was away gets one mail with a link that works, and not one for each time of asking.
MAILS_AT_MOST = 5
MAILS_COUNTED_FOR = timedelta(hours=1)
STRANGER_TOLD_AGAIN_AFTER = timedelta(days=1)  # R9: an address without access is told so once a day
# Kept until its delivery is settled (two days) and long enough for the daily limit; it is personal data of strangers.
STRANGER_FORGOTTEN_AFTER = timedelta(days=3)
# The mail log of an account and its links say for that long when a link was asked for, sent and used; the trail keeps
# what matters later.
REQUEST_FORGOTTEN_AFTER = timedelta(days=30)


class Answer(StrEnum):
    """What the mail says to whoever asked."""

    LINK = "link"
    CHECK_FIRST = "check-first"
    SUSPENDED = "suspended"
    NO_ACCESS = "no-access"


ANSWERS = {
    AccountState.ACTIVE: Answer.LINK,
    AccountState.ISSUED: Answer.LINK,
    AccountState.EXPIRED: Answer.CHECK_FIRST,  # R4: no way around the entitlement check
    AccountState.SUSPENDED: Answer.SUSPENDED,
    None: Answer.NO_ACCESS,
}


class LinkState(StrEnum):
    """What a link is worth."""

    LIVE = "live"
    USED = "used"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    # The link is live, but by now its account may not be entered by it.
    CHECK_FIRST = "check-first"
    SUSPENDED = "suspended"


_LIVE_LINKS = {
    Answer.LINK: LinkState.LIVE,
    Answer.CHECK_FIRST: LinkState.CHECK_FIRST,
    Answer.SUSPENDED: LinkState.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class Dates:
    """What has happened to a link, and when it ends."""

    expires_at: datetime
    used_at: datetime | None = None
    superseded_at: datetime | None = None


def looks_like_a_token(text: str) -> bool:
    """Whether the text could be the secret of a link; what is not need not be looked for."""
    return len(text) == TOKEN_LENGTH and set(text) <= set(TOKEN_ALPHABET)


def link_state(link: Dates, account_state: AccountState, *, now: datetime) -> LinkState:
    """What a link is worth to an account in this state: used outweighs superseded, and that outweighs expired."""
    if link.used_at is not None:
        return LinkState.USED
    if link.superseded_at is not None:
        return LinkState.SUPERSEDED
    if now >= link.expires_at:
        return LinkState.EXPIRED
    return _LIVE_LINKS[ANSWERS[account_state]]


def is_one_too_many(answer: Answer, sent_before: Iterable[datetime], *, asked_at: datetime) -> bool:
    """Whether another mail with this answer would be a nuisance, after those asked for at these instants."""
    if answer is Answer.NO_ACCESS:
        return any(asked_at < sent + STRANGER_TOLD_AGAIN_AFTER for sent in sent_before)
    return sum(asked_at < sent + MAILS_COUNTED_FOR for sent in sent_before) >= MAILS_AT_MOST
