"""Every request has a reference, and may be timed and written down."""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING

from django.conf import settings

from kundenportal.kernel.request_reference import referenced

from .answered import NO_PAGE, Answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-Reference"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
ANOTHER_METHOD = "other"  # whoever asks may make up any
OF_NOBODY = "kundenportal.of_nobody"  # in the environment of a request; no header is called so

logger = logging.getLogger("kundenportal.requests")


class RequestMiddleware:
    """Gives each request its reference, and tells of its answer those who want to know."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.listeners: list[Callable[[Answered], None]] = []
        if settings.METRICS_TOKEN:
            from .times import observe  # noqa: PLC0415 - where nobody asks for figures, what counts them is not loaded

            self.listeners.append(observe)
        if settings.TRACES_URL:
            from .traces import Traces  # noqa: PLC0415 - likewise

            self.listeners.append(Traces(settings.TRACES_URL).observe)
        if settings.LOG_REQUESTS:
            self.listeners.append(write_down)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun_at = perf_counter()
        with referenced() as reference:
            response = self.get_response(request)
            if self.listeners and OF_NOBODY not in request.META:
                answered = _answered(request, response, seconds=perf_counter() - begun_at)
                for listen in self.listeners:
                    listen(answered)
        response.headers[HEADER] = reference
        return response


def write_down(answered: Answered) -> None:
    """A line of the log for each request."""
    milliseconds = round(answered.seconds * 1000, 1)
    facts = {"page": answered.page, "method": answered.method, "status": answered.status, "milliseconds": milliseconds}
    logger.info(
        "%s %s: %s in %s ms", answered.method, answered.page, answered.status, milliseconds, extra={"facts": facts}
    )


def _answered(request: HttpRequest, response: HttpResponse, *, seconds: float) -> Answered:
    match = request.resolver_match
    return Answered(
        page=(match and match.url_name) or NO_PAGE,
        method=request.method if request.method in METHODS else ANOTHER_METHOD,
        status=response.status_code,
        seconds=seconds,
        traceparent=request.headers.get("traceparent", ""),
    )
