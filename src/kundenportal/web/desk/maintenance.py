"""Maintenance as those see it who plan it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kundenportal.domain.credentials.operations import countdowns
from kundenportal.domain.maintenance import operations, queries
from kundenportal.domain.maintenance.rules.windows import NOT_BEGUN, UNDER_WAY, Stage, stage
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import account_of_session, speakers_only
from kundenportal.web.shared.origin import origin_of

from .leafing import is_beyond_the_end, neighbours, position_in
from .maintenance_forms import MoveForm, PlanForm
from .words import NOBODY_KNOWN

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.maintenance.models import Window

STAGES = {
    Stage.PLANNED: pgettext_lazy("maintenance", "planned, not announced yet"),
    Stage.ANNOUNCED: pgettext_lazy("maintenance", "announced"),
    Stage.RUNNING: pgettext_lazy("maintenance", "under way"),
    Stage.OVERRUNNING: pgettext_lazy("maintenance", "taking longer than planned"),
    Stage.OVER: pgettext_lazy("maintenance", "over"),
    Stage.CANCELLED: pgettext_lazy("maintenance", "cancelled"),
}
# The signs and colours of elements/status.html.
SIGNS = {
    Stage.PLANNED: "info",
    Stage.ANNOUNCED: "issued",
    Stage.RUNNING: "expired",
    Stage.OVERRUNNING: "suspended",
    Stage.OVER: "active",
    Stage.CANCELLED: "info",
}


@dataclass(frozen=True)
class WindowRow:
    """A window as the list and its own page show it."""

    window: Window
    stage: Stage
    label: str
    sign: str

    @classmethod
    def of(cls, window: Window, *, now: datetime) -> WindowRow:
        """The row of a window."""
        found = stage(window.times, now=now)
        return cls(window, found, str(STAGES[found]), SIGNS[found])

    @property
    def planned_by(self) -> str:
        """Whose name stands at it."""
        return self.window.planned_by.name if self.window.planned_by else str(NOBODY_KNOWN)

    @property
    def has_not_begun(self) -> bool:
        """Whether it may still be cancelled."""
        return self.stage in NOT_BEGUN

    @property
    def is_under_way(self) -> bool:
        """Whether it may be ended."""
        return self.stage in UNDER_WAY


@speakers_only
@require_safe
def windows(request: HttpRequest) -> HttpResponse:
    """What is to come and under way, by its beginning; or what is over, the newest first."""
    now = clock.now()
    if request.GET.get("state") != "over":
        rows = [WindowRow.of(window, now=now) for window in queries.windows_not_over()]
        return render(request, "desk/maintenance.html", {"rows": rows})
    page = queries.windows_over(**position_in(request))
    if is_beyond_the_end(request, page):
        return redirect("desk-maintenance")
    context = {
        "rows": [WindowRow.of(window, now=now) for window in page.rows],
        "shows_over": True,
        **neighbours("desk-maintenance", page, state="over"),
    }
    return render(request, "desk/maintenance.html", context)


@speakers_only
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plans a window, or begins one at once; what customers will read is shown before."""
    now = clock.now()
    form = PlanForm(request.POST if request.method == "POST" else None, now=now)
    if not form.is_bound or not form.is_valid():
        return render(request, "desk/maintenance_plan.html", {"form": form})
    if request.POST.get("action") != "plan":
        return render(request, "desk/maintenance_plan.html", {"form": form, "preview": form.preview(now=now)})
    who, origin = account_of_session(request), origin_of(request)
    try:
        if form.starts_at is None:
            countdowns.begin(ends_at=form.ends_at, message=form.message, begun_by=who, now=now, origin=origin)
            messages.success(request, _("The maintenance has begun."))
        else:
            countdowns.plan(
                starts_at=form.starts_at,
                ends_at=form.ends_at,
                message=form.message,
                planned_by=who,
                now=now,
                origin=origin,
            )
            messages.success(request, _("The maintenance is planned."))
    except Refusal as refusal:
        form.say_why_not(refusal)
        return render(request, "desk/maintenance_plan.html", {"form": form})
    return redirect("desk-maintenance")


@speakers_only
@require_http_methods(["GET", "HEAD", "POST"])
def window(request: HttpRequest, number: int) -> HttpResponse:
    """One window; here it is moved, ended or cancelled."""
    found = queries.window_numbered(number)
    if found is None:
        raise Http404
    now = clock.now()
    row = WindowRow.of(found, now=now)
    form = MoveForm.of(found, request.POST if request.POST.get("action") == "move" else None, now=now)
    if not row.has_not_begun:
        form.keep_the_start()
    if request.method == "POST" and _changed(request, found, form, now=now):
        return redirect("desk-maintenance-window", number)
    return render(request, "desk/maintenance_window.html", {"row": row, "form": form})


def _changed(request: HttpRequest, found: Window, form: MoveForm, *, now: datetime) -> bool:
    """Whether the page is to be shown anew: all is done, or there was nothing left to do."""
    who, origin = account_of_session(request), origin_of(request)
    try:
        match request.POST.get("action"):
            case "move":
                if not form.is_valid():
                    return False
                countdowns.move(
                    found.pk, starts_at=form.starts_at, ends_at=form.ends_at, moved_by=who, now=now, origin=origin
                )
                messages.success(request, _("The maintenance has its new time."))
            case "end":
                countdowns.end(found.pk, ended_by=who, now=now, origin=origin)
                if queries.is_under_way(now=now):
                    messages.warning(request, _("This maintenance is over, but another one has begun already."))
                else:
                    messages.success(request, _("The maintenance is over. The portal is open to everybody again."))
            case "cancel":
                countdowns.cancel(found.pk, cancelled_by=who, now=now, origin=origin)
                messages.success(request, _("The maintenance is cancelled."))
    except (operations.NoSuchWindow, operations.NothingUnderWay, operations.HasBegun):
        messages.info(request, _("Somebody was faster: look at how the maintenance stands now."))
    except Refusal as refusal:
        form.say_why_not(refusal)
        return False
    return True
