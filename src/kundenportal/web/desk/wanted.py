"""Which accounts the list shows, read from its address and written into the addresses on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from kundenportal.domain.directory.queries import is_place_in
from kundenportal.domain.directory.rules import NEWEST_FIRST, Condition, Key, Order, Place, Wanted

from .leafing import address

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

LONGEST_TEXT = 200
KEYS = {
    "name": Key.NAME,
    "address": Key.ADDRESS,
    "organisation": Key.ORGANISATION,
    "sign-in": Key.LAST_SIGN_IN,
    "opened": Key.OPENED,
}
LABELS = {
    Key.NAME: gettext_lazy("Name"),
    Key.ADDRESS: gettext_lazy("E-mail address"),
    Key.ORGANISATION: gettext_lazy("Organisation"),
    Key.LAST_SIGN_IN: gettext_lazy("Last sign-in"),
    Key.OPENED: gettext_lazy("Opened"),
}
# What one looks for in a date is the latest, in a word the first of the alphabet.
LATEST_FIRST = frozenset({Key.LAST_SIGN_IN, Key.OPENED})


@dataclass(frozen=True)
class Heading:
    """A heading of the list that sorts it, and the other way round if it does already."""

    key: Key
    label: _StrPromise
    url: str
    sorted: str  # ascending, descending, or empty: as aria-sort says it


def wanted_in(request: HttpRequest) -> Wanted:
    """What the address asks for; what it says in a way nobody here writes does not matter."""
    condition = request.GET.get("state", "")
    return Wanted(
        text=request.GET.get("q", "").strip()[:LONGEST_TEXT],
        condition=Condition(condition) if condition in set(Condition) else None,
        order=_order_in(request.GET.get("sort", "")),
    )


def place_in(request: HttpRequest, name: str, wanted: Wanted) -> Place | None:
    """The place under this name from which the list goes on."""
    place = Place.read(request.GET.get(name, ""))
    return place if place and is_place_in(place, wanted) else None


def query_of(wanted: Wanted) -> dict[str, str]:
    """The parts of an address that ask for this."""
    written = {"q": wanted.text, "state": wanted.condition or "", "sort": _written(wanted.order)}
    return {name: value for name, value in written.items() if value}


def headings(wanted: Wanted) -> dict[str, Heading]:
    """What the list can be sorted by, by the names the address has for it."""
    return {name.replace("-", "_"): _heading(key, wanted) for name, key in KEYS.items()}


def _heading(key: Key, wanted: Wanted) -> Heading:
    order = wanted.order or (None if wanted.text else NEWEST_FIRST)
    is_sorted = order is not None and order.key is key
    descending = not order.descending if is_sorted and order else key in LATEST_FIRST
    url = address("desk-accounts", **query_of(Wanted(wanted.text, wanted.condition, Order(key, descending))))
    return Heading(
        key, LABELS[key], url, ("descending" if order.descending else "ascending") if is_sorted and order else ""
    )


def _order_in(text: str) -> Order | None:
    key = KEYS.get(text.removeprefix("-"))
    return Order(key, descending=text.startswith("-")) if key else None


def _written(order: Order | None) -> str:
    if order is None:
        return ""
    name = next(name for name, key in KEYS.items() if key is order.key)
    return f"-{name}" if order.descending else name
