"""Where in a list a page of the desk stands, read from its address and written into those of its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from kundenportal.kernel.lengths import NUMBER_MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from kundenportal.kernel.leafing import Page, Row


def number_in(text: str) -> int | None:
    """The number that was written, if it can be one of a row."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER_MAX_LENGTH else None


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where somebody came from, as the form says; if that leads anywhere else than into the portal, not there."""
    back = request.POST.get("next", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else reverse(otherwise)


def position_in(request: HttpRequest) -> dict[str, int | None]:
    """From which row the page goes on, as `after` and `before` of a query."""
    return {name: number_in(request.GET.get(name, "")) for name in ("after", "before")}


def is_beyond_the_end(request: HttpRequest, page: Page[Row]) -> bool:
    """Whether there was something once where the page begins, and is not any more."""
    return not page.rows and any(value is not None for value in position_in(request).values())


def neighbours(name: str, page: Page[Row], **filters: str | Sequence[str]) -> dict[str, str | None]:
    """The addresses of the pages before and after this one, for elements/pagination.html."""
    return {
        "next_page_url": address(name, **filters, after=page.next_after) if page.next_after else None,
        "previous_page_url": address(name, **filters, before=page.previous_before) if page.previous_before else None,
    }


def address(name: str, **query: str | int | Sequence[str] | None) -> str:
    """The address of a list, with whatever is set."""
    given = {key: value for key, value in query.items() if value}
    return f"{reverse(name)}?{urlencode(given, doseq=True)}" if given else reverse(name)
