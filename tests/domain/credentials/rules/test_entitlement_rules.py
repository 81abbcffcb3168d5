"""Who may ask for new access, and how a check moves from state to state; decided on paper."""

from __future__ import annotations

import pytest

from kundenportal.domain.credentials.rules.entitlement import (
    CheckState,
    Renewal,
    may_be_decided,
    may_be_requested,
    renewal,
)

DECISIONS = [CheckState.APPROVED, CheckState.DECLINED, CheckState.WITHDRAWN]


@pytest.mark.parametrize("state", CheckState)
def test_a_check_is_decided_once(state: CheckState) -> None:
    assert may_be_decided(state) is (state not in DECISIONS)


@pytest.mark.parametrize(
    ("last_check", "letter_on_its_way", "stands"),
    [
        (None, False, Renewal.NOT_REQUESTED),
        (None, True, Renewal.ON_ITS_WAY),
        (CheckState.OPEN, False, Renewal.BEING_CHECKED),
        (CheckState.OPEN, True, Renewal.BEING_CHECKED),
        (CheckState.APPROVED, False, Renewal.NOT_REQUESTED),
        (CheckState.APPROVED, True, Renewal.ON_ITS_WAY),
        (CheckState.DECLINED, False, Renewal.DECLINED),
        (CheckState.DECLINED, True, Renewal.ON_ITS_WAY),
        (CheckState.WITHDRAWN, False, Renewal.NOT_REQUESTED),
        (CheckState.WITHDRAWN, True, Renewal.ON_ITS_WAY),
    ],
)
def test_how_far_a_renewal_has_come(last_check: CheckState | None, letter_on_its_way: bool, stands: Renewal) -> None:  # noqa: FBT001
    assert renewal(last_check=last_check, letter_on_its_way=letter_on_its_way) is stands


@pytest.mark.parametrize("stands", Renewal)
def test_new_access_may_be_requested_while_nobody_is_at_work_on_it(stands: Renewal) -> None:
    assert may_be_requested(stands) is (stands in {Renewal.NOT_REQUESTED, Renewal.DECLINED})
