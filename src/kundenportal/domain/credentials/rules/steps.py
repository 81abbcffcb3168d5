"""What staff may do for an account as it stands, the likeliest first: that one is its next step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .account_states import AccountState


class Step(StrEnum):
    """Something staff do for an account."""

    DECIDE = "decide"
    CORRECT_ADDRESS = "correct-address"
    SEND_AGAIN = "send-again"
    UNLOCK = "unlock"
    ISSUE_AGAIN = "issue-again"
    RESTORE = "restore"
    END_SESSIONS = "end-sessions"
    SUSPEND = "suspend"


# What gives somebody access: before it, staff say how they made sure who they are dealing with.
HANDS_OUT_ACCESS = frozenset({Step.CORRECT_ADDRESS, Step.UNLOCK, Step.ISSUE_AGAIN, Step.RESTORE})


@dataclass(frozen=True)
class Standing:
    """How an account stands, as far as it matters for what may be done."""

    state: AccountState
    letter_failed: bool = False
    is_locked: bool = False
    check_is_open: bool = False
    is_signed_in: bool = False


def steps(standing: Standing) -> tuple[Step, ...]:
    """The steps that make sense now, the next one first."""
    if standing.state is AccountState.SUSPENDED:
        return (Step.RESTORE,)
    waits_for_first_sign_in = standing.state in {AccountState.ISSUED, AccountState.EXPIRED}
    letter_is_lost = standing.letter_failed and waits_for_first_sign_in
    possible = [
        (Step.DECIDE, standing.check_is_open),
        (Step.CORRECT_ADDRESS, letter_is_lost),
        (Step.SEND_AGAIN, letter_is_lost),
        (Step.UNLOCK, standing.is_locked),
        (Step.ISSUE_AGAIN, waits_for_first_sign_in),
        (Step.CORRECT_ADDRESS, not letter_is_lost),
        (Step.END_SESSIONS, standing.is_signed_in),
        (Step.SUSPEND, True),
    ]
    return tuple(step for step, is_possible in possible if is_possible)
