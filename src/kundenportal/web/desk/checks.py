"""An entitlement check: what speaks for it, what against, and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from kundenportal.domain.audit.queries import Sought, trail_page
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.operations.decisions import AlreadyDecided
from kundenportal.domain.credentials.queries.checks import check_with_number, questions_about
from kundenportal.domain.credentials.rules.entitlement import CheckState, Route
from kundenportal.domain.credentials.rules.identity import SHOWN_BY_ROUTE, STATED
from kundenportal.domain.directory.queries import similar_accounts
from kundenportal.domain.inbox.queries import mails_about
from kundenportal.domain.worklist.queries import in_hand
from kundenportal.domain.worklist.rules import Kind
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import account_of_session, desk_only
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.words import CHECKS

from .accounts import AccountRow
from .calls import send_code
from .forms import DecisionForm
from .hands import changes_hands
from .history import happenings
from .kept import entries_in, kept_entries
from .words import BEYOND_ROLE, MEANS, ROUTES

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.credentials.models import EntitlementCheck

DECISIONS = frozenset({"approve", "decline", "ask", "withdraw"})
LATEST = 10  # entries of the account's history that are shown beside a check


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, check_id: int) -> HttpResponse:
    """One request for new access, and what may be done about it."""
    found = check_with_number(check_id)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found, _form(found, initial=kept_entries(request)))
    if not account_of_session(request).may_act_on(found.account):
        messages.info(request, BEYOND_ROLE)
        return redirect("desk-check", check_id)
    return _posted(request, found)


def _posted(request: HttpRequest, found: EntitlementCheck) -> HttpResponse:
    form = _form(found, request)
    if changes_hands(request):
        return _page(request, found, _form(found, initial=entries_in(request, form)))
    if "send-code" in request.POST:
        return send_code(request, found.account_id, form)
    if form.decision not in DECISIONS or not form.is_valid():
        return _page(request, found, form)
    try:
        said = _decided(request, found, form)
    except AlreadyDecided as refusal:
        messages.error(request, _already(refusal.check))
        return _page(request, refusal.check, form)
    except Refusal as refusal:
        form.say_why_not(refusal)
        return _page(request, found, form)
    messages.success(request, said)
    return redirect("desk-check", found.pk)


def _form(
    check: EntitlementCheck, request: HttpRequest | None = None, *, initial: dict[str, str] | None = None
) -> DecisionForm:
    form = DecisionForm(request.POST if request else None, initial=initial)
    shown = SHOWN_BY_ROUTE.get(Route(check.route))
    form.offer_means([shown, *STATED] if shown else STATED, check.account)
    return form


def _decided(request: HttpRequest, check: EntitlementCheck, form: DecisionForm) -> str:
    staff, now, origin = account_of_session(request), clock.now(), origin_of(request)
    address = {"address": check.account.address}
    match form.decision:
        case "approve":
            decided = entitlement.approve(check.pk, stated=form.identity(), decided_by=staff, now=now, origin=origin)
            if decided.state == CheckState.OPEN:
                return _("Approved by you. A colleague has to approve as well.")
            return _("Approved. A new access letter goes to %(address)s.") % address
        case "decline":
            reason = form.cleaned_data["reason"]
            entitlement.decline(check.pk, reason=reason, decided_by=staff, now=now, origin=origin)
            return _("Declined. An e-mail with your reason goes to %(address)s.") % address
        case "ask":
            entitlement.ask_back(check.pk, form.cleaned_data["question"], asked_by=staff, now=now, origin=origin)
            return _("Your question goes to %(address)s.") % address
        case "withdraw":
            entitlement.withdraw(check.pk, withdrawn_by=staff, now=now, origin=origin)
            return _("Withdrawn. Nobody is written to.")
        case _:
            raise ValueError(form.decision)


def _page(request: HttpRequest, check: EntitlementCheck, form: DecisionForm) -> HttpResponse:
    staff, now = account_of_session(request), clock.now()
    account = check.account
    context = {
        "check": check,
        "account": account,
        "form": form,
        "is_open": check.state == CheckState.OPEN,
        "state_label": CHECKS[CheckState(check.state)],
        "route_label": ROUTES[Route(check.route)],
        "may_decide": staff.may_act_on(account),
        "held": in_hand(Kind.CHECK, check.pk, now=now),
        "kind": Kind.CHECK,
        "pairs_of_eyes": settings.PAIRS_OF_EYES,
        "has_approved_first": check.first_approved_by_id == staff.pk,
        "questions": questions_about(check),
        "mails": mails_about(check),
        "similar": [AccountRow.of(each, now=now) for each in similar_accounts(account)],
        "happenings": happenings(trail_page(Sought(subject_ids={account.pk}), size=LATEST).rows),
        "means_labels": MEANS,
    }
    return render(request, "desk/check.html", context)


def _already(check: EntitlementCheck) -> str:
    return _("%(who)s was quicker: %(decision)s on %(when)s.") % {
        "who": check.decided_by.name if check.decided_by else _("Somebody"),
        "decision": CHECKS[CheckState(check.state)],
        "when": check.decided_at
        and date_format(localtime(check.decided_at), pgettext("date and time, short", "d/m/Y, H:i")),
    }
