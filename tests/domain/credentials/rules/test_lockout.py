"""Five wrong entries lock; what is being checked counts as wrong until it turns out right (rule R8)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.credentials.rules import lockout
from kundenportal.domain.credentials.rules.lockout import Count

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)
DAY = timedelta(hours=24)
NOTHING = Count()


def found_wrong(count: Count, until: datetime, *, now: datetime) -> Count:
    after = lockout.settled_wrong(count, until, now=now)
    assert after is not None
    return after


def at_work(number: int, *, since: datetime = NOW) -> tuple[datetime, ...]:
    """Until when so many checks are taken for alive that began one after the other."""
    return tuple(since + LEASE + n * timedelta(microseconds=1) for n in range(number))


# Five


@pytest.mark.parametrize(
    ("wrong", "pending", "locked", "full"),
    [
        (0, 0, False, False),
        (4, 0, False, False),
        (0, 4, False, False),
        (3, 1, False, False),
        (5, 0, True, True),
        (0, 5, False, True),
        (4, 1, False, True),
        (1, 4, False, True),
    ],
)
def test_five_wrong_ones_lock_and_five_that_may_be_wrong_let_nothing_more_be_checked(
    wrong: int, pending: int, *, locked: bool, full: bool
) -> None:
    count = Count(wrong, at_work(pending), NOW)
    assert (count.is_locked, count.is_full) == (locked, full)


@pytest.mark.parametrize(("wrong", "pending"), [(5, 0), (0, 5), (4, 1), (1, 4)])
def test_a_full_count_takes_no_further_check(wrong: int, pending: int) -> None:
    with pytest.raises(ValueError, match="full"):
        lockout.reserved(Count(wrong, at_work(pending), NOW), now=NOW)


def test_a_check_must_be_settled_within_thirty_seconds() -> None:
    assert lockout.reserved(NOTHING, now=NOW) == Count(0, (NOW + LEASE,), NOW)


def test_the_fifth_wrong_entry_locks_and_the_fourth_does_not() -> None:
    count, outcomes = NOTHING, []
    for _ in range(5):
        count = lockout.reserved(count, now=NOW)
        count = found_wrong(count, NOW + LEASE, now=NOW)
        outcomes.append(count.is_locked)
    assert outcomes == [False, False, False, False, True]


# Right


@pytest.mark.parametrize("others", range(5))
@pytest.mark.parametrize("wrong", range(5))
def test_a_right_entry_clears_the_wrong_ones_and_leaves_what_others_have_checked(wrong: int, others: int) -> None:
    if wrong + others >= 5:
        return
    mine, theirs = NOW + LEASE - SECOND, at_work(others)
    count = Count(wrong, (*theirs[:1], mine, *theirs[1:]), NOW)
    assert lockout.settled_right(count, mine, now=NOW + SECOND) == Count(0, theirs, NOW + SECOND)


def test_of_two_checks_begun_at_the_same_instant_each_is_settled_once() -> None:
    count = lockout.reserved(lockout.reserved(NOTHING, now=NOW), now=NOW)
    after_one = lockout.settled_right(count, NOW + LEASE, now=NOW)
    assert after_one == Count(0, (NOW + LEASE,), NOW)
    assert lockout.settled_wrong(after_one, NOW + LEASE, now=NOW) == Count(1, (), NOW)


# Taken for dead


def test_a_check_that_was_taken_for_dead_stays_wrong_whatever_comes_of_it() -> None:
    begun = lockout.reserved(Count(2, (), NOW), now=NOW)
    given_up = lockout.as_of(begun, NOW + LEASE)
    assert given_up.wrong == 3
    assert lockout.settled_wrong(given_up, NOW + LEASE, now=NOW + LEASE) is None
    assert lockout.settled_right(given_up, NOW + LEASE, now=NOW + LEASE) is None


@pytest.mark.parametrize(
    ("age", "wrong", "pending"), [(LEASE - timedelta(microseconds=1), 1, 2), (LEASE, 2, 1), (LEASE + SECOND, 3, 0)]
)
def test_a_check_is_taken_for_dead_when_its_thirty_seconds_are_over(age: timedelta, wrong: int, pending: int) -> None:
    count = Count(1, (NOW + LEASE, NOW + LEASE + SECOND), NOW)
    later = lockout.as_of(count, NOW + age)
    assert (later.wrong, len(later.pending)) == (wrong, pending)


def test_five_dead_checks_lock() -> None:
    assert lockout.as_of(Count(0, at_work(5), NOW), NOW + LEASE + SECOND).is_locked


# Forgotten


@pytest.mark.parametrize(
    ("wrong", "quiet_for", "still_counts"),
    [
        (1, DAY - SECOND, True),
        (4, DAY - SECOND, True),
        (1, DAY, False),
        (4, DAY, False),
        (5, DAY, True),
        (5, 1000 * DAY, True),
    ],
)
def test_fewer_than_five_are_forgotten_after_24_quiet_hours_to_the_second_and_a_lockout_never(
    wrong: int, quiet_for: timedelta, *, still_counts: bool
) -> None:
    count = Count(wrong, (), NOW)
    assert lockout.as_of(count, NOW + quiet_for) == (count if still_counts else NOTHING)


def test_the_quiet_begins_when_a_dead_check_was_given_up() -> None:
    count = Count(2, (NOW + LEASE,), NOW)
    assert lockout.as_of(count, NOW + LEASE + DAY - SECOND) == Count(3, (), NOW + LEASE)
    assert lockout.as_of(count, NOW + LEASE + DAY) == NOTHING


def test_five_of_which_one_died_unnoticed_are_a_lockout_even_after_a_day() -> None:
    assert lockout.as_of(Count(4, (NOW + LEASE,), NOW), NOW + 10 * DAY).is_locked


def test_quiet_is_broken_by_every_entry() -> None:
    count = Count(4, (), NOW)
    again = lockout.reserved(lockout.as_of(count, NOW + DAY - SECOND), now=NOW + DAY - SECOND)
    again = found_wrong(again, NOW + DAY - SECOND + LEASE, now=NOW + DAY - SECOND)
    assert again.is_locked


# Lifted


@pytest.mark.parametrize(("wrong", "pending"), [(5, 0), (3, 2), (0, 0), (0, 5)])
def test_lifting_forgives_the_wrong_ones_and_not_what_is_still_being_checked(wrong: int, pending: int) -> None:
    lifted = lockout.lifted(Count(wrong, at_work(pending), NOW), now=NOW + SECOND)
    assert lifted == Count(0, at_work(pending), NOW + SECOND)


# Whatever happens

instants = st.integers(0, 3 * 24 * 3600).map(lambda seconds: NOW + seconds * SECOND)


@st.composite
def counts(draw: st.DrawFn) -> Count:
    """Every count there can be: what was pending when it was written was alive then."""
    wrong = draw(st.integers(0, 5))
    changed_at = draw(instants)
    ages = draw(st.lists(st.integers(0, 29), max_size=5 - wrong))
    return Count(wrong, tuple(changed_at + LEASE - age * SECOND for age in ages), changed_at)


def guesses(count: Count) -> int:
    return count.wrong + len(count.pending)


@given(counts(), instants)
def test_time_alone_makes_no_guess_undone_before_a_quiet_day_is_over(count: Count, now: datetime) -> None:
    later = lockout.as_of(count, now)
    assert guesses(later) in {guesses(count), 0}
    if later != count and later.is_nothing and not count.is_nothing:
        assert count.changed_at is not None
        assert now >= count.changed_at + DAY
        assert guesses(count) < 5
    assert all(until > now for until in later.pending)


@given(counts(), instants, st.integers(0, 10**6))
def test_looking_twice_is_looking_once(count: Count, now: datetime, seconds: int) -> None:
    later = now + seconds * SECOND
    assert lockout.as_of(lockout.as_of(count, now), later) == lockout.as_of(count, later)


@given(counts(), instants)
def test_no_decision_makes_more_than_five(count: Count, now: datetime) -> None:
    count = lockout.as_of(count, now)
    assert guesses(count) <= 5
    outcomes = [lockout.lifted(count, now=now)]
    if not count.is_full:
        outcomes.append(lockout.reserved(count, now=now))
    for until in count.pending:
        outcomes.append(found_wrong(count, until, now=now))
        right = lockout.settled_right(count, until, now=now)
        assert right is not None
        outcomes.append(right)
    for outcome in outcomes:
        assert guesses(outcome) <= 5
        assert outcome.changed_at == now


@given(counts(), instants)
def test_a_guess_counts_the_same_while_it_is_checked_and_once_it_is_wrong(count: Count, now: datetime) -> None:
    count = lockout.as_of(count, now)
    if count.is_full:
        return
    begun = lockout.reserved(count, now=now)
    assert guesses(begun) == guesses(count) + 1
    assert guesses(found_wrong(begun, begun.pending[-1], now=now)) == guesses(begun)


@given(counts(), instants)
def test_a_right_entry_settles_its_own_check_and_no_other(count: Count, now: datetime) -> None:
    count = lockout.as_of(count, now)
    for until in count.pending:
        right = lockout.settled_right(count, until, now=now)
        assert right is not None
        assert right.wrong == 0
        assert sorted([*right.pending, until]) == sorted(count.pending)


@given(counts(), instants)
def test_a_lockout_ends_only_by_a_right_entry_or_by_lifting(count: Count, now: datetime) -> None:
    locked = replace(count, wrong=5, pending=())
    assert lockout.as_of(locked, now).is_locked
    assert lockout.settled_wrong(locked, NOW, now=now) is None
    assert lockout.settled_right(locked, NOW, now=now) is None
