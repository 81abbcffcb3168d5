"""A maintenance window as calendars read it (RFC 5545): one event, so no library."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from kundenportal.domain.site import queries as site
from kundenportal.kernel.links import link_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from kundenportal.domain.maintenance.models import Window

LONGEST_LINE = 75  # octets, the line break apart (3.1)
SPECIAL = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})  # 3.3.11


def calendar_file(window: Window, *, summary: str, words: str) -> str:
    """The window, with its real end once there is one; a calendar knows it again by its UID."""
    portal_name = site.current().portal_name
    properties = {
        "BEGIN": "VCALENDAR",
        "VERSION": "2.0",
        "PRODID": "-//Kundenportal//Maintenance//EN",
        "METHOD": "PUBLISH",
    }
    event = {
        "BEGIN": "VEVENT",
        "UID": f"maintenance-{window.pk}@{urlsplit(settings.BASE_URL).hostname}",
        "DTSTAMP": _instant(window.changed_at),
        "SEQUENCE": str(window.changes),
        "STATUS": "CANCELLED" if window.cancelled_at else "CONFIRMED",
        "TRANSP": "TRANSPARENT",
        "DTSTART": _instant(window.starts_at),
        "DTEND": _instant(window.ended_at or window.ends_at),
        "SUMMARY": _text(f"{portal_name}: {summary}"),
        "DESCRIPTION": _text(words),
        "URL": link_to("maintenance"),
    }
    ends = [("END", "VEVENT"), ("END", "VCALENDAR")]
    lines = (f"{name}:{value}" for name, value in [*properties.items(), *event.items(), *ends] if value)
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    return words.translate(SPECIAL)


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most LONGEST_LINE octets, each but the first begun by a blank; no character is cut."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > LONGEST_LINE:
            yield piece
            piece = " "
        piece += character
    yield piece
