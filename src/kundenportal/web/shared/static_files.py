"""Style sheets, scripts and pictures, while another version of the portal may be put in the place of this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from whitenoise.middleware import WhiteNoiseMiddleware

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # WhiteNoise is not typed
    """WhiteNoise's, but a file that has gone since the start is not there, so that the proxy asks another host."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answers with the file; what is none is for the others to answer."""
        try:
            answer: HttpResponseBase = super().__call__(request)
        except FileNotFoundError:
            answer = self.get_response(request)
        return answer
