"""What waits at the desk, and who is at work on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenportal.domain.audit.queries import failed_backup
from kundenportal.domain.credentials.rules.steps import Step
from kundenportal.domain.mail.rules import blames_address
from kundenportal.domain.worklist import queries
from kundenportal.domain.worklist.rules import Kind, Position
from kundenportal.kernel import clock
from kundenportal.web.shared.access import account_of_session, desk_only

from .waiting_words import Told, told_of
from .words import STEPS, WAITING

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.worklist.models import InHand
    from kundenportal.domain.worklist.queries import Waiting


@dataclass(frozen=True)
class WaitingRow:
    """Something that waits, as the desk reads it."""

    kind: Kind
    number: int
    subject_url: str
    name: str
    address: str
    since: datetime
    told: Told
    action_url: str
    action_label: object
    in_hand: InHand | None

    @property
    def said(self) -> str:
        """By what the buttons of this row are told from those of the others."""
        return self.address or f"{self.name}, {self.told.what}"

    @classmethod
    def of(cls, waiting: Waiting, *, staff: Account) -> WaitingRow:
        """The row, with the one next action of this member of staff."""
        kind, account = waiting.place.kind, waiting.account
        name, address = _whose(waiting)
        action_url, action_label = _action(waiting, staff)
        return cls(
            kind=kind,
            number=waiting.place.number,
            subject_url=reverse("desk-account", args=[account.pk]) if account else action_url,
            name=name,
            address=address,
            since=waiting.place.since,
            told=told_of(waiting),
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
    after, before = (Position.read(request.GET.get(name, "")) for name in ("after", "before"))
    page = queries.waiting_page(kind=kind, after=after, before=before, now=now)
    if (after or before) and not page.rows:
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
        "previous_page_url": (page.previous_before and f"?{urlencode({**query, 'before': str(page.previous_before)})}"),
        "failed_backup": failed_backup(now=now),
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
    if not staff.may_act_on(file):
        is_own = staff.pk == file.pk
        label = _("Look at the account") if is_own else _("Look – for whoever leads the desk")
        return reverse("desk-account", args=[file.pk]), label
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
