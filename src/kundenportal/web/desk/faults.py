"""What is behind the reference of an error page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kundenportal.domain.faults import queries
from kundenportal.web.shared.access import desk_only

from .leafing import is_beyond_the_end, neighbours, position_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


# What each page has told whoever saw it.
KINDS = {
    400: gettext_lazy("The request made no sense"),
    403: gettext_lazy("Not open to whoever asked, or open for too long"),
    404: gettext_lazy("There is no such page"),
    405: gettext_lazy("The address cannot be opened in this way"),
    413: gettext_lazy("Too much was sent at once"),
    429: gettext_lazy("Too many entries from one network; everybody turned away in that minute has this number"),
    500: gettext_lazy("A fault of ours"),
    503: gettext_lazy("Too much was going on; everybody turned away in that minute has this number"),
}


@desk_only
@require_safe
def faults(request: HttpRequest) -> HttpResponse:
    """The error pages people were shown, the newest first; or the one of a reference."""
    sought = request.GET.get("reference", "").strip()
    page = queries.faults(reference=sought, **position_in(request))
    if is_beyond_the_end(request, page):
        return redirect("desk-faults")
    rows = [(fault, KINDS.get(fault.status, "")) for fault in page.rows]
    context = {"rows": rows, "sought": sought, **neighbours("desk-faults", page, reference=sought)}
    return render(request, "desk/faults.html", context)
