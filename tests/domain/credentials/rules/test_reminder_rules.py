"""Which reminder is due when: 14, 7 and 1 days before the end, one at a time, never early."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME
from kundenportal.domain.credentials.rules.reminders import APART, REMINDED_DAYS_BEFORE, due_spans

DAY, SECOND, MICROSECOND = timedelta(days=1), timedelta(seconds=1), timedelta(microseconds=1)
BERLIN = ZoneInfo("Europe/Berlin")
ENDS_AT = datetime(2026, 12, 21, 9, tzinfo=UTC)

instants = st.timedeltas(min_value=timedelta(0), max_value=LIFETIME + 2 * DAY).map(lambda age: ENDS_AT - LIFETIME + age)


def due_at(now: datetime) -> int | None:
    """The reminder due at that instant for a password that ends at ENDS_AT."""
    due = [span.days_before for span in due_spans(now) if span.after < ENDS_AT <= span.until]
    assert len(due) <= 1, "two reminders at once"
    return due[0] if due else None


def sent_by(sweeps: list[datetime]) -> dict[int, datetime]:
    """When each reminder goes out if the sweeps come at these instants."""
    sent: dict[int, datetime] = {}
    for now in sorted(sweeps):
        days_before = due_at(now)
        if days_before is not None and not any(sent_before <= days_before for sent_before in sent):
            sent[days_before] = now
    return sent


def test_people_are_reminded_14_7_and_1_days_before() -> None:
    assert REMINDED_DAYS_BEFORE == (14, 7, 1)


@pytest.mark.parametrize(
    ("left", "due"),
    [
        (LIFETIME, None),
        (14 * DAY + MICROSECOND, None),
        (14 * DAY, 14),
        (14 * DAY - SECOND, 14),
        (8 * DAY + MICROSECOND, 14),
        (8 * DAY, None),  # late by six days: the next one says it, tomorrow
        (7 * DAY + MICROSECOND, None),
        (7 * DAY, 7),
        (2 * DAY + MICROSECOND, 7),
        (2 * DAY, None),
        (1 * DAY + MICROSECOND, None),
        (1 * DAY, 1),
        (MICROSECOND, 1),
        (timedelta(0), None),
        (-MICROSECOND, None),
        (-7 * DAY, None),
    ],
)
def test_what_is_due_when_so_much_time_is_left(left: timedelta, due: int | None) -> None:
    assert due_at(ENDS_AT - left) == due


@given(st.lists(instants, max_size=30))
def test_however_the_sweeps_come_no_reminder_is_early_or_late_for_the_end_and_no_two_come_close(
    sweeps: list[datetime],
) -> None:
    sent = sent_by(sweeps)
    for days_before, at in sent.items():
        assert ENDS_AT - days_before * DAY <= at < ENDS_AT
    assert list(sent) == sorted(sent, reverse=True), "a less urgent reminder after a more urgent one"
    times = list(sent.values())
    assert all(later - earlier > APART for earlier, later in pairwise(times))


@given(st.timedeltas(timedelta(hours=3), DAY - MICROSECOND), st.timedeltas(timedelta(0), DAY))
def test_each_is_sent_at_the_first_sweep_once_its_day_has_come(every: timedelta, beginning: timedelta) -> None:
    first = ENDS_AT - LIFETIME + beginning
    sweeps = [first + number * every for number in range((LIFETIME + DAY) // every)]
    sent = sent_by(sweeps)
    for days_before in REMINDED_DAYS_BEFORE:
        assert sent[days_before] == min(sweep for sweep in sweeps if sweep >= ENDS_AT - days_before * DAY)


def test_after_ten_days_of_standstill_only_the_most_urgent_goes_out() -> None:
    back_at = ENDS_AT - 5 * DAY
    assert sent_by([back_at - 10 * DAY, back_at, back_at + SECOND]) == {7: back_at}


@pytest.mark.parametrize(
    ("ends_at", "due_from"),
    [
        # Clocks go back on 2026-10-25 and forward on 2027-03-28; the end is 12:00, and a week before it is not.
        (datetime(2026, 10, 28, 12, tzinfo=BERLIN), datetime(2026, 10, 21, 13, tzinfo=BERLIN)),
        (datetime(2027, 3, 31, 12, tzinfo=BERLIN), datetime(2027, 3, 24, 11, tzinfo=BERLIN)),
    ],
)
def test_a_day_is_24_hours_when_the_clocks_change(ends_at: datetime, due_from: datetime) -> None:
    (until,) = [span.until for span in due_spans(due_from) if span.days_before == 7]
    assert until == ends_at.astimezone(UTC)


def test_an_instant_without_time_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="time zone"):
        due_spans(datetime(2026, 11, 2))  # noqa: DTZ001
