"""Times as people write them, clock changes included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.maintenance.rules.local_times import (
    HappensTwice,
    NoSuchTime,
    NotATime,
    instant_at,
    instant_in,
    length_in,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)  # 16:30 in Berlin


def utc(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("18:00", utc(2026, 11, 28, 17, 0)),
        ("16:31", utc(2026, 11, 28, 15, 31)),
        ("16:30", utc(2026, 11, 29, 15, 30)),  # that is now, so tomorrow's is meant
        ("6:00", utc(2026, 11, 29, 5, 0)),
        ("2026-12-24T18:00", utc(2026, 12, 24, 17, 0)),
        (" 2026-12-24 18:00 ", utc(2026, 12, 24, 17, 0)),
        ("24.12.2026 18:00", utc(2026, 12, 24, 17, 0)),
        ("24.12.2026, 18:00", utc(2026, 12, 24, 17, 0)),
        ("2026-07-01T18:00", utc(2026, 7, 1, 16, 0)),
        ("2026-10-25T02:30+02:00", utc(2026, 10, 25, 0, 30)),
        ("2026-10-25T02:30+01:00", utc(2026, 10, 25, 1, 30)),
        ("2026-12-24T18:00Z", utc(2026, 12, 24, 18, 0)),
    ],
)
def test_a_time_is_read_by_the_clock_on_the_wall(text: str, instant: datetime) -> None:
    assert instant_in(text, zone=BERLIN, now=NOW) == instant


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2026-13-01T10:00", "2026-02-30 10:00", "18", "2026-12-24"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        instant_in(text, zone=BERLIN, now=NOW)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("2027-03-28T02:00", NoSuchTime),
        ("2027-03-28T02:59", NoSuchTime),
        ("2026-10-25T02:00", HappensTwice),
        ("2026-10-25T02:59", HappensTwice),
    ],
)
def test_in_the_nights_of_clock_changes_an_hour_is_refused(text: str, refusal: type[NotATime]) -> None:
    with pytest.raises(refusal):
        instant_in(text, zone=BERLIN, now=NOW)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2027-03-28T01:59", utc(2027, 3, 28, 0, 59)),
        ("2027-03-28T03:00", utc(2027, 3, 28, 1, 0)),
        ("2026-10-25T01:59", utc(2026, 10, 24, 23, 59)),
        ("2026-10-25T03:00", utc(2026, 10, 25, 2, 0)),
    ],
)
def test_the_hours_beside_it_are_what_they_seem(text: str, instant: datetime) -> None:
    assert instant_in(text, zone=BERLIN, now=NOW) == instant


@pytest.mark.parametrize(
    ("text", "now", "instant"),
    [
        ("2:30", utc(2026, 10, 25, 2, 0), utc(2026, 10, 26, 1, 30)),  # shown twice this night, and both are over
        ("2:30", utc(2026, 10, 25, 0, 40), utc(2026, 10, 25, 1, 30)),  # shown, and to be shown once more
        ("2:30", utc(2026, 10, 25, 1, 10), utc(2026, 10, 25, 1, 30)),
        ("2:30", utc(2026, 10, 25, 1, 40), utc(2026, 10, 26, 1, 30)),
        ("2:30", utc(2026, 10, 25, 0, 10), HappensTwice),
        ("2:30", utc(2026, 10, 24, 22, 0), HappensTwice),
        ("2:30", utc(2027, 3, 28, 1, 10), utc(2027, 3, 29, 0, 30)),  # passed over this night, and that is over
        ("2:30", utc(2027, 3, 28, 0, 50), NoSuchTime),
    ],
)
def test_a_time_without_its_day_is_the_next_one_on_the_day_of_a_clock_change_too(
    text: str, now: datetime, instant: datetime | type[NotATime]
) -> None:
    if isinstance(instant, datetime):
        assert instant_in(text, zone=BERLIN, now=now) == instant
    else:
        with pytest.raises(instant):
            instant_in(text, zone=BERLIN, now=now)


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2036, 1, 1)))  # noqa: DTZ001
def test_every_time_that_is_taken_is_what_the_clock_will_show(shown: datetime) -> None:
    try:
        instant = instant_at(shown, zone=BERLIN)
    except NotATime:
        return
    assert instant.astimezone(BERLIN).replace(tzinfo=None) == shown


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2h", timedelta(hours=2)),
        ("90m", timedelta(minutes=90)),
        ("90min", timedelta(minutes=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
    ],
)
def test_a_length_is_read(text: str, length: timedelta) -> None:
    assert length_in(text) == length


@pytest.mark.parametrize("text", ["", "0h", "two hours", "-1h", "2", "h", "1.5h"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        length_in(text)
