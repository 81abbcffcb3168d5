"""When the service desk is there: the weekly hours, public holidays, and the days that differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kundenportal.kernel.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BERLIN = ZoneInfo("Europe/Berlin")
DAY_MINUTES = 24 * 60
REASON_MAX_LENGTH = 80
# Who is closed for longer than that has no hours; who stays open for longer than that never closes.
LOOKS_AHEAD = timedelta(days=400)
OPEN_ALL_THE_TIME = timedelta(days=7)

# 7:00–17:00, 7.00-17.00 Uhr, 7 bis 17: as people write it.
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?(?:\s*(?:Uhr|h))?"
_SPAN = re.compile(rf"\s*{_CLOCK}\s*(?:[-–—]|bis|to)\s*{_CLOCK}\s*", re.IGNORECASE)
_BETWEEN_SPANS = re.compile(r"\s*(?:[,;]|\bund\b|\band\b)\s*", re.IGNORECASE)


class HoursUnclear(Refusal):
    """What was entered names no hours."""


@dataclass(frozen=True, order=True)
class Span:
    """From one minute of a day to another, which is not part of it; 1440 is the end of the day."""

    begin: int
    end: int

    def __str__(self) -> str:
        """As it is printed and entered: 7:00–17:00."""
        return f"{clock_words(self.begin)}–{clock_words(self.end)}"


Hours = tuple[Span, ...]
"""The spans of one day, in their order and apart from one another; none means closed."""

Week = tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]
"""The hours of Monday to Sunday."""


@dataclass(frozen=True)
class SpecialDay:
    """A day whose hours are not those of its weekday: closed, a half-day, or open where others are closed."""

    day: date
    every_year: bool
    hours: Hours
    reason: str


@dataclass(frozen=True)
class Calendar:
    """All that decides when the desk is there; `holiday` names a day's public holiday, or says nothing."""

    week: Week
    special_days: tuple[SpecialDay, ...]
    holiday: Callable[[date], str]

    @cached_property
    def _by_date(self) -> dict[date, SpecialDay]:
        return {each.day: each for each in self.special_days if not each.every_year}

    @cached_property
    def _by_month_and_day(self) -> dict[tuple[int, int], SpecialDay]:
        return {(each.day.month, each.day.day): each for each in self.special_days if each.every_year}

    def hours_on(self, day: date) -> tuple[Hours, str]:
        """The hours of a day, and what makes them differ from those of its weekday; empty if nothing does."""
        usual = self.week[day.weekday()]
        if special := self._by_date.get(day):
            return special.hours, special.reason
        # A closed day stays closed: Christmas Eve is a half-day only where it is a working day at all.
        if not usual:
            return (), ""
        if name := self.holiday(day):
            return (), name
        if special := self._by_month_and_day.get((day.month, day.day)):
            return special.hours, special.reason
        return usual, ""


@dataclass(frozen=True)
class Presence:
    """Whether somebody is there at an instant, until when, and from when again; and why today differs."""

    is_open: bool
    until: datetime | None = None
    opens_at: datetime | None = None
    is_closed_today: bool = False
    occasion: str = ""


def presence(calendar: Calendar, *, now: datetime) -> Presence:
    """Who calls now: is somebody there?"""
    today = now.astimezone(BERLIN).date()
    hours, occasion = calendar.hours_on(today)
    ahead = _ahead(calendar, today, now=now)
    following = next(ahead, None)
    if following is None or following[0] > now:
        opens_at = following and following[0]
        return Presence(is_open=False, opens_at=opens_at, is_closed_today=not hours, occasion=occasion)
    until = following[1]
    for begin, end in ahead:
        if begin > until:
            return Presence(is_open=True, until=until, occasion=occasion)
        if end - now > OPEN_ALL_THE_TIME:
            return Presence(is_open=True, occasion=occasion)
        until = end
    return Presence(is_open=True, until=until, occasion=occasion)


def _ahead(calendar: Calendar, today: date, *, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The spans that are not over yet, in their order, as instants."""
    for number in range(LOOKS_AHEAD.days):
        day = today + timedelta(days=number)
        for span in calendar.hours_on(day)[0]:
            begin, end = _instant(day, span.begin), _instant(day, span.end)
            if end > now:
                yield begin, end


def _instant(day: date, minute: int) -> datetime:
    """When the clock on the wall shows that minute; of a minute it shows twice, the first time."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - what the clock on the wall shows
    shown = (midnight + timedelta(minutes=minute)).replace(tzinfo=BERLIN)
    # By way of UTC: within one zone, Python compares what the clock shows and not the instants.
    return shown.astimezone(UTC)


def hours_in(entry: str) -> Hours:
    """The hours that were entered; none for an empty entry. Raises HoursUnclear."""
    if not entry.strip():
        return ()
    spans = sorted(_span(part) for part in _BETWEEN_SPANS.split(entry.strip()))
    if any(later.begin < earlier.end for earlier, later in pairwise(spans)):
        raise HoursUnclear
    return tuple(spans)


def hours_words(hours: Hours) -> str:
    """The hours as they are entered, and kept."""
    return ", ".join(map(str, hours))


def clock_words(minute: int) -> str:
    """A minute of the day as a clock shows it."""
    return f"{minute // 60}:{minute % 60:02}"


def _span(entry: str) -> Span:
    found = _SPAN.fullmatch(entry)
    if found is None:
        raise HoursUnclear
    numbers = [int(number or 0) for number in found.groups()]
    if numbers[1] >= 60 or numbers[3] >= 60:  # noqa: PLR2004 - the minutes of an hour
        raise HoursUnclear
    span = Span(numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3])
    if not span.begin < span.end <= DAY_MINUTES:
        raise HoursUnclear
    return span
