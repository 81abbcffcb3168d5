"""How long a session lives: so long without a sign of life, and so long in all (settings.session)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, logout
from django.contrib.auth.middleware import AuthenticationMiddleware as DjangoAuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import JsonResponse
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare
from django.utils.http import http_date
from django.views.decorators.http import require_POST

from kundenportal.domain.accounts.queries import BROWSER, LAST_VISIT_AT, SEEN_AT, SIGNED_IN_AT
from kundenportal.domain.accounts.rules import news_count_from
from kundenportal.kernel import clock

from .access import account_of_session
from .origin import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.accounts.sessions import SessionStore

# What htmx asks for prolongs the session as any page does, and tells the page it belongs to.
REST_HEADER = "X-Session-Rest"
# But for what a page asks for again and again without its reader.
BY_ITSELF_HEADER = "X-Asked-By-Itself"
# Signs of life are written down this often at most, so that not every page costs a write.
SEEN_EVERY = timedelta(minutes=1)
# As `add_never_cache_headers` has it, but for the moment since when a page is out of date.
NEVER_KEPT = "max-age=0, no-cache, no-store, must-revalidate, private"
EXPIRED = http_date(0)


def begin(request: HttpRequest, *, last_visit_at: datetime | None, now: datetime) -> None:
    """Notes when the session's owner proved who they are, when they did so before, and in which browser."""
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now.timestamp()
    request.session[LAST_VISIT_AT] = last_visit_at.timestamp() if last_visit_at else None
    request.session[BROWSER] = origin_of(request).user_agent


def signed_in_at(request: HttpRequest) -> datetime:
    """When the session's owner proved who they are."""
    return datetime.fromtimestamp(request.session[SIGNED_IN_AT], tz=UTC)


def news_since(request: HttpRequest) -> datetime:
    """From when on news are new to the session's owner."""
    last_visit_at = request.session.get(LAST_VISIT_AT)
    return news_count_from(
        opened_at=account_of_session(request).opened_at,
        last_visit_at=datetime.fromtimestamp(last_visit_at, tz=UTC) if last_visit_at else None,
    )


@dataclass(frozen=True)
class Rest:
    """What is left of a session: its seconds, and whether they are its last whatever happens."""

    seconds: int
    final: bool

    @classmethod
    def of(cls, request: HttpRequest, *, now: datetime) -> Rest:
        """What is left if nothing happens from now on."""
        idle_end = request.session[SEEN_AT] + settings.SESSION_COOKIE_AGE
        absolute_end = request.session[SIGNED_IN_AT] + settings.SESSION_ABSOLUTE_AGE
        seconds = min(idle_end, absolute_end) - now.timestamp()
        return cls(seconds=max(0, int(seconds)), final=absolute_end <= idle_end)


@require_POST
def prolong(request: HttpRequest) -> JsonResponse:
    """What is left of the session after this sign of life, which SessionLifetimeMiddleware has noted already."""
    return JsonResponse(asdict(Rest.of(request, now=clock.now())))


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's, but it asks the database for no key that cannot be one, and background requests take no cookie away.

    The password meter may still ask with the old cookie while saving renews the session; told that the old one is
    gone, the browser would throw the new one away.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Leaves out what the database would choke on, such as a NUL."""
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not (key.isascii() and key.isalnum()):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Leaves the cookie alone where the page did not ask for itself."""
        if "HX-Request" in request.headers and request.session.is_empty():
            return response
        return super().process_response(request, response)


class AuthenticationMiddleware(DjangoAuthenticationMiddleware):
    """Django's, but it does not ask once more for the account that came with the session."""

    def process_request(self, request: HttpRequest) -> None:
        """Knows who is signed in; whoever has no session, as soon as somebody asks."""
        super().process_request(request)
        # SessionLifetimeMiddleware looks into each session anyway.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and (account := _came_along(request)):
            request.user = account


def _keep_out_of_caches(response: HttpResponse) -> None:
    if "Cache-Control" in response.headers or "Expires" in response.headers:
        add_never_cache_headers(response)
    else:
        # Django would put together for each page what it says of most.
        response.headers["Cache-Control"] = NEVER_KEPT
        response.headers["Expires"] = EXPIRED


def _came_along(request: HttpRequest) -> Account | None:
    """The account that came with the session, if all is as it should be; whatever else is to happen, Django decides."""
    session = request.session
    owner, backend, digest = (session.get(key) for key in (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY))
    account = cast("SessionStore", session).account
    if account is None or not account.is_active or owner != str(account.pk):
        return None
    if backend not in settings.AUTHENTICATION_BACKENDS or not digest:
        return None
    return account if constant_time_compare(digest, account.get_session_auth_hash()) else None


class SessionLifetimeMiddleware:
    """Ends sessions that are too old, keeps those alive that are in use, and keeps their pages out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = settings.SESSION_COOKIE_NAME in request.COOKIES and SIGNED_IN_AT in request.session
        if signed_in:
            self._end_or_prolong(request, now=clock.now())
        response = self.get_response(request)
        # What may be kept for good is the same for everybody.
        if signed_in and "immutable" not in response.headers.get("Cache-Control", ""):
            _keep_out_of_caches(response)
        if signed_in and "HX-Request" in request.headers and SIGNED_IN_AT in request.session:
            response.headers[REST_HEADER] = json.dumps(asdict(Rest.of(request, now=clock.now())))
        return response

    def _end_or_prolong(self, request: HttpRequest, *, now: datetime) -> None:
        if now >= signed_in_at(request) + timedelta(seconds=settings.SESSION_ABSOLUTE_AGE):
            logout(request)
            return
        was_long_ago = now.timestamp() >= request.session[SEEN_AT] + SEEN_EVERY.total_seconds()
        if was_long_ago and BY_ITSELF_HEADER not in request.headers:
            request.session[SEEN_AT] = now.timestamp()
