from __future__ import annotations

import math
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import requires_csrf_token

from kundenportal.domain.support.queries import service_contact

from .access import everybody

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

# A burst of sign-ins has been worked off by then, or whoever comes back is told once more.
BUSY_FOR = timedelta(seconds=10)


@everybody
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The request made no sense, perhaps before it was known whose it is."""
    return _without_context("400.html", status=400)


@everybody
@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Signed in, but not entitled to this page."""
    return render(request, "403.html", status=403)


@everybody
@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came from elsewhere, or its page was open for too long; whoever is signed in need not sign in again."""
    if request.user.is_authenticated and request.path == reverse("sign-in"):
        return redirect("home")
    return render(request, "403_csrf.html", status=403)


@everybody
@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is no such page."""
    return render(request, "404.html", status=404)


@everybody
def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; shown without asking the database for anything."""
    return _without_context("500.html", status=500)


class MethodNotAllowedMiddleware:
    """Gives a page to whoever opens what only takes something in; Django's own answer is blank."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            # Only the body is new: the header that says what is allowed stays.
            response.content = render_to_string("405.html", request=request).encode()
        return response


def too_many_entries(wait: timedelta) -> HttpResponse:
    """Too many entries came from the client's network; `wait` is how long there is no room for another."""
    return _come_back("429.html", status=429, after=wait)


def too_busy(request: HttpRequest) -> HttpResponse:
    """More people want to come in than can be served at once; nothing was checked and nothing has changed."""
    return _come_back("503_busy.html", status=503, after=BUSY_FOR)


def _come_back(page: str, *, status: int, after: timedelta) -> HttpResponse:
    seconds = str(math.ceil(after.total_seconds()))
    return HttpResponse(_kept(page), status=status, headers={"Retry-After": seconds, "Cache-Control": "no-store"})


@cache
def _kept(page: str) -> bytes:
    # These pages are shown when there is too much to do already: they are put together once and kept.
    context = {"contact": service_contact(), "busy_for": int(BUSY_FOR.total_seconds())}
    return render_to_string(page, context).encode()


def _without_context(page: str, *, status: int) -> HttpResponse:
    # Without the request no context processor runs, and none can fail.
    return HttpResponse(render_to_string(page), status=status)
