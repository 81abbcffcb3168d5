from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.kernel.connections import leave_connection

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment


def none_for_slow_browsers(application: WSGIApplication) -> WSGIApplication:
    """The application, which holds no connection to the database while a browser sends or takes something.

    That may take minutes, and a web process has few.
    """

    def door(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        answer = application(environ, start_response)
        leave_connection()
        return answer

    return door


class _Body:
    """What a browser sends; only what Django reads it by."""

    def __init__(self, body: InputStream) -> None:
        self._body = body

    def read(self, size: int = -1, /) -> bytes:
        leave_connection()
        return self._body.read(size)

    def readline(self, size: int = -1, /) -> bytes:
        leave_connection()
        return self._body.readline(size)
