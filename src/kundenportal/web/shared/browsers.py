"""The cookie by which accounts know a browser again: secret random ids, signed, one for each account that signs in.

One for each, so that whoever shares a computer, or has looked at its cookies, holds nothing of the next one's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, Signer

from kundenportal.domain.credentials.queries.door import known_browser_id
from kundenportal.domain.credentials.rules.lockout import KNOWN_FOR
from kundenportal.kernel.randomness import random_token

from .cookies import keep_cookie

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

MOST_IDS = 10  # an office's shared computer; whoever comes eleventh takes the place of the one who was away longest
_signer = Signer(salt="kundenportal.browser")


def known_id(request: HttpRequest, address: str) -> str:
    """The id by which the account of that address knows this browser; empty if it does not."""
    return known_browser_id(address, _ids_of(request))


def remember_browser(request: HttpRequest, response: HttpResponse, browser_id: str) -> None:
    """The browser keeps this id beside those it has, for as long as an account would know it."""
    ids = [browser_id, *(each for each in _ids_of(request) if each != browser_id)][:MOST_IDS]
    keep_cookie(response, settings.BROWSER_COOKIE_NAME, _signer.sign(".".join(ids)), keep_for=KNOWN_FOR)


def new_id() -> str:
    """An id no browser has had yet."""
    return random_token()


def _ids_of(request: HttpRequest) -> list[str]:
    try:
        return _signer.unsign(request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")).split(".")
    except BadSignature:
        return []
