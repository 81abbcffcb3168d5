"""A countdown that would end during maintenance ends when that is over; it is never shorter for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME, after_pauses, initial_password_runs_out_at
from kundenportal.domain.maintenance.rules.windows import Pause, Times, pauses

HANDED_OVER = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
ENDS = HANDED_OVER + LIFETIME
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([], ENDS),
        ([Pause(ENDS - HOUR, ENDS + HOUR)], ENDS + HOUR),
        ([Pause(ENDS, ENDS + HOUR)], ENDS + HOUR),
        ([Pause(ENDS - HOUR, ENDS)], ENDS),  # it is over at that very instant
        ([Pause(ENDS + SECOND, ENDS + HOUR)], ENDS),
        (
            [Pause(ENDS - HOUR, ENDS + HOUR), Pause(ENDS + HOUR, ENDS + 2 * HOUR)],
            ENDS + 2 * HOUR,
        ),  # the next begins at once
        ([Pause(ENDS - HOUR, ENDS + HOUR), Pause(ENDS + 2 * HOUR, ENDS + 3 * HOUR)], ENDS + HOUR),
    ],
)
def test_an_end_during_maintenance_waits_for_the_end_of_that(windows: list[Pause], expected: datetime) -> None:
    assert after_pauses(initial_password_runs_out_at(HANDED_OVER), windows) == expected


minutes = st.integers(min_value=-6000, max_value=6000)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Pause, ...]:
    """Windows as the database keeps them, one after the other; the last may be under way and may overrun."""
    edges = sorted(draw(st.sets(minutes, min_size=0, max_size=10)))
    starts_and_ends = list(zip(edges[::2], edges[1::2], strict=False))
    now = ENDS + timedelta(minutes=draw(minutes))
    found = []
    for start, end in starts_and_ends:
        times = Times(ENDS + timedelta(minutes=start), ENDS + timedelta(minutes=end))
        ended_at = times.ends_at if draw(st.booleans()) and times.starts_at < now else None
        found.append(Times(times.starts_at, times.ends_at, ended_at))
    return pauses(found, now=now)


@given(calendars(), minutes)
def test_it_is_never_earlier_than_without_maintenance_nor_shorter_than_four_weeks(
    known: tuple[Pause, ...], shift: int
) -> None:
    handed_over_at = HANDED_OVER + timedelta(minutes=shift)
    runs_out_at = initial_password_runs_out_at(handed_over_at)
    assert after_pauses(runs_out_at, known) >= runs_out_at
    assert after_pauses(runs_out_at, known) - handed_over_at >= LIFETIME


@given(calendars(), minutes, minutes)
def test_whose_letter_came_first_has_no_longer(known: tuple[Pause, ...], one: int, other: int) -> None:
    first, second = sorted((one, other))
    assert after_pauses(ENDS + timedelta(minutes=first), known) <= after_pauses(ENDS + timedelta(minutes=second), known)


@given(calendars(), minutes)
def test_it_never_ends_during_maintenance(known: tuple[Pause, ...], shift: int) -> None:
    end = after_pauses(ENDS + timedelta(minutes=shift), known)
    assert not any(pause.starts_at <= end < pause.ends_at for pause in known)
    assert after_pauses(end, known) == end
