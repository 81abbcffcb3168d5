"""What everybody may know of maintenance, for the calendar and by mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kundenportal.domain.maintenance import operations, queries
from kundenportal.kernel import clock
from kundenportal.web.shared.access import account_of_session, everybody
from kundenportal.web.shared.maintenance import Words, board_of

from .calendar import calendar_file

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from kundenportal.domain.maintenance.rules.board import Posted


@dataclass(frozen=True)
class Announcement:
    """A window as it is announced."""

    number: int
    starts_at: datetime
    ends_at: datetime
    words: Words

    @classmethod
    def of(cls, posted: Posted) -> Announcement:
        """The announcement of a window."""
        return cls(posted.number, posted.times.starts_at, posted.times.ends_at, Words.of(posted.message))


@everybody
@require_safe
def maintenance(request: HttpRequest) -> HttpResponse:
    """Every window that is announced."""
    announced = board_of(request).all_announced(now=clock.now())
    context = {
        "announcements": [Announcement.of(posted) for posted in announced],
        "is_subscribed": request.user.is_authenticated and queries.is_subscribed(account_of_session(request)),
    }
    return render(request, "entrance/maintenance.html", context)


@everybody
@require_safe
def maintenance_calendar(request: HttpRequest, number: int) -> HttpResponse:
    """A window as a file for calendars; taken once more, it replaces what was taken before."""
    window = queries.window_known_to_everybody(number, now=clock.now())
    if window is None:
        raise Http404
    text = calendar_file(window, summary=_("Maintenance"), words=Words.of(window.message).text)
    name = f"maintenance-{window.pk}.ics"
    return HttpResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
def maintenance_mails(request: HttpRequest) -> HttpResponse:
    """Whoever is signed in is told of maintenance by mail from now on, or not any more."""
    account = account_of_session(request)
    if request.POST.get("wish") == "subscribe":
        operations.subscribe(account, now=clock.now())
        messages.success(request, _("We tell you of maintenance by e-mail from now on."))
    elif request.POST.get("wish") == "unsubscribe":
        operations.unsubscribe(account)
        messages.success(request, _("We do not tell you of maintenance by e-mail any more."))
    return redirect("maintenance")
