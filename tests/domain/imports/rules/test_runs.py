"""How an import comes to its end, and when its letters go out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kundenportal.domain.imports.rules.runs import (
    AT_WORK,
    ENDED,
    RunState,
    is_a_day_to_come,
    letters_go_out_at,
    may_become,
)


def test_what_has_ended_never_goes_on() -> None:
    assert not [(state, wanted) for state in ENDED for wanted in RunState if may_become(state, wanted)]


def test_everything_else_can_be_cancelled() -> None:
    assert {state for state in RunState if may_become(state, RunState.CANCELLED)} == set(RunState) - ENDED


def test_only_what_is_checked_is_imported_and_only_once() -> None:
    assert [state for state in RunState if may_become(state, RunState.IMPORTING)] == [RunState.CHECKED]


def test_only_what_is_at_work_may_fail() -> None:
    assert {state for state in RunState if may_become(state, RunState.FAILED)} == AT_WORK


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 12, 1), datetime(2026, 12, 1, 7, tzinfo=UTC)),
        (date(2027, 7, 1), datetime(2027, 7, 1, 6, tzinfo=UTC)),
    ],
)
def test_letters_go_out_at_eight_where_the_operator_is(day: date, instant: datetime) -> None:
    assert letters_go_out_at(day) == instant


def test_today_is_to_come_until_eight() -> None:
    today = date(2026, 12, 1)
    assert is_a_day_to_come(today, now=datetime(2026, 12, 1, 6, 59, tzinfo=UTC))
    assert not is_a_day_to_come(today, now=datetime(2026, 12, 1, 7, tzinfo=UTC))
