"""Maintenance windows, made the way the portal makes them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kundenportal.domain.credentials.operations import countdowns
from kundenportal.domain.maintenance.rules.windows import Message

from .accounts import AT_HOME, NOW

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.maintenance.models import Window

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DISKS = Message("Wir bauen neue Platten ein.", "We put new disks in.")


def planned(
    starts_at: datetime = NOW + 2 * DAY,
    *,
    lasts: timedelta = 2 * HOUR,
    message: Message = DISKS,
    planned_by: Account | None = None,
    now: datetime = NOW,
) -> Window:
    """A window to come."""
    return countdowns.plan(
        starts_at=starts_at, ends_at=starts_at + lasts, message=message, planned_by=planned_by, now=now, origin=AT_HOME
    )


def begun(*, lasts: timedelta = 2 * HOUR, message: Message = DISKS, now: datetime = NOW) -> Window:
    """A window under way."""
    return countdowns.begin(ends_at=now + lasts, message=message, begun_by=None, now=now, origin=AT_HOME)


def moved(window: Window, ends_at: datetime, *, starts_at: datetime | None = None, now: datetime = NOW) -> Window:
    """The same window at another time."""
    return countdowns.move(window.pk, starts_at=starts_at, ends_at=ends_at, moved_by=None, now=now, origin=AT_HOME)


def ended(window: Window | None = None, *, now: datetime) -> Window:
    """The window, or whatever was under way, over."""
    return countdowns.end(window.pk if window else None, ended_by=None, now=now, origin=AT_HOME)


def cancelled(window: Window, *, now: datetime = NOW) -> Window:
    """The same window, which does not take place."""
    return countdowns.cancel(window.pk, cancelled_by=None, now=now, origin=AT_HOME)
