"""The service hours in words, for pages and mails alike."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from .rules.hours import clock_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .rules.hours import Hours, Week


def hours_lines(week: Week) -> list[str]:
    """Such as "Monday to Friday, 7:00 to 17:00"; neighbouring days of the same hours share a line."""
    return [
        _("%(days)s, %(hours)s") % {"days": _days(days), "hours": _hours_of(hours)}
        for hours, days in _alike(week)
        if hours
    ]


def _alike(week: Week) -> list[tuple[Hours, list[int]]]:
    return [(hours, list(days)) for hours, days in groupby(range(len(week)), key=lambda day: week[day])]


def _days(days: Sequence[int]) -> str:
    names = {"first": WEEKDAYS[days[0]], "last": WEEKDAYS[days[-1]]}
    match len(days):
        case 1:
            return str(names["first"])
        case 2:
            return _("%(first)s and %(last)s") % names
        case _:
            return _("%(first)s to %(last)s") % names


def _hours_of(hours: Hours) -> str:
    return _(" and ").join(
        _("%(begin)s to %(end)s") % {"begin": clock_words(span.begin), "end": clock_words(span.end)} for span in hours
    )
