"""When somebody is at the service desk: holidays, half-days, closing days, and nights in which the clock is changed."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kundenportal.domain.site.rules.holidays import State, holiday_names
from kundenportal.domain.site.rules.hours import (
    DAY_MINUTES,
    Calendar,
    HoursUnclear,
    Presence,
    Span,
    SpecialDay,
    hours_in,
    hours_words,
    presence,
)
from kundenportal.domain.site.rules.settings import EXAMPLE, special_day_in, special_day_words, week_in, week_words

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = EXAMPLE.week
HOLIDAY = holiday_names(State.NI, "de")
CHRISTMAS_EVE = SpecialDay(date(2000, 12, 24), every_year=True, hours=hours_in("7:00–12:00"), reason="Heiligabend")
OUTING = SpecialDay(date(2026, 11, 25), every_year=False, hours=(), reason="Betriebsausflug")
OPEN_ON_REFORMATION_DAY = SpecialDay(date(2028, 10, 31), every_year=False, hours=hours_in("9–11"), reason="Notdienst")
CALENDAR = Calendar(WEEK, (CHRISTMAS_EVE, OUTING, OPEN_ON_REFORMATION_DAY), HOLIDAY)
NIGHTLY = Calendar(week_in(["", "", "", "", "", "22–24", "0–6"]), (), lambda _day: "")


def berlin(text: str) -> datetime:
    """What the clock on the wall shows."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "until", "occasion"),
    [
        ("2026-11-23 07:00", "2026-11-23 17:00", ""),
        ("2026-11-23 16:59:59", "2026-11-23 17:00", ""),
        ("2026-12-24 08:00", "2026-12-24 12:00", "Heiligabend"),  # a half-day, a Thursday
        ("2028-10-31 10:00", "2028-10-31 11:00", "Notdienst"),  # open on a holiday, because somebody says so
        ("2026-03-30 07:00", "2026-03-30 17:00", ""),  # the Monday after the clocks went forward
        ("2026-10-26 07:00", "2026-10-26 17:00", ""),  # and back
    ],
)
def test_somebody_is_there(now: str, until: str, occasion: str) -> None:
    assert presence(CALENDAR, now=berlin(now)) == Presence(is_open=True, until=berlin(until), occasion=occasion)


@pytest.mark.parametrize(
    ("now", "opens_at", "closed_today", "occasion"),
    [
        ("2026-11-23 06:59:59", "2026-11-23 07:00", False, ""),
        ("2026-11-23 17:00", "2026-11-24 07:00", False, ""),
        ("2026-11-27 17:00", "2026-11-30 07:00", False, ""),  # over the weekend
        ("2026-11-28 12:00", "2026-11-30 07:00", True, ""),
        ("2026-11-25 09:00", "2026-11-26 07:00", True, "Betriebsausflug"),
        ("2025-10-31 12:00", "2025-11-03 07:00", True, "Reformationstag"),  # a Friday: a long weekend
        ("2026-12-24 12:00", "2026-12-28 07:00", False, "Heiligabend"),  # both days of Christmas and a weekend
        ("2026-12-25 12:00", "2026-12-28 07:00", True, "Erster Weihnachtstag"),
        ("2022-12-24 08:00", "2022-12-27 07:00", True, ""),  # a Saturday stays closed, half-day or not
        ("2027-03-25 18:00", "2027-03-30 07:00", False, ""),  # Maundy Thursday to Tuesday, and the clocks go forward
        ("2027-03-26 12:00", "2027-03-30 07:00", True, "Karfreitag"),
        ("2026-03-28 23:30", "2026-03-30 07:00", True, ""),
        ("2026-10-24 23:30", "2026-10-26 07:00", True, ""),
    ],
)
def test_nobody_is_there(now: str, opens_at: str, closed_today: bool, occasion: str) -> None:  # noqa: FBT001
    found = presence(CALENDAR, now=berlin(now))
    assert found == Presence(is_open=False, opens_at=berlin(opens_at), is_closed_today=closed_today, occasion=occasion)


def test_a_night_in_which_the_clock_is_changed_is_an_hour_shorter_or_longer() -> None:
    spring = presence(NIGHTLY, now=berlin("2026-03-28 22:00"))
    autumn = presence(NIGHTLY, now=berlin("2026-10-24 22:00"))
    assert spring.until
    assert autumn.until
    assert spring.until == berlin("2026-03-29 06:00")
    assert autumn.until == berlin("2026-10-25 06:00")
    assert spring.until.astimezone(UTC) - berlin("2026-03-28 22:00").astimezone(UTC) == timedelta(hours=7)
    assert autumn.until.astimezone(UTC) - berlin("2026-10-24 22:00").astimezone(UTC) == timedelta(hours=9)


def test_who_never_closes_and_who_never_opens() -> None:
    always = Calendar(week_in(["0–24"] * 7), (), lambda _day: "")
    never = Calendar(week_in([""] * 7), (), lambda _day: "")
    assert presence(always, now=berlin("2026-11-23 09:00")) == Presence(is_open=True)
    assert presence(never, now=berlin("2026-11-23 09:00")) == Presence(is_open=False, is_closed_today=True)


SPANS = st.lists(st.integers(0, DAY_MINUTES // 15).map(lambda quarter: quarter * 15), unique=True, max_size=6).map(
    lambda marks: tuple(Span(a, b) for a, b in zip(sorted(marks)[::2], sorted(marks)[1::2], strict=False))
)
WEEKS = st.tuples(*[SPANS] * 7)
DAYS = st.dates(date(2026, 3, 20), date(2026, 4, 10)) | st.dates(date(2026, 10, 20), date(2026, 11, 5))
SPECIAL_DAYS = st.lists(st.builds(SpecialDay, DAYS, st.booleans(), SPANS, st.text(max_size=5)), max_size=4).map(tuple)
SPRING, AUTUMN = datetime(2026, 3, 25, tzinfo=UTC), datetime(2026, 10, 20, tzinfo=UTC)
MOMENTS = st.tuples(st.sampled_from([SPRING, AUTUMN]), st.timedeltas(timedelta(0), timedelta(days=14))).map(
    lambda both: both[0] + both[1]
)


def _is_open(calendar: Calendar, instant: datetime) -> bool:
    """Asked of the clock on the wall, without looking ahead."""
    shown = instant.astimezone(BERLIN)
    minute = shown.hour * 60 + shown.minute
    return any(span.begin <= minute < span.end for span in calendar.hours_on(shown.date())[0])


@settings(max_examples=60, deadline=None)
@given(week=WEEKS, special=SPECIAL_DAYS, moment=MOMENTS)
def test_open_again_is_the_first_open_instant_after_now(
    week: tuple[tuple[Span, ...], ...], special: tuple[SpecialDay, ...], moment: datetime
) -> None:
    calendar, now = Calendar(week, special, HOLIDAY), moment  # type: ignore[arg-type]
    found = presence(calendar, now=now)
    change = found.until if found.is_open else found.opens_at
    # Around the hours that are shown twice or never, hours are what they are by the first of the two: see `_instant`.
    quarters = [now, *(_quarter_after(now) + timedelta(minutes=15 * number) for number in range(4 * 24 * 5))]
    for instant in (each for each in quarters if not _is_in_a_changed_hour(each)):
        if change is None or instant < change:
            assert _is_open(calendar, instant) is found.is_open, instant
        elif instant == change:
            assert _is_open(calendar, instant) is not found.is_open


def _quarter_after(instant: datetime) -> datetime:
    start = instant.replace(minute=instant.minute // 15 * 15, second=0, microsecond=0)
    return start + timedelta(minutes=15)


def _is_in_a_changed_hour(instant: datetime) -> bool:
    shown = instant.astimezone(BERLIN)
    return shown.date() in {date(2026, 3, 29), date(2026, 10, 25)} and shown.hour in {1, 2, 3}


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        ("7:00–17:00", "7:00–17:00"),
        (" 7-17 ", "7:00–17:00"),
        ("7.30 Uhr bis 12 Uhr, 13:00 - 16:15", "7:30–12:00, 13:00–16:15"),
        ("13–16 und 8–12", "8:00–12:00, 13:00–16:00"),
        ("8 to 12 and 12 to 24", "8:00–12:00, 12:00–24:00"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_hours_are_entered_as_people_write_them(entry: str, kept: str) -> None:
    assert hours_words(hours_in(entry)) == kept
    assert hours_in(kept) == hours_in(entry)


@pytest.mark.parametrize("entry", ["zu", "7", "17–7", "7–7", "7–25", "7:60–8", "7–12, 11–17", "7–12,", "²–3", "0–25"])
def test_what_names_no_hours_is_said_to_be_unclear(entry: str) -> None:
    with pytest.raises(HoursUnclear):
        hours_in(entry)


@given(st.text())
def test_whatever_is_entered_is_hours_or_unclear(entry: str) -> None:
    with suppress(HoursUnclear):
        assert hours_in(hours_words(hours_in(entry))) == hours_in(entry)


@given(week=WEEKS, special=SPECIAL_DAYS)
def test_what_is_kept_is_read_again(week: tuple[tuple[Span, ...], ...], special: tuple[SpecialDay, ...]) -> None:
    assert week_in(week_words(week)) == week  # type: ignore[arg-type]
    for each in special:
        again = special_day_in(special_day_words(each))
        assert (again.hours, again.reason, again.every_year) == (each.hours, each.reason, each.every_year)
        assert again.day == (each.day.replace(year=2000) if each.every_year else each.day)


@pytest.mark.parametrize(
    ("state", "language", "day", "name"),
    [
        (State.NI, "de", date(2026, 10, 31), "Reformationstag"),
        (State.NI, "en", date(2026, 10, 31), "Reformation Day"),
        (State.BY, "de", date(2026, 10, 31), ""),
        (State.BY, "de", date(2026, 11, 1), "Allerheiligen"),
        (State.NI, "de", date(2026, 11, 1), ""),
    ],
)
def test_the_holidays_are_those_of_the_state(state: State, language: str, day: date, name: str) -> None:
    assert holiday_names(state, language)(day) == name
