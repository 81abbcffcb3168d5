"""What waits at the desk, and who is at work on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from kundenportal.domain.accounts.rules import Role, may_give
from kundenportal.domain.audit.queries import failed_backup
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.credentials.rules.steps import Step
from kundenportal.domain.inbox.rules.keeping import SetAside
from kundenportal.domain.mail.rules import blames_address
from kundenportal.domain.worklist import queries
from kundenportal.domain.worklist.rules import Kind, position_in
from kundenportal.kernel import clock
from kundenportal.kernel.text import on_one_line
from kundenportal.web.shared.access import account_of_session, desk_only

from .inbox import SET_ASIDE
from .mail_words import why_it_did_not_arrive
from .words import ROUTES, STEPS, WAITING, WAITING_ONE

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.worklist.models import InHand
    from kundenportal.domain.worklist.queries import Waiting

CONCERN_SHOWN = 80  # characters of what somebody wants; the rest is on its page


@dataclass(frozen=True)
class WaitingRow:
    """Something that waits, as the desk reads it."""

    kind: Kind
    number: int
    label: object
    subject_url: str
    name: str
    address: str
    since: datetime
    what: str
    until: datetime | None
    tried: str
    action_url: str
    action_label: object
    in_hand: InHand | None

    @property
    def said(self) -> str:
        """By what the buttons of this row are told from those of the others."""
        return self.address or f"{self.name}, {self.what}"

    @classmethod
    def of(cls, waiting: Waiting, *, staff: Account) -> WaitingRow:
        """The row, with the one next action of this member of staff."""
        kind, account = waiting.place.kind, waiting.account
        what, tried = _TOLD[kind](waiting)
        name, address = _whose(waiting)
        action_url, action_label = _action(waiting, staff)
        return cls(
            kind=kind,
            number=waiting.place.number,
            label=WAITING_ONE[kind],
            subject_url=reverse("desk-account", args=[account.pk]) if account else action_url,
            name=name,
            address=address,
            since=waiting.place.since,
            what=what,
            until=waiting.facts.get("expires_at"),
            tried=tried,
            action_url=action_url,
            action_label=action_label,
            in_hand=waiting.in_hand,
        )


@desk_only
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first: of all kinds, or of one."""
    now, chosen = clock.now(), request.GET.get("kind", "")
    kind = Kind(chosen) if chosen in list(Kind) else None
    after = position_in(request.GET.get("after", ""))
    page = queries.waiting_page(kind=kind, after=after, now=now)
    if after and not page.rows:
        return redirect(f"{reverse('desk-today')}?{urlencode({'kind': kind})}" if kind else "desk-today")
    counts = queries.counts(now=now)
    query = {"kind": kind.value} if kind else {}
    context = {
        "rows": [WaitingRow.of(each, staff=account_of_session(request)) for each in page.rows],
        "kinds": [(each, WAITING[each], counts[each], f"?{urlencode({'kind': each.value})}") for each in Kind],
        "total": sum(counts.values()),
        "kind": kind,
        "here": request.get_full_path(),
        "next_page_url": page.next_after and f"?{urlencode({**query, 'after': str(page.next_after)})}",
        "previous_page_url": (f"?{urlencode(query)}" if query else reverse("desk-today")) if after else "",
        "failed_backup": failed_backup(),
    }
    return render(request, "desk/today.html", context)


def _whose(waiting: Waiting) -> tuple[str, str]:
    """Who waits, and under which address or number they are reached."""
    account, name, address = waiting.account, "", ""
    if intake := waiting.facts.get("intake"):
        name, address = intake.name, intake.email or intake.call_back_number
    elif received := waiting.facts.get("received"):
        name, address = received.sender_name or received.subject, received.sender
    return name or (account.name if account else _("Without a name")), account.address if account else address


def _action(waiting: Waiting, staff: Account) -> tuple[str, object]:
    kind, number, account = waiting.place.kind, waiting.place.number, waiting.account
    if kind is Kind.INTAKE:
        return reverse("desk-intake", args=[number]), _("Read and settle")
    if kind is Kind.SET_ASIDE:
        return reverse("desk-received-mail", args=[number]), _("Look and put away")
    file = cast("Account", account)
    if not may_give(Role(staff.role), Role(file.role)):
        return reverse("desk-account", args=[file.pk]), _("Look – for whoever leads the desk")
    if kind is Kind.CHECK:
        return reverse("desk-check", args=[number]), STEPS[Step.DECIDE]
    step = Step.UNLOCK if kind is Kind.LOCKOUT else Step.CORRECT_ADDRESS
    if kind is Kind.LOCKOUT or (kind is Kind.LETTER and _address_seems_wrong(waiting)):
        return reverse("desk-account-step", args=[file.pk, step]), STEPS[step]
    return reverse("desk-account", args=[file.pk]), (
        STEPS[Step.SEND_AGAIN] if kind is Kind.LETTER else _("Look at the account")
    )


def _address_seems_wrong(waiting: Waiting) -> bool:
    mail = waiting.facts["mail"]
    return blames_address(server_answer=mail.server_answer, reported_status=mail.reported_status)


def _check_told(waiting: Waiting) -> tuple[str, str]:
    facts, tried = waiting.facts, []
    if facts["questions"]:
        tried.append(ngettext("asked back once", "asked back %(times)d times", facts["questions"])
                     % {"times": facts["questions"]})  # fmt: skip
    if first := facts["first_approved_by"]:
        tried.append(_("approved by %(name)s, a second approval is missing") % {"name": first.name})
    return str(ROUTES[Route(facts["route"])]), ", ".join(tried)


def _letter_told(waiting: Waiting) -> tuple[str, str]:
    mail = waiting.facts["mail"]
    why = why_it_did_not_arrive(
        state=mail.state, server_answer=mail.server_answer, reported_status=mail.reported_status
    )
    attempts = mail.attempts
    tried = ngettext("%(number)d attempt", "%(number)d attempts", attempts) % {"number": attempts}
    return why, tried


def _lockout_told(waiting: Waiting) -> tuple[str, str]:
    return (_("The owner says: that was not me.") if waiting.facts["disowned"] else _("Five wrong entries")), ""


def _expiring_told(waiting: Waiting) -> tuple[str, str]:
    sent = waiting.facts["reminders"]
    return _("on"), (ngettext("reminded once", "reminded %(times)d times", sent) % {"times": sent} if sent else "")


def _intake_told(waiting: Waiting) -> tuple[str, str]:
    concern = waiting.facts["intake"].concern
    return Truncator(on_one_line(concern)).chars(CONCERN_SHOWN), ""


def _set_aside_told(waiting: Waiting) -> tuple[str, str]:
    return str(SET_ASIDE[SetAside(waiting.facts["received"].set_aside)]), ""


_TOLD = {
    Kind.CHECK: _check_told,
    Kind.LETTER: _letter_told,
    Kind.LOCKOUT: _lockout_told,
    Kind.EXPIRING: _expiring_told,
    Kind.INTAKE: _intake_told,
    Kind.SET_ASIDE: _set_aside_told,
}
