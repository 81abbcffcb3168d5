"""Moments at the command line: typed and told by the portal's time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.maintenance.rules import local_times

if TYPE_CHECKING:
    from datetime import datetime

TIMES = "TIME is 18:00 (the next one), 2026-12-24T18:00 or 24.12.2026 18:00, by the portal's time zone."


class NotUnderstood(Exception):  # noqa: N818 - reads as the refusal it is
    """What was typed makes no sense, told in one sentence."""


def instant_in(text: str, *, now: datetime, written: str = TIMES) -> datetime:
    """The instant that was typed; raises NotUnderstood, which says how it is written."""
    from django.utils import timezone

    zone = timezone.get_default_timezone()
    try:
        return local_times.instant_in(text, zone=zone, now=now)
    except local_times.NoSuchTime:
        raise NotUnderstood(f"There is no {text} in {zone}: clocks are put forward that night.") from None
    except local_times.HappensTwice:
        raise NotUnderstood(
            f"There are two {text} in {zone}: clocks are put back that night. "
            "Write it with its offset, as 2026-10-25T02:30+02:00."
        ) from None
    except local_times.NotATime:
        raise NotUnderstood(f"{text!r} is no time. {written}") from None


def told(instant: datetime) -> str:
    """The moment, to the minute."""
    from django.utils import timezone

    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M}"
