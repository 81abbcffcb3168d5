from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def always_utf8(application: WSGIApplication) -> WSGIApplication:
    """The application, told of no encoding but its own: browsers send UTF-8 and nothing else.

    Django looks the encoding up while it makes the request, before any middleware, and Python knows codecs that fail on
    plain text.
    """

    def door(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = without_encoding(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return door


def without_encoding(content_type: str) -> str:
    """What a form is and where its parts end; no other parameter has a meaning here."""
    # A boundary contains no semicolon, not even in quotes (RFC 2046).
    media_type, *parameters = content_type.split(";")
    boundaries = [parameter for parameter in parameters if parameter.strip().lower().startswith("boundary=")]
    return ";".join([media_type, *boundaries])
