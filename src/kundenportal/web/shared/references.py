"""Error pages carry the reference of their request, under which the desk finds what is behind them."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse

from kundenportal.domain.credentials.rules.throttling import Allowance, Bucket, drawn, wait_for_room
from kundenportal.domain.faults import operations
from kundenportal.kernel import clock
from kundenportal.kernel.references import new_reference
from kundenportal.kernel.request_reference import request_reference

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

DATABASE_IS_AWAY = (InterfaceError, OperationalError)
OURS = 500  # from here on the fault is ours
# In each process. Whoever asks for a thousand pages that are not there fills no table with them, and as long as they do
# not sign in for it, takes no number away from whoever has.
NOTED = Allowance(per_minute=10)
# Whoever is turned away at a rush is told a number of that minute instead: a note for each would be a rush of its own.
SHARED_FOR = timedelta(minutes=1)
logger = logging.getLogger(__name__)


class FaultPage(HttpResponse):
    """What is shown instead of a page that could not be made, because of a fault of ours or without a database."""


class _Notes:
    """How many more refusals are noted at this moment."""

    def __init__(self) -> None:
        self._bucket: Bucket | None = None
        self._lock = Lock()

    def has_room(self, *, now: datetime) -> bool:
        """Draws a note, if there is one left."""
        with self._lock:
            bucket = self._bucket or Bucket(full_at=now)
            if wait_for_room(bucket, NOTED, now=now):
                return False
            self._bucket = drawn(bucket, NOTED, now=now)
            return True


class _Rushes:
    """The references of those who are being turned away, by the status they are answered."""

    def __init__(self) -> None:
        self._drawn: dict[int, tuple[datetime, str]] = {}
        self._lock = Lock()

    def reference(self, status: int, *, now: datetime) -> tuple[str, bool]:
        """The reference of this minute, and whether it was drawn just now."""
        with self._lock:
            drawn_at, reference = self._drawn.get(status, (None, ""))
            if drawn_at is not None and abs(now - drawn_at) < SHARED_FOR:
                return reference, False
            reference = new_reference()
            self._drawn[status] = now, reference
            return reference, True


notes_of_accounts, notes_of_strangers, rushes = _Notes(), _Notes(), _Rushes()


def reference_for(request: HttpRequest, *, status: int, exception: BaseException | None) -> str:
    """The request's reference, if an error page is to show it; empty if so many are shown that it was not noted.

    A number that nobody could look up would only be read out in vain. A fault of ours shows it whatever happens, for it
    also stands in the log.
    """
    now, page = clock.now(), _page_of(request)
    if status < OURS and not _notes_for(request).has_room(now=now):
        return ""
    reference, error = request_reference(), type(exception).__qualname__ if exception else ""
    if status >= OURS:
        logger.error("%s on the page %s", error, page or "without a name")
    # Without a database there is nothing to note it in, and asking once more takes as long as it did before.
    if isinstance(exception, DATABASE_IS_AWAY):
        return reference
    try:
        operations.note(reference, status=status, page=page, error=error, account=_account_of(request), now=now)
    except Exception:  # noqa: BLE001 - whatever is wrong with noting it: the page comes
        logger.warning("the error page could not be noted")
        return reference if status >= OURS else ""
    return reference


def shared_reference(status: int) -> str:
    """The reference of everybody whom this process answers so within a minute; noted once, told to all."""
    now = clock.now()
    reference, is_new = rushes.reference(status, now=now)
    if is_new:
        logger.warning("%s: people are turned away with %s", reference, status)
        try:
            operations.note(reference, status=status, page="", error="", account=None, now=now)
        except Exception:  # noqa: BLE001 - as above; then the log alone tells of it
            logger.warning("%s could not be noted", reference)
    return reference


def _notes_for(request: HttpRequest) -> _Notes:
    try:
        return notes_of_accounts if _account_of(request) else notes_of_strangers
    except DATABASE_IS_AWAY:
        return notes_of_strangers


def _page_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.url_name or "") if match else ""


def _account_of(request: HttpRequest) -> AbstractBaseUser | None:
    # A request that is refused before anybody asked who sent it has no user yet.
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None
