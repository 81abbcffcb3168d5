from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect
from django.utils import translation
from django.views.i18n import set_language

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.rules import Language
from kundenportal.kernel import clock

from . import again
from .access import account_of_session, everybody
from .cookies import keep_cookie
from .origin import origin_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

# Each language is offered under the name its speakers give it.
LANGUAGES = {Language(code): name for code, name in settings.LANGUAGES}


class AccountLanguageMiddleware:
    """Whoever is signed in reads the language they chose, on every device."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            translation.activate(account_of_session(request).language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


@everybody
def choose_language(request: HttpRequest) -> HttpResponse:
    """Switches the language of this browser and, when signed in, of the account; without the button, leads home.

    With `keeps`, shows the page at that address, and in it what was sent along.
    """
    if request.method != "POST":
        return redirect("home")
    chosen = request.POST.get("language", "")
    if chosen not in set(Language):
        return set_language(request)
    if request.user.is_authenticated:
        accounts.choose_language(
            account_of_session(request), Language(chosen), now=clock.now(), origin=origin_of(request)
        )
    response = set_language(request)
    if "keeps" in request.GET:
        translation.activate(chosen)
        page = again.page_with_what_was_typed(request, request.GET["keeps"])
        if page is not None:
            remember_language(page, chosen)
            return page
    return response


def remember_language(response: HttpResponse, language: str) -> None:
    """Keeps the start page in the language last chosen in this browser."""
    keep_for = timedelta(seconds=settings.LANGUAGE_COOKIE_AGE)
    keep_cookie(response, settings.LANGUAGE_COOKIE_NAME, language, keep_for=keep_for)
