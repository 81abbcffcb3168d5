"""The cookie by which an account knows a browser again; it says nothing but a secret, signed random id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.signing import BadSignature, Signer

from kundenportal.domain.credentials.rules.lockout import KNOWN_FOR
from kundenportal.kernel.randomness import random_text

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
LENGTH = 26  # 130 bits
_signer = Signer(salt="kundenportal.browser")


def browser_id_of(request: HttpRequest) -> str:
    """The id in the browser's cookie; empty without one, or with one that we did not sign."""
    try:
        return _signer.unsign(request.COOKIES.get(settings.BROWSER_COOKIE_NAME, ""))
    except BadSignature:
        return ""


def new_browser_id() -> str:
    """An id no browser has had yet."""
    return random_text(ALPHABET, LENGTH)


def remember_browser(response: HttpResponse, browser_id: str) -> None:
    """The browser keeps its id, for as long as an account would know it."""
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        _signer.sign(browser_id),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
