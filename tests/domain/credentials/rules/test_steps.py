"""What staff may do for an account, and what comes next; decided on paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.credentials.rules.steps import Standing, Step, next_step, steps

ISSUED, EXPIRED, ACTIVE, SUSPENDED = (
    AccountState.ISSUED,
    AccountState.EXPIRED,
    AccountState.ACTIVE,
    AccountState.SUSPENDED,
)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(ISSUED), (Step.ISSUE_AGAIN, Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE)),
        (
            Standing(ISSUED, letter_failed=True),
            (Step.CORRECT_ADDRESS, Step.SEND_AGAIN, Step.ISSUE_AGAIN, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE),
        ),
        (
            Standing(ISSUED, has_letter=False),
            (Step.SEND_LETTER, Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE),
        ),
        (Standing(SUSPENDED, has_letter=False), (Step.RESTORE, Step.DELETE)),
        (
            Standing(EXPIRED),
            (Step.TAKE_DOWN_REQUEST, Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE),
        ),
        (
            Standing(EXPIRED, letter_failed=True),
            (Step.TAKE_DOWN_REQUEST, Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE),
        ),
        (
            Standing(ISSUED, letter_failed=True, address_seems_right=True),
            (Step.SEND_AGAIN, Step.CORRECT_ADDRESS, Step.ISSUE_AGAIN, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE),
        ),
        (
            Standing(EXPIRED, check_is_open=True),
            (Step.DECIDE, Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE),
        ),
        (Standing(ACTIVE), (Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE)),
        (Standing(ACTIVE, letter_failed=True), (Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE)),
        (
            Standing(ACTIVE, is_locked=True),
            (Step.UNLOCK, Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.SUSPEND, Step.DELETE),
        ),
        (
            Standing(ACTIVE, is_signed_in=True),
            (Step.CORRECT_ADDRESS, Step.CHANGE_DETAILS, Step.END_SESSIONS, Step.SUSPEND, Step.DELETE),
        ),
        (Standing(SUSPENDED, is_locked=True), (Step.RESTORE, Step.DELETE)),
        (Standing(SUSPENDED, is_to_be_deleted=True), (Step.RESTORE,)),
    ],
)
def test_the_likeliest_step_comes_first(standing: Standing, expected: tuple[Step, ...]) -> None:
    assert steps(standing) == expected


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(ISSUED), None),
        (Standing(ACTIVE, is_signed_in=True), None),
        (Standing(ACTIVE, letter_failed=True), None),
        (Standing(ISSUED, has_letter=False), Step.SEND_LETTER),
        (Standing(ISSUED, letter_failed=True), Step.CORRECT_ADDRESS),
        (Standing(ACTIVE, is_locked=True), Step.UNLOCK),
        (Standing(EXPIRED), Step.TAKE_DOWN_REQUEST),
        (Standing(EXPIRED, check_is_open=True), Step.DECIDE),
        (Standing(SUSPENDED), Step.RESTORE),
    ],
)
def test_an_account_with_which_all_is_well_waits_for_nothing(standing: Standing, expected: Step | None) -> None:
    assert next_step(standing) == expected


@given(st.builds(Standing, st.sampled_from(AccountState)))
def test_there_is_always_something_to_do_and_nothing_twice(standing: Standing) -> None:
    possible = steps(standing)
    assert possible
    assert len(set(possible)) == len(possible)
    assert (Step.ISSUE_AGAIN in possible) == (standing.state is ISSUED)
