"""What Wagtail's menus offer: what the portal uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from kundenportal.kernel.links import link_to

if TYPE_CHECKING:
    from django.http import HttpRequest

WAY_BACK = "portal"
OFFERED = frozenset({"explorer", "images", "documents", WAY_BACK})


@hooks.register("register_admin_menu_item")
def offer_the_way_back() -> MenuItem:
    """Below everything else, the portal itself."""
    # In full, for every page whose own address begins with an entry's is taken for the one that the entry leads to.
    return MenuItem(_("Back to the portal"), link_to("home"), name=WAY_BACK, icon_name="home", order=10_000)


@hooks.register("construct_main_menu")
def offer_what_is_used(request: HttpRequest, items: list[MenuItem]) -> None:
    """Nothing in the menu leads to a place that is not open."""
    items[:] = [item for item in items if item.name in OFFERED]
