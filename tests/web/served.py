"""A request as the web server hands it to the portal, without the help of Django's test client."""

from __future__ import annotations

from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.http.response import HttpResponseBase

FORM = "application/x-www-form-urlencoded"
TOKEN = "t" * 32


def served(
    method: str,
    path: str,
    body: bytes = b"",
    *,
    content_type: str = FORM,
    cookies: Mapping[str, str] | None = None,
    **environ: str,
) -> int:
    """The status the web server would be given: what fails before Django's own net fails here."""
    from kundenportal.config.wsgi import application

    statuses: list[str] = []

    def start_response(status: str, *_: object) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda _: None

    sent = {**(cookies or {}), settings.CSRF_COOKIE_NAME: TOKEN}
    request: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.partition("?")[0],
        "QUERY_STRING": path.partition("?")[2],
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "HTTP_HOST": "localhost",
        "HTTP_X_CSRFTOKEN": TOKEN,
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in sent.items()),
        **environ,
    }
    setup_testing_defaults(request)
    with _connection_kept():
        cast("HttpResponseBase", application(request, start_response)).close()
    return int(statuses[0].split()[0])


@contextmanager
def _connection_kept() -> Iterator[None]:
    """The test's transaction survives a request: Django would take its connection for one left in disorder."""
    moments = (request_started, request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    yield
    for moment in moments:
        moment.connect(close_old_connections)
