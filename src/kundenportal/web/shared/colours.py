from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from kundenportal.domain.accounts.rules import ColourScheme

from .access import account_of_session

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

REMEMBERED_FOR = 365 * 24 * 60 * 60  # seconds


def colour_scheme_of(request: HttpRequest) -> str:
    """The account's choice; before the sign-in, what was last chosen in this browser."""
    if request.user.is_authenticated:
        return account_of_session(request).colour_scheme
    remembered = request.COOKIES.get(settings.COLOUR_SCHEME_COOKIE_NAME, "")
    return remembered if remembered in set(ColourScheme) else ColourScheme.DEVICE


def remember_colour_scheme(response: HttpResponse, colour_scheme: str) -> None:
    """Keeps the start page in the colours last chosen in this browser."""
    response.set_cookie(
        settings.COLOUR_SCHEME_COOKIE_NAME,
        colour_scheme,
        max_age=REMEMBERED_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
