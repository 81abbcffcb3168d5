"""A page that was typed into is shown anew: nothing typed is lost, and nothing is done.

So it is when somebody signed in meanwhile, and the form's token no longer counts; but only what was sent from a page of
ours is shown again: otherwise another site could put words in somebody's mouth, and one press of a button would send
them. And so it is when the language is switched.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.http import QueryDict
from django.urls import resolve

from kundenportal.kernel import clock

from .maintenance import window_in_the_way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse

    View = TypeVar("View", bound=Callable[..., HttpResponse])

# A password, chosen or suggested, is entered anew; so is what a link carried, which has a cookie of its own.
SECRETS = ("password", "token")


def shows_what_was_typed(view: View) -> View:
    """Marks a view, for everybody, that shows its form with `typed(request)` in it when it is asked for the page."""
    view.shows_what_was_typed = True  # type: ignore[attr-defined]  # read by `page_with_what_was_typed`
    return view


def typed(request: HttpRequest) -> dict[str, str]:
    """What somebody typed into the form of this page before it was refused unread; nothing otherwise."""
    return getattr(request, "typed", {})


def was_sent_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form stood on a page of this portal."""
    here = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") in {here, *settings.CSRF_TRUSTED_ORIGINS}


def fields_of(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """What was sent, one by one, but for secrets."""
    for name, values in request.POST.lists():
        if name != "csrfmiddlewaretoken" and not any(secret in name for secret in SECRETS):
            yield from ((name, value) for value in values)


def page_with_what_was_typed(request: HttpRequest, path: str) -> HttpResponse | None:
    """The page at that path, asked for as if nothing had been sent; None if it cannot show what was typed, or is shut.

    Raises Http404 if there is none.
    """
    match = resolve(path)
    if not getattr(match.func, "shows_what_was_typed", False):
        return None
    # Nobody has asked for this path in the request, so nothing but this has looked whether it is open.
    if window_in_the_way(request, match.url_name, now=clock.now()) is not None:
        return None
    request.typed = dict(fields_of(request))  # type: ignore[attr-defined]
    # From here on it is a request that changes nothing, whatever the view does with one that was sent.
    request.method, request.POST = "GET", QueryDict()
    request.path, request.path_info, request.resolver_match = path, path, match
    page: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return page if page.status_code == HTTPStatus.OK else None
