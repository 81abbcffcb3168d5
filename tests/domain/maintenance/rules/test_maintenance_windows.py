"""How far a window has come, and how long whoever meets it stays away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.maintenance.rules.windows import (
    OVERRUN_GRANTED,
    Stage,
    Times,
    comes_back_after,
    over_at,
    pauses,
    stage,
)

MICROSECOND, MINUTE, HOUR, DAY = timedelta(microseconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STARTS = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)
WINDOW = Times(STARTS, STARTS + 2 * HOUR)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (STARTS - 7 * DAY - MICROSECOND, Stage.PLANNED),
        (STARTS - 7 * DAY, Stage.ANNOUNCED),
        (STARTS - MICROSECOND, Stage.ANNOUNCED),
        (STARTS, Stage.RUNNING),
        (STARTS + 2 * HOUR - MICROSECOND, Stage.RUNNING),
        (STARTS + 2 * HOUR, Stage.OVERRUNNING),
        (STARTS + 30 * DAY, Stage.OVERRUNNING),
    ],
)
def test_a_window_begins_by_the_clock_and_does_not_end_by_it(now: datetime, expected: Stage) -> None:
    assert stage(WINDOW, now=now) is expected


@pytest.mark.parametrize("now", [STARTS + HOUR, STARTS + 3 * HOUR])
def test_what_somebody_has_ended_or_cancelled_is_over(now: datetime) -> None:
    assert stage(replace(WINDOW, ended_at=STARTS + HOUR), now=now) is Stage.OVER
    assert stage(replace(WINDOW, cancelled_at=STARTS - DAY), now=now) is Stage.CANCELLED


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        (STARTS, 2 * HOUR),
        (STARTS + 90 * MINUTE, 30 * MINUTE),
        (STARTS + 2 * HOUR - timedelta(seconds=3), MINUTE),
        (STARTS + 2 * HOUR, 5 * MINUTE),
        (STARTS + 5 * HOUR, 5 * MINUTE),
    ],
)
def test_nobody_is_asked_to_come_back_at_once_or_in_the_past(now: datetime, wait: timedelta) -> None:
    assert comes_back_after(WINDOW, now=now) == wait


@pytest.mark.parametrize(
    ("window", "now", "expected"),
    [
        (WINDOW, STARTS - DAY, STARTS + 2 * HOUR),
        (WINDOW, STARTS + HOUR, STARTS + 2 * HOUR),
        (WINDOW, STARTS + 3 * HOUR, STARTS + 3 * HOUR + OVERRUN_GRANTED),
        (replace(WINDOW, ended_at=STARTS + HOUR), STARTS + DAY, STARTS + HOUR),
        (replace(WINDOW, ended_at=STARTS + 4 * HOUR), STARTS + DAY, STARTS + 4 * HOUR),
    ],
)
def test_it_is_over_at_its_real_end_its_expected_one_or_soon(window: Times, now: datetime, expected: datetime) -> None:
    assert over_at(window, now=now) == expected


@given(st.timedeltas(min_value=-10 * DAY, max_value=10 * DAY))
def test_what_has_not_ended_is_over_at_no_time_gone_by(later: timedelta) -> None:
    now = STARTS + later
    assert over_at(WINDOW, now=now) > now or now < WINDOW.ends_at


def test_pauses_are_in_order_and_what_was_cancelled_is_none() -> None:
    second = Times(STARTS + DAY, STARTS + DAY + HOUR)
    cancelled = replace(WINDOW, starts_at=STARTS - DAY, cancelled_at=STARTS - 2 * DAY)
    assert pauses([second, cancelled, WINDOW], now=STARTS - 3 * DAY) == (
        (WINDOW.starts_at, WINDOW.ends_at),
        (second.starts_at, second.ends_at),
    )
