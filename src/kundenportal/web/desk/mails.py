"""The mail log: every outgoing mail, where it stands, and what the server said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kundenportal.domain.accounts.operations import RoleNotYours
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.queries.letters import letters_to_be_sent_again, newest_letters_lost
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail import queries
from kundenportal.domain.mail.rules import Standing, State, standing
from kundenportal.kernel import clock
from kundenportal.web.shared.access import account_of_session, desk_only
from kundenportal.web.shared.origin import origin_of

from .account import lead_to_check
from .leafing import address, is_beyond_the_end, neighbours, number_in, position_in, way_back
from .mail_words import (
    STANDING_LABELS,
    STANDING_SIGNS,
    kind_label,
    planned_in_words,
    server_words,
    why_it_did_not_arrive,
)
from .words import BEYOND_ROLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.mail.models import OutgoingMail


@dataclass(frozen=True)
class MailRow:
    """A mail as the log shows it."""

    mail_id: int
    recipient: str
    kind_label: str
    sign: str
    standing_label: str
    queued_at: datetime
    handed_over_at: datetime | None
    attempts: int
    trouble: str
    server_answer: str
    may_send_again: bool

    @classmethod
    def of(cls, row: OutgoingMail, letters: Mapping[int, int], *, now: datetime) -> MailRow:
        """The row of a mail; `letters` are the access letters that may be sent again."""
        where = standing(State(row.state), attempts=row.attempts, reported_status=row.reported_status)
        return cls(
            mail_id=row.pk,
            recipient=row.recipient,
            kind_label=kind_label(row.kind),
            sign=STANDING_SIGNS[where],
            standing_label=planned_in_words(row.state, due_at=row.queued_at, now=now) or str(STANDING_LABELS[where]),
            queued_at=row.queued_at,
            handed_over_at=row.handed_over_at,
            attempts=row.attempts,
            trouble=why_it_did_not_arrive(
                state=row.state, server_answer=row.server_answer, reported_status=row.reported_status
            ),
            server_answer=server_words(answer=row.server_answer, status=row.reported_status, words=row.reported_words),
            may_send_again=row.pk in letters or queries.may_be_sent_again(row),
        )


@desk_only
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """Every outgoing mail, the newest first, a page at a time."""
    filters = {name: request.GET.get(name, "").strip() for name in ("q", "state", "kind")}
    where = Standing(filters["state"]) if filters["state"] in set(Standing) else None
    page = queries.mails_page(standing=where, kind=filters["kind"], recipient=filters["q"], **position_in(request))
    if is_beyond_the_end(request, page):
        return redirect(address("desk-mails", **filters))
    now = clock.now()
    letters = letters_to_be_sent_again([row.pk for row in page.rows], now=now)
    context = {
        "mails": [MailRow.of(row, letters, now=now) for row in page.rows],
        "filters": filters,
        "is_filtered": any(filters.values()),
        "states": [(each.value, label, each.value == filters["state"]) for each, label in STANDING_LABELS.items()],
        "kinds": [(kind, kind_label(kind), kind == filters["kind"]) for kind in queries.kinds_of_mail()],
        **neighbours("desk-mails", page, **filters),
    }
    return render(request, "desk/mails.html", context)


@desk_only
@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """A mail that did not arrive goes out once more; in place of an access letter, a new one does."""
    mail_id = number_in(request.POST.get("mail", "")) or 0
    try:
        recipient = _send_again(request, mail_id)
    except RoleNotYours:
        messages.info(request, BEYOND_ROLE)
    except (mail.NotToBeSentAgain, access.LetterOnItsWay):
        messages.info(request, _("That e-mail need not be sent again: look at its state in the list."))
    except access.CheckFirst as over:
        return lead_to_check(request, over.account)
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown
    else:
        messages.success(request, _("The e-mail to %(address)s is sent again.") % {"address": recipient})
    return redirect(way_back(request, "desk-mails"))


def _send_again(request: HttpRequest, mail_id: int) -> str:
    who, now, origin = account_of_session(request), clock.now(), origin_of(request)
    # Of every account: whether it may have another letter is decided, and refused with its reason, where it is sent.
    letter = newest_letters_lost().filter(mail=mail_id).first()
    if letter is not None:
        return access.send_letter_again(letter.account_id, sent_by=who, now=now, origin=origin).address
    return mail.send_again(mail_id, sent_by=who, now=now, origin=origin).recipient
