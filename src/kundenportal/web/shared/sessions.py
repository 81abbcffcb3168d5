"""How long a session lives: half an hour without a sign of life, twelve hours in all (settings.session)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout

from kundenportal.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
# Signs of life are written down this often at most, so that not every page costs a write.
SEEN_EVERY = timedelta(minutes=1)


def begin(request: HttpRequest, *, now: datetime) -> None:
    """Notes when the session's owner proved who they are."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now.timestamp()


def signed_in_at(request: HttpRequest) -> datetime:
    """When the session's owner proved who they are."""
    return datetime.fromtimestamp(request.session[SIGNED_IN_AT], tz=UTC)


class SessionLifetimeMiddleware:
    """Ends sessions that are too old, and keeps those alive that are in use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SIGNED_IN_AT in request.session:
            self._end_or_prolong(request, now=clock.now())
        return self.get_response(request)

    def _end_or_prolong(self, request: HttpRequest, *, now: datetime) -> None:
        if now >= signed_in_at(request) + timedelta(seconds=settings.SESSION_ABSOLUTE_AGE):
            logout(request)
        elif now.timestamp() >= request.session[SEEN_AT] + SEEN_EVERY.total_seconds():
            request.session[SEEN_AT] = now.timestamp()
