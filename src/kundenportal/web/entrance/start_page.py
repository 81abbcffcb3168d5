"""The start page, made once for all who would be shown the same: nearly all of its time goes into its template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.translation import get_language

from kundenportal.kernel.randomness import random_token
from kundenportal.web.shared import context

from .forms import SignInForm

if TYPE_CHECKING:
    from django.http import HttpRequest

PLACE_OF_THE_TOKEN = random_token()


@dataclass(frozen=True)
class _Page:
    shown: dict[str, object]
    parts: list[bytes]  # what stands before, between and after the tokens


# One for each language and colour scheme; threads may share them, for each is replaced as a whole.
_pages: dict[tuple[str | None, object], _Page] = {}


def start_page(request: HttpRequest) -> HttpResponse | None:
    """The page for a visitor who has nothing to be told; None if there is more to say, or to go on to, than usual."""
    if request.META.get("QUERY_STRING") or len(get_messages(request)):
        return None
    shown = context.portal(request)
    kind = (get_language(), shown["colour_scheme"])
    page = _pages.get(kind)
    if page is None or page.shown != shown:
        page = _pages[kind] = _Page(shown, _written(request))
    return HttpResponse(get_token(request).encode().join(page.parts))


def _written(request: HttpRequest) -> list[bytes]:
    form = SignInForm(initial={"next": ""})
    text = render_to_string("entrance/start.html", {"form": form, "csrf_token": PLACE_OF_THE_TOKEN}, request)
    return text.encode().split(PLACE_OF_THE_TOKEN.encode())
