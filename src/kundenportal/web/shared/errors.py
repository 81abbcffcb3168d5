from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import requires_csrf_token

from .access import everybody

if TYPE_CHECKING:
    from django.http import HttpRequest


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


def too_busy(request: HttpRequest) -> HttpResponse:
    """More is going on than can be done at once; the same request is taken a little later."""
    response = _without_context("503.html", status=503)
    response["Retry-After"] = "5"
    return response


def _without_context(page: str, *, status: int) -> HttpResponse:
    # Without the request no context processor runs, and none can fail.
    return HttpResponse(render_to_string(page), status=status)
