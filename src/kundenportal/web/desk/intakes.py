"""The queue of what was taken down and not seen to yet."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.support import operations, queries
from kundenportal.domain.support.rules import (
    CALL_BACK_MAX_LENGTH,
    CONCERN_MAX_LENGTH,
    PREFERRED_TIME_MAX_LENGTH,
    IntakeState,
    Request,
    Route,
)
from kundenportal.domain.worklist.queries import in_hand
from kundenportal.domain.worklist.rules import Kind
from kundenportal.kernel import clock
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, NAME_MAX_LENGTH
from kundenportal.kernel.randomness import random_token
from kundenportal.web.shared.access import account_of_session, desk_only, takers_down_only
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.sentences import NOT_AN_ADDRESS, ONE_IS_ENOUGH, TOO_LONG
from kundenportal.web.shared.way_back import WayBackForm

from .leafing import is_beyond_the_end, neighbours, position_in
from .words import INTAKE_ROUTES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.support.models import Intake


class IntakeForm(WayBackForm):
    """What somebody wants, and how they can be reached; as little of it is asked as will do."""

    form_key = forms.CharField(
        required=False, initial=random_token, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )
    concern = forms.CharField(
        label=gettext_lazy("Concern"),
        max_length=CONCERN_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("Please note what it is about."), "max_length": TOO_LONG},
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )
    call_back_number = forms.CharField(
        label=gettext_lazy("Telephone number to call back"),
        help_text=ONE_IS_ENOUGH,
        max_length=CALL_BACK_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
        error_messages={"max_length": TOO_LONG},
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=ADDRESS_MAX_LENGTH,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "invalid": NOT_AN_ADDRESS,
            "max_length": TOO_LONG,
        },
    )
    preferred_time = forms.CharField(
        label=gettext_lazy("Preferred time"),
        max_length=PREFERRED_TIME_MAX_LENGTH,
        required=False,
        help_text=gettext_lazy("For example: Tuesday morning."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )

    def request(self) -> Request:
        """What was said."""
        return Request(**{field.name: self.cleaned_data[field.name] for field in fields(Request)})


@dataclass(frozen=True)
class IntakeRow:
    """An intake as the lists show it."""

    intake: Intake
    route_label: str

    @classmethod
    def of(cls, intake: Intake) -> IntakeRow:
        """The row of an intake."""
        return cls(intake, str(INTAKE_ROUTES[Route(intake.route)]))


@desk_only
@require_safe
def intakes(request: HttpRequest) -> HttpResponse:
    """What is open, the oldest first; or what is done, the newest first."""
    shows_done = request.GET.get("state") == IntakeState.DONE
    page = (queries.settled_intakes if shows_done else queries.open_intakes)(**position_in(request))
    if is_beyond_the_end(request, page):
        return redirect("desk-intakes")
    context = {
        "intakes": [IntakeRow.of(each) for each in page.rows],
        "shows_done": shows_done,
        **neighbours("desk-intakes", page, state=IntakeState.DONE.value if shows_done else ""),
    }
    return render(request, "desk/intakes.html", context)


@takers_down_only
@require_http_methods(["GET", "HEAD", "POST"])
def take_down(request: HttpRequest) -> HttpResponse:
    """Takes down what somebody says on the telephone."""
    form = IntakeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        intake = operations.take_down(
            form.request(),
            route=Route.TELEPHONE,
            form_key=form.cleaned_data["form_key"],
            account=account_of(form.cleaned_data["email"]) if form.cleaned_data["email"] else None,
            taken_down_by=account_of_session(request),
            now=clock.now(),
            origin=origin_of(request),
        )
        messages.success(request, _("Taken down as %(reference)s.") % {"reference": intake.reference})
        # Whoever only takes down sees no list, and goes on with the next one.
        return redirect("desk-intakes" if account_of_session(request).may_use_desk else "desk-take-down")
    return render(request, "desk/take_down.html", {"form": form})


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def intake(request: HttpRequest, intake_id: int) -> HttpResponse:
    """One intake; it is settled here, and reopened if that was a slip."""
    found = queries.intake(intake_id)
    if found is None:
        raise Http404
    if request.method == "POST":
        _settle_or_reopen(request, found)
        return redirect("desk-intake", found.pk)
    context = {
        "row": IntakeRow.of(found),
        # Who writes down an address need not be whose it is: so the intake may be tied to no account.
        "account_with_address": account_of(found.email) if found.email else None,
        "held": in_hand(Kind.INTAKE, found.pk, now=clock.now()),
        "kind": Kind.INTAKE,
    }
    return render(request, "desk/intake.html", context)


def _settle_or_reopen(request: HttpRequest, found: Intake) -> None:
    who, now, origin = account_of_session(request), clock.now(), origin_of(request)
    try:
        if request.POST.get("action") == "reopen":
            operations.reopen(found.pk, reopened_by=who, now=now, origin=origin)
            messages.success(request, _("%(reference)s is open again.") % {"reference": found.reference})
        elif request.POST.get("action") == "settle":
            operations.settle(found.pk, settled_by=who, now=now, origin=origin)
            messages.success(request, _("%(reference)s is done.") % {"reference": found.reference})
    except operations.AlreadySettled:
        messages.info(request, _("Somebody has seen to this already."))
    except operations.NotSettled:
        messages.info(request, _("This is open already."))
