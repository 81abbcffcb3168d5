"""Times as people write them, by the clock on their wall."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

_WITH_A_DAY = (
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y, %H:%M",
)
_LENGTH = re.compile(r"(?:(?P<days>\d{1,2})d)?(?:(?P<hours>\d{1,3})h)?(?:(?P<minutes>\d{1,4})m(?:in)?)?", re.ASCII)


class NotATime(ValueError):  # noqa: N818 - reads as the refusal it is
    """It cannot be read as a time."""


class NoSuchTime(NotATime):
    """In the night in which clocks are put forward, they pass it over."""


class HappensTwice(NotATime):
    """In the night in which clocks are put back, they show it twice."""


def instant_in(text: str, *, zone: tzinfo, now: datetime) -> datetime:
    """The instant that is written down: with its day, or the next at which the clock shows it."""
    words = text.strip()
    for layout in _WITH_A_DAY:
        try:
            return instant_at(datetime.strptime(words, layout), zone=zone)  # noqa: DTZ007 - its zone comes next
        except NotATime:
            raise
        except ValueError:
            continue
    return _with_its_own_zone(words) or _next(words, zone=zone, now=now)


def instant_at(shown: datetime, *, zone: tzinfo) -> datetime:
    """The one instant at which clocks of the zone show this; raises NoSuchTime or HappensTwice."""
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    # Two readings mean that the clocks are put forward past it, or back over it.
    raise HappensTwice if first < second else NoSuchTime


def length_in(text: str) -> timedelta:
    """The length that is written down, such as 2h, 90m or 1h30m."""
    found = _LENGTH.fullmatch(text.strip())
    given = {name: int(number) for name, number in found.groupdict().items() if number} if found else {}
    if not any(given.values()):
        raise NotATime
    return timedelta(**given)


def _with_its_own_zone(words: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(words)
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.utcoffset() is not None else None


def _next(words: str, *, zone: tzinfo, now: datetime) -> datetime:
    try:
        clock = datetime.strptime(words, "%H:%M").time()  # noqa: DTZ007 - its day and zone come next
    except ValueError:
        raise NotATime from None
    here = now.astimezone(zone)
    today = datetime.combine(here.date(), clock)
    readings = {today.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    to_come = [each for each in readings if each > now and each.astimezone(zone).replace(tzinfo=None) == today]
    if len(to_come) == 1:
        return to_come[0]
    # Twice, or never today: that is refused as long as today's may be meant.
    is_past = not to_come and clock <= here.time()
    return instant_at(today + timedelta(days=1) if is_past else today, zone=zone)
