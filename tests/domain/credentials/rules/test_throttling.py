from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.credentials.rules.throttling import (
    ENTRIES_PER_MINUTE,
    LEAST_PER_PROCESS,
    MINUTE,
    Allowance,
    Bucket,
    drawn,
    network_of,
    share_of_a_process,
    wait_for_room,
)

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
GENTLE = Allowance(ENTRIES_PER_MINUTE)
FULL = Bucket(NOW)


def _emptied(allowance: Allowance, *, now: datetime = NOW) -> Bucket:
    bucket = Bucket(now)
    for _ in range(allowance.per_minute):
        bucket = drawn(bucket, allowance, now=now)
    return bucket


def _admitted(allowance: Allowance, pauses: list[timedelta]) -> list[datetime]:
    """When somebody who tries after each of the pauses is let in."""
    bucket, now, admitted = FULL, NOW, []
    for pause in pauses:
        now += pause
        if not wait_for_room(bucket, allowance, now=now):
            bucket = drawn(bucket, allowance, now=now)
            admitted.append(now)
    return admitted


def test_a_large_office_comes_in_at_once_and_then_one_each_second() -> None:
    assert (GENTLE.per_minute, GENTLE.between_entries) == (60, SECOND)
    assert len(_admitted(GENTLE, [timedelta(0)] * 100)) == 60
    assert len(_admitted(GENTLE, [timedelta(0)] * 100 + [SECOND] * 40)) == 100


@pytest.mark.parametrize(
    ("later", "wait"),
    [
        (timedelta(0), SECOND),
        (SECOND / 4, SECOND * 3 / 4),
        (SECOND - timedelta(microseconds=1), timedelta(microseconds=1)),
        (SECOND, timedelta(0)),
        (10 * SECOND, timedelta(0)),
    ],
)
def test_an_empty_bucket_says_how_long_it_takes(later: timedelta, wait: timedelta) -> None:
    assert wait_for_room(_emptied(GENTLE), GENTLE, now=NOW + later) == wait


@pytest.mark.parametrize(
    ("later", "room_for"), [(timedelta(0), 0), (2.5 * SECOND, 2), (MINUTE, 60), (100 * MINUTE, 60)]
)
def test_it_fills_steadily_and_never_holds_more_than_a_minutes_worth(later: timedelta, room_for: int) -> None:
    bucket, now = _emptied(GENTLE), NOW + later
    for _ in range(room_for):
        bucket = drawn(bucket, GENTLE, now=now)
    assert wait_for_room(bucket, GENTLE, now=now)


def test_nothing_is_drawn_from_an_empty_bucket() -> None:
    with pytest.raises(ValueError, match="empty bucket"):
        drawn(_emptied(GENTLE), GENTLE, now=NOW)


def test_a_clock_that_is_set_back_makes_nobody_wait_longer_than_an_empty_bucket() -> None:
    before = NOW - timedelta(hours=1)
    assert wait_for_room(_emptied(GENTLE), GENTLE, now=before) == SECOND
    assert not wait_for_room(_emptied(GENTLE), GENTLE, now=NOW + SECOND)


allowances = st.integers(min_value=1, max_value=200).map(Allowance)


@given(
    allowances,
    st.lists(st.timedeltas(min_value=timedelta(0), max_value=timedelta(seconds=90)), max_size=80),
)
def test_nobody_gets_in_more_often_than_allowed_and_patience_always_helps(
    allowance: Allowance, pauses: list[timedelta]
) -> None:
    admitted = _admitted(allowance, pauses)
    for first, begin in enumerate(admitted):
        for last in range(first, len(admitted)):
            room = allowance.per_minute + (admitted[last] - begin) / allowance.between_entries
            assert last - first + 1 <= room + 1e-6
    bucket = _emptied(allowance)
    wait = wait_for_room(bucket, allowance, now=NOW)
    assert timedelta(0) < wait <= allowance.between_entries
    assert not wait_for_room(bucket, allowance, now=NOW + wait)


@given(allowances)
def test_a_bucket_holds_exactly_what_is_allowed(allowance: Allowance) -> None:
    assert len(_admitted(allowance, [timedelta(0)] * 250)) == allowance.per_minute


@pytest.mark.parametrize(
    ("allowed", "processes", "each"),
    [(60, 1, 60), (60, 2, 30), (60, 4, 20), (60, 16, LEAST_PER_PROCESS), (100, 3, 34), (6000, 4, 1500), (10, 2, 10)],
)
def test_processes_share_what_is_allowed_and_none_is_strict_by_itself(allowed: int, processes: int, each: int) -> None:
    assert share_of_a_process(allowed, processes=processes) == Allowance(each)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.8", "192.0.2.8"),
        ("2001:db8::7", "2001:db8::/64"),
        ("2001:db8::ffff:ffff:ffff:ffff", "2001:db8::/64"),
        ("2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("", ""),
        ("nonsense", "nonsense"),
    ],
)
def test_an_ipv6_address_stands_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
