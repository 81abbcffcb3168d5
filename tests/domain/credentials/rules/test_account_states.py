"""When access has expired: as often as a letter's time ran out before it was used or replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kundenportal.domain.credentials.rules.account_states import expiries

START = datetime(2026, 1, 5, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("letters", "signed_in", "expected"),
    [
        ([], None, []),
        ([(0, 28)], None, [28]),
        ([(80, 108)], None, []),  # not over yet
        ([(0, None)], None, []),  # not handed over yet
        ([(0, 28)], 20, []),
        ([(0, 28), (10, 38)], None, [38]),  # the first was replaced in time
        ([(0, 28), (30, 58)], 50, [28]),
        ([(0, 28), (30, 58), (60, None)], None, [28, 58]),
        ([(0, 28), (30, 100)], None, [28]),
        ([(0, 90)], None, [90]),
    ],
)
def test_access_expires_once_for_each_letter_nobody_used_in_time(
    letters: list[tuple[int, int | None]], signed_in: int | None, expected: list[int]
) -> None:
    newest_first = [(day(issued), day(ends) if ends is not None else None) for issued, ends in reversed(letters)]
    first = day(signed_in) if signed_in is not None else None
    expired = expiries(newest_first, first_signed_in_at=first, now=day(90))
    assert sorted(expired) == [day(number) for number in expected]
