"""What Wagtail's menus offer: what the portal uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail import hooks

if TYPE_CHECKING:
    from django.http import HttpRequest
    from wagtail.admin.menu import MenuItem

OFFERED = frozenset({"explorer", "images", "documents"})


@hooks.register("construct_main_menu")
def offer_what_is_used(request: HttpRequest, items: list[MenuItem]) -> None:
    """Nothing in the menu leads to a place that is not open."""
    items[:] = [item for item in items if item.name in OFFERED]
