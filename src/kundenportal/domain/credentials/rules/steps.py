"""What staff may do for an account as it stands, and which of it is its next step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kundenportal.domain.mail.rules import DID_NOT_ARRIVE, State

from .account_states import AccountState

# Letters nobody has: refused, come back, or not written because there was nobody to write to at that moment.
LOST_LETTERS = DID_NOT_ARRIVE | {State.NOT_NEEDED}


class Step(StrEnum):
    """Something staff do for an account."""

    DECIDE = "decide"
    TAKE_DOWN_REQUEST = "take-down-request"
    CORRECT_ADDRESS = "correct-address"
    CHANGE_DETAILS = "change-details"
    SEND_LETTER = "send-letter"
    SEND_AGAIN = "send-again"
    UNLOCK = "unlock"
    ISSUE_AGAIN = "issue-again"
    RESTORE = "restore"
    END_SESSIONS = "end-sessions"
    SUSPEND = "suspend"
    DELETE = "delete"


# What sends an access letter to the address we know, at once: nobody has to be recognised, and nothing is asked.
SENDS_LETTER = frozenset({Step.SEND_LETTER, Step.SEND_AGAIN})
# What gives somebody access: before it, staff say how they made sure who they are dealing with. Details belong here: a
# telephone number is where the next caller is called back, and an organisation is what else they may read.
HANDS_OUT_ACCESS = frozenset({Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.UNLOCK, Step.ISSUE_AGAIN, Step.RESTORE})
# And before what cannot be undone for ever: nobody has another person's access deleted.
ASKS_WHO_IT_IS = HANDS_OUT_ACCESS | {Step.DELETE}


@dataclass(frozen=True)
class Standing:
    """How an account stands, as far as it matters for what may be done."""

    state: AccountState
    has_letter: bool = True  # one may be queued for a later day; whoever was imported without waits for the desk
    letter_failed: bool = False
    address_seems_right: bool = False  # what kept the letter from arriving says nothing against it
    is_locked: bool = False
    check_is_open: bool = False
    is_signed_in: bool = False
    is_to_be_deleted: bool = False

    @property
    def waits_for_first_letter(self) -> bool:
        """Whether nobody has sent a letter yet."""
        return not self.has_letter and self.state is AccountState.ISSUED

    @property
    def letter_is_lost(self) -> bool:
        """Whether somebody waits for a letter that has reached nobody."""
        return self.letter_failed and self.state is AccountState.ISSUED


def next_step(standing: Standing) -> Step | None:
    """What the account waits for; None if all is well with it."""
    first, *_ = steps(standing)
    is_well = standing.state in {AccountState.ISSUED, AccountState.ACTIVE} and not (
        standing.waits_for_first_letter or standing.letter_is_lost or standing.is_locked or standing.check_is_open
    )
    return None if is_well else first


def steps(standing: Standing) -> tuple[Step, ...]:
    """The steps that make sense now, the likeliest first."""
    if standing.state is AccountState.SUSPENDED:
        return (Step.RESTORE,) if standing.is_to_be_deleted else (Step.RESTORE, Step.DELETE)
    possible = [
        (Step.DECIDE, standing.check_is_open),
        (Step.SEND_LETTER, standing.waits_for_first_letter),
        (Step.SEND_AGAIN, standing.letter_is_lost and standing.address_seems_right),
        (Step.CORRECT_ADDRESS, standing.letter_is_lost),
        (Step.SEND_AGAIN, standing.letter_is_lost and not standing.address_seems_right),
        (Step.UNLOCK, standing.is_locked),
        (Step.TAKE_DOWN_REQUEST, standing.state is AccountState.EXPIRED and not standing.check_is_open),
        (Step.ISSUE_AGAIN, standing.has_letter and standing.state is AccountState.ISSUED),
        (Step.CORRECT_ADDRESS, not standing.letter_is_lost),
        (Step.CHANGE_DETAILS, True),
        (Step.END_SESSIONS, standing.is_signed_in),
        (Step.SUSPEND, True),
        (Step.DELETE, True),
    ]
    return tuple(step for step, is_possible in possible if is_possible)
