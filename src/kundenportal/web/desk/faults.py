"""What is behind the reference of an error page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kundenportal.domain.faults import queries
from kundenportal.web.shared.access import desk_only

from .leafing import is_beyond_the_end, neighbours, position_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@desk_only
@require_safe
def faults(request: HttpRequest) -> HttpResponse:
    """The error pages people were shown, the newest first; or the one of a reference."""
    sought = request.GET.get("reference", "").strip()
    page = queries.faults(reference=sought, **position_in(request))
    if is_beyond_the_end(request, page):
        return redirect("desk-faults")
    context = {"faults": page.rows, "sought": sought, **neighbours("desk-faults", page, reference=sought)}
    return render(request, "desk/faults.html", context)
