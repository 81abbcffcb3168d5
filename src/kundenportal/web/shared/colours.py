from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from kundenportal.domain.accounts.rules import ColourScheme

from .access import account_of_session
from .cookies import keep_cookie

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

REMEMBERED_FOR = timedelta(days=365)


def colour_scheme_of(request: HttpRequest) -> str:
    """The account's choice; before the sign-in, what was last chosen in this browser."""
    if request.user.is_authenticated:
        return account_of_session(request).colour_scheme
    remembered = request.COOKIES.get(settings.COLOUR_SCHEME_COOKIE_NAME, "")
    return remembered if remembered in set(ColourScheme) else ColourScheme.DEVICE


def remember_colour_scheme(response: HttpResponse, colour_scheme: str) -> None:
    """Keeps the start page in the colours last chosen in this browser."""
    keep_cookie(response, settings.COLOUR_SCHEME_COOKIE_NAME, colour_scheme, keep_for=REMEMBERED_FOR)
