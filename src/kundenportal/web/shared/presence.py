"""Whether somebody is at the service desk now, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kundenportal.domain.site.rules.hours import presence

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.site.rules.hours import Presence
    from kundenportal.domain.site.rules.settings import Site

DAYS_NAMED_BY_WEEKDAY = 6


@dataclass(frozen=True)
class PresenceWords:
    """What the support box says of this instant: whether somebody is there, and why today is unlike other days."""

    is_open: bool
    line: str
    occasion: str

    @classmethod
    def of(cls, site: Site, *, now: datetime) -> PresenceWords:
        """The words for this instant, in the language of the page."""
        language = "en" if str(get_language()).startswith("en") else "de"
        found = presence(site.calendar(language), now=now)
        return cls(found.is_open, _line(found, now=now), _occasion(found))


def _line(found: Presence, *, now: datetime) -> str:
    if found.is_open:
        if found.until is None:
            return _("You can reach us now")
        return _("You can reach us now, until %(time)s") % {"time": _clock(found.until)}
    if found.opens_at is None:
        return _("At the moment you cannot reach us by telephone")
    return _("You can reach us again %(day)s %(time)s") % {
        "day": _day(found.opens_at, now=now),
        "time": _clock(found.opens_at),
    }


def _occasion(found: Presence) -> str:
    if not found.occasion:
        return ""
    if found.is_closed_today:
        return _("Closed today: %(occasion)s") % {"occasion": found.occasion}
    return _("Today: %(occasion)s") % {"occasion": found.occasion}


def _day(instant: datetime, *, now: datetime) -> str:
    day = localtime(instant).date()
    ahead = (day - localtime(now).date()).days
    if ahead == 0:
        return _("today")
    return date_format(day, "l") if ahead <= DAYS_NAMED_BY_WEEKDAY else date_format(day, _("l, j F Y,"))


def _clock(instant: datetime) -> str:
    return date_format(localtime(instant), "G:i")
