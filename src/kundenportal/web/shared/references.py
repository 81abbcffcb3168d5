"""Error pages carry a reference, under which the desk finds what is behind them."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError

from kundenportal.domain.credentials.rules.throttling import Allowance, Bucket, drawn, wait_for_room
from kundenportal.domain.faults import operations
from kundenportal.kernel import clock
from kundenportal.kernel.references import new_reference

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse

HEADER = "Error-Reference"
DATABASE_IS_AWAY = (InterfaceError, OperationalError)
OURS = 500  # from here on the fault is ours
# In each process. Whoever asks for a thousand pages that are not there fills no table with them.
NOTED = Allowance(per_minute=10)
logger = logging.getLogger(__name__)


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


notes = _Notes()


def reference_for(request: HttpRequest, *, status: int, exception: BaseException | None) -> str:
    """The reference of an error page that is about to be shown; empty if so many are shown that it was not noted.

    A fault of ours has one whatever happens, for it also stands in the log.
    """
    now, page = clock.now(), _page_of(request)
    if status < OURS and not notes.has_room(now=now):
        return ""
    reference, error = new_reference(), type(exception).__qualname__ if exception else ""
    if status >= OURS:
        logger.error("%s: %s on the page %s", reference, error, page or "without a name")
    # Without a database there is nothing to note it in, and asking once more takes as long as it did before.
    if isinstance(exception, DATABASE_IS_AWAY):
        return reference
    try:
        operations.note(reference, status=status, page=page, error=error, account=_account_of(request), now=now)
    except Exception:  # noqa: BLE001 - whatever is wrong with noting it: the page comes
        logger.warning("%s could not be noted", reference)
        return reference if status >= OURS else ""
    return reference


def referenced(response: HttpResponse, reference: str) -> HttpResponse:
    """The answer, which says its reference to programs as well."""
    if reference:
        response.headers[HEADER] = reference
    return response


def _page_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.url_name or "") if match else ""


def _account_of(request: HttpRequest) -> AbstractBaseUser | None:
    # A request that is refused before anybody asked who sent it has no user yet.
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None
