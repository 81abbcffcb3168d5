"""What machines are told that watch the portal: whether it lives, whether it is ready, and its figures.

No session, no sign-in, no name of a host: a probe asks by whatever address it has, also during maintenance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils.crypto import constant_time_compare

from kundenportal.domain.machinery.queries import not_ready

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

PLAIN = "text/plain; charset=utf-8"


class WatchMiddleware:
    """Answers whoever watches; everybody else is let through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answers = {"/health/live": live, "/health/ready": ready}
        if settings.METRICS_TOKEN:
            self.answers["/metrics"] = metrics

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.answers.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = answer(request)
        response.headers["Cache-Control"] = "no-store"
        return response


def live(request: HttpRequest) -> HttpResponse:
    """A process answers; nothing else is asked."""
    return HttpResponse("alive\n", content_type=PLAIN)


def ready(request: HttpRequest) -> HttpResponse:
    """Whether pages can be answered here, or why not."""
    reason = not_ready()
    return HttpResponse(f"{reason or 'ready'}\n", status=503 if reason else 200, content_type=PLAIN)


def metrics(request: HttpRequest) -> HttpResponse:
    """The portal's figures for whoever shows the token."""
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        headers = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("The token is missing or wrong.\n", status=401, content_type=PLAIN, headers=headers)
    from . import exposition  # noqa: PLC0415 - where nobody asks for figures, what counts them is not loaded

    return HttpResponse(exposition.everything(), content_type=exposition.CONTENT_TYPE)
