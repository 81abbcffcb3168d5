"""The start page, as it is for a visitor who has nothing to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser

from kundenportal.web.shared.made_once import Differing, MadeOnce

from .forms import SignInForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_page = MadeOnce(
    "entrance/start.html",
    most=32,  # twice the languages and colour schemes
    more=lambda _: {"form": SignInForm(initial={"next": ""}), "user": AnonymousUser()},
)


def start_page(request: HttpRequest) -> HttpResponse | None:
    """The page; None if there is more to say, or to go on to, than usual."""
    return None if request.META.get("QUERY_STRING") else _page.answer(request, "home", Differing())
