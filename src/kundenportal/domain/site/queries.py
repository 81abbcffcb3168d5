"""What every page and mail asks; each process remembers it for two seconds, so that hardly a page costs a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from .models import Logo, Settings
from .rules.settings import EXAMPLE, Site

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser

# For as long a change may go unseen in other processes; in the one that made it, it is seen at once.
REMEMBERED_FOR = timedelta(seconds=2)


@dataclass(frozen=True)
class _Look:
    site: Site
    at: float


class _Memory:
    """What was looked up last; threads may share it, for it is replaced as a whole."""

    look: _Look | None = None


def current() -> Site:
    """The settings as they are now, or were at most two seconds ago."""
    look = _Memory.look
    if look is None or monotonic() - look.at >= REMEMBERED_FOR.total_seconds():
        look = _Memory.look = _Look(_site(), monotonic())
    return look.site


def remembered() -> Site | None:
    """The settings as this process saw them last, without asking the database; None if it never has."""
    return _Memory.look.site if _Memory.look else None


def forget() -> None:
    """The next to ask is told what the database says."""
    if _Memory.look is not None:
        _Memory.look = _Look(_Memory.look.site, at=float("-inf"))


def begin_anew() -> None:
    """As in a process that has never looked: nothing is remembered either."""
    _Memory.look = None


@dataclass(frozen=True)
class Stand:
    """The settings as an editor finds them: their version, and who made it when."""

    site: Site
    version: int = 0
    changed_at: datetime | None = None
    changed_by: AbstractBaseUser | None = None


def stand() -> Stand:
    """The settings as the database has them at this instant."""
    row = Settings.objects.select_related("changed_by").first()
    return Stand(row.site, row.version, row.changed_at, row.changed_by) if row else Stand(EXAMPLE)


def logo_named(name: str) -> bytes | None:
    """The bytes of a logo."""
    content = Logo.objects.filter(pk=name).values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def _site() -> Site:
    row = Settings.objects.first()
    return row.site if row else EXAMPLE
