"""What strangers are shown as often as they like: the start page, and what is answered to a wrong entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.web.shared.made_once import Differing, MadeOnce

from .forms import SignInForm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from django.http import HttpRequest, HttpResponse

KINDS = 32  # of each page are kept: twice the languages and colour schemes


def _form(given: Mapping[str, Any]) -> dict[str, object]:
    return {"form": SignInForm(initial={"next": ""})}


def _form_refused(given: Mapping[str, Any]) -> dict[str, object]:
    return {"form": SignInForm.refused(address=given["address"], wish=given["wish"])}


_start = MadeOnce("entrance/start.html", most=KINDS, more=_form)
_refused = MadeOnce("entrance/start.html", most=KINDS, more=_form_refused)
_locked = MadeOnce("entrance/locked.html", most=KINDS)


def start_page(request: HttpRequest) -> HttpResponse | None:
    """The start page; None if there is more to say, or to go on to, than usual."""
    return None if request.META.get("QUERY_STRING") else _start.answer(request, "home", Differing())


def refused_page(request: HttpRequest, *, address: str, wish: str) -> HttpResponse:
    """The form again: address and password do not belong together."""
    differing = Differing()
    return _refused.answer(request, "sign-in", differing, address=differing(address), wish=differing(wish))


def locked_page(request: HttpRequest, *, address: str) -> HttpResponse:
    """No password is checked any more at this name; how to get back in."""
    differing = Differing()
    response = _locked.answer(request, "sign-in", differing, address=differing(address))
    response.status_code = 403
    return response
