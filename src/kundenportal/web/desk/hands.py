"""Something that waits is taken up, so that the others see who is at work on it, or put back: desk/in_hand.html."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kundenportal.domain.worklist import operations as worklist
from kundenportal.domain.worklist.rules import Kind
from kundenportal.kernel import clock
from kundenportal.web.shared.access import account_of_session, desk_only

from .leafing import number_in, way_back

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

TAKE, PUT_BACK = "take", "put-back"


@desk_only
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Takes up or puts back, from a page on which nothing else is typed."""
    changes_hands(request)
    return redirect(way_back(request, "desk-today"))


def changes_hands(request: HttpRequest) -> bool:
    """Takes up or puts back if one of those buttons was pressed; whether it was."""
    pressed = next((name for name in (TAKE, PUT_BACK) if name in request.POST), None)
    if pressed is None:
        return False
    kind, number, holder = [*request.POST[pressed].split("~"), "", ""][:3]
    if kind in list(Kind) and (found := number_in(number)) is not None:
        _take_or_put_back(request, pressed, Kind(kind), found, holder=number_in(holder))
    return True


def _take_or_put_back(request: HttpRequest, pressed: str, kind: Kind, number: int, *, holder: int | None) -> None:
    staff = account_of_session(request)
    if pressed == PUT_BACK:
        worklist.put_back(kind, number, put_back_by=staff)
        return
    try:
        worklist.take(kind, number, taken_by=staff, instead_of=holder, now=clock.now())
    except worklist.InOtherHands as refusal:
        messages.info(request, _("%(name)s was quicker and is at work on it.") % {"name": refusal.held.holder.name})
