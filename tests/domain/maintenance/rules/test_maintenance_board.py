"""What the board says, and that it says the same after it was written down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.maintenance.rules.board import Board, Contact, Posted, as_text, board_in
from kundenportal.domain.maintenance.rules.windows import Message, Times

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STARTS = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)
CONTACT = Contact("Kundenportal", "hr@example.org", "+49 511 0", "tel:+495110")
FIRST = Posted(1, Times(STARTS, STARTS + HOUR), Message("Neue Platten", "New disks"))
SECOND = Posted(2, Times(STARTS + 2 * HOUR, STARTS + 3 * HOUR), Message())
FAR = Posted(3, Times(STARTS + 30 * DAY, STARTS + 31 * DAY), Message())
BOARD = Board((FIRST, SECOND, FAR), CONTACT)


@pytest.mark.parametrize(
    ("now", "under_way", "announced"),
    [
        (STARTS - 8 * DAY, None, None),
        (STARTS - DAY, None, FIRST),
        (STARTS, FIRST, SECOND),
        (STARTS + HOUR, FIRST, SECOND),  # it overruns
        (STARTS + 2 * HOUR, SECOND, None),  # and gives way to the next
        (STARTS + 29 * DAY, SECOND, FAR),
    ],
)
def test_one_window_is_under_way_and_the_next_one_announced(
    now: datetime, under_way: Posted | None, announced: Posted | None
) -> None:
    assert BOARD.under_way(now=now) == under_way
    assert BOARD.announced(now=now) == announced


instants = st.datetimes(timezones=st.just(UTC), min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1))  # noqa: DTZ001
posted = st.builds(
    Posted,
    number=st.integers(min_value=1),
    times=st.builds(Times, starts_at=instants, ends_at=instants, ended_at=st.none(), cancelled_at=st.none()),
    message=st.builds(
        Message, german=st.text(st.characters(codec="utf-8")), english=st.text(st.characters(codec="utf-8"))
    ),
)


@given(st.lists(posted, max_size=3))
def test_what_is_written_down_is_read_again(windows: list[Posted]) -> None:
    board = Board(tuple(windows), CONTACT)
    assert board_in(as_text(board)) == board


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"windows": [{"number": 1}], "contact": null}', '{"windows": 3}']
)
def test_what_is_no_board_is_none(text: str) -> None:
    assert board_in(text) is None
