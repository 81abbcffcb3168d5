from __future__ import annotations

import math
import sys
from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from kundenportal.domain.maintenance import noticeboard
from kundenportal.domain.site.queries import remembered
from kundenportal.kernel import clock

from . import again
from .access import everybody
from .again_in_words import in_words
from .context import site_context
from .references import DATABASE_IS_AWAY, FaultPage, reference_for, shared_reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from kundenportal.domain.site.rules.settings import Site

# A burst of sign-ins has been worked off by then, or whoever comes back is told once more.
BUSY_FOR = timedelta(seconds=10)
AWAY_FOR = timedelta(minutes=1)  # a database that restarts is back by then
LANGUAGE_OF_PLAIN_PAGES = "de"  # with the English beside it


# What Django refuses to read at all because there is too much of it.
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


@everybody
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request made no sense, or was too large to read, perhaps before it was known whose it is."""
    if isinstance(exception, TOO_MUCH):
        return _plain(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, exception=exception)
    return _plain(request, "400.html", status=HTTPStatus.BAD_REQUEST, exception=exception)


@everybody
@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Signed in, but not entitled to this page."""
    return _in_full(request, "403.html", status=HTTPStatus.FORBIDDEN, exception=exception)


@everybody
@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from elsewhere is refused; one of ours, whose token a sign-in has replaced, can be sent once more.

    Whoever is signed in need not sign in again.
    """
    if request.user.is_authenticated and request.path == reverse("sign-in"):
        return redirect("home")
    if not again.was_sent_from_here(request):
        return _in_full(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)
    messages.warning(request, _why_again(request))
    fields = list(again.fields_of(request))
    page = again.page_with_what_was_typed(request, request.path_info)
    if page is None:
        match = resolve(request.path_info)
        page = render(request, "403_again.html", {"fields": fields, "entries": in_words(match.func, fields)})
    page.status_code = HTTPStatus.FORBIDDEN
    return page


@everybody
@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page."""
    return _in_full(request, "404.html", status=HTTPStatus.NOT_FOUND, exception=exception)


@everybody
def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or the database is away; either page comes without it."""
    # Django calls this while it handles the exception, and does not hand it on.
    exception = sys.exc_info()[1]
    if isinstance(exception, DATABASE_IS_AWAY):
        page = _plain(request, "503.html", status=HTTPStatus.SERVICE_UNAVAILABLE, exception=exception, kind=FaultPage)
        page.headers["Retry-After"] = str(int(AWAY_FOR.total_seconds()))
        return page
    return _plain(request, "500.html", status=HTTPStatus.INTERNAL_SERVER_ERROR, exception=exception, kind=FaultPage)


def _why_again(request: HttpRequest) -> str:
    if settings.CSRF_COOKIE_NAME in request.COOKIES:
        return _(
            "Nothing has been sent yet, because somebody signed in in this browser meanwhile: what you entered is "
            "still here, please send it once more."
        )
    return _(
        "Nothing has been sent yet, because your browser did not return the cookie that the portal needs for it: what "
        "you entered is still here, please send it once more. If that never helps, your browser is refusing cookies "
        "from this portal."
    )


class MethodNotAllowedMiddleware:
    """Gives a page to whoever opens what only takes something in; Django's own answer is blank."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Only the body is new: the header that says what is allowed stays.
            reference = reference_for(request, status=response.status_code, exception=None)
            response.content = render_to_string("405.html", {"reference": reference}, request).encode()
        return response


def too_many_entries(wait: timedelta) -> HttpResponse:
    """Too many entries came from the client's network; `wait` is how long there is no room for another."""
    return _come_back("429.html", status=HTTPStatus.TOO_MANY_REQUESTS, after=wait)


def too_busy() -> HttpResponse:
    """More people want to come in than can be served at once; nothing is said of what was entered."""
    return _come_back("503_busy.html", status=HTTPStatus.SERVICE_UNAVAILABLE, after=BUSY_FOR)


def _come_back(page: str, *, status: HTTPStatus, after: timedelta) -> HttpResponse:
    seconds, reference = str(math.ceil(after.total_seconds())), shared_reference(status)
    body = _kept(page, remembered(), reference)
    return HttpResponse(body, status=status, headers={"Retry-After": seconds, "Cache-Control": "no-store"})


@lru_cache(maxsize=8)
def _kept(page: str, site: Site | None, reference: str) -> bytes:
    # These pages are shown when there is too much to do already: they are put together once a minute and kept.
    return _on_its_own(page, site, reference).encode()


def _in_full(
    request: HttpRequest, page: str, *, status: HTTPStatus, exception: BaseException | None = None
) -> HttpResponse:
    reference = reference_for(request, status=status, exception=exception)
    return render(request, page, {"reference": reference}, status=status)


def _plain(
    request: HttpRequest,
    page: str,
    *,
    status: HTTPStatus,
    exception: BaseException | None,
    kind: type[HttpResponse] = HttpResponse,
) -> HttpResponse:
    reference = reference_for(request, status=status, exception=exception)
    return kind(_on_its_own(page, remembered(), reference), status=status)


def _on_its_own(page: str, site: Site | None, reference: str) -> str:
    # Without the request no context processor runs, and none can fail; of the settings there is what was seen last.
    with translation.override(LANGUAGE_OF_PLAIN_PAGES):
        # A process that has never seen the settings knows from the board at least who can be asked.
        known = site_context(site, now=clock.now()) if site else {"board": noticeboard.remembered()}
        return render_to_string(page, {"reference": reference, "busy_for": int(BUSY_FOR.total_seconds()), **known})
