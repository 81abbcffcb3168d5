"""What came into the mailbox and what came of it; what was set aside comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from kundenportal.domain.inbox import operations, queries
from kundenportal.domain.inbox.rules.keeping import Outcome, SetAside, Trouble
from kundenportal.domain.worklist.queries import in_hand
from kundenportal.domain.worklist.rules import Kind
from kundenportal.kernel import clock
from kundenportal.web.shared.access import account_of_session, desk_only
from kundenportal.web.shared.origin import origin_of

from .leafing import is_beyond_the_end, neighbours, position_in
from .mail_words import kind_label, why_it_did_not_arrive

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.inbox.models import ReceivedMail

OUTCOMES = {
    Outcome.MAIL_LOG: gettext_lazy("Delivery report: noted in the mail log"),
    Outcome.CHECK_OPENED: gettext_lazy("Entitlement check opened"),
    Outcome.CHECK_ADDED_TO: gettext_lazy("Belongs to an entitlement check already open"),
    Outcome.INTAKE: gettext_lazy("Taken down as an intake"),
    Outcome.IGNORED: gettext_lazy("Sent by a machine: nothing to do"),
    Outcome.SET_ASIDE: gettext_lazy("Set aside"),
}
SET_ASIDE = {
    SetAside.TOO_LARGE: gettext_lazy("The e-mail is too large and was not read. It is in the mailbox."),
    SetAside.FAILED: gettext_lazy("The e-mail could not be read. It is in the mailbox."),
    SetAside.NO_SENDER: gettext_lazy("The e-mail does not say who sent it."),
    SetAside.TOO_MANY: gettext_lazy("This address has written so often within a day that we took down no more."),
    SetAside.REPORT_UNKNOWN: gettext_lazy("A delivery report that names none of our e-mails."),
    SetAside.REPORT_UNCLEAR: gettext_lazy("An e-mail of ours came back, but not with words the portal understands."),
}
TROUBLES = {
    Trouble.UNREACHABLE: gettext_lazy("Its server cannot be reached."),
    Trouble.NOT_LET_IN: gettext_lazy("Its server refuses user or password."),
    Trouble.NO_SUCH_FOLDER: gettext_lazy("The folder does not exist."),
    Trouble.NOT_TRUSTED: gettext_lazy("Its server’s certificate is not to be trusted."),
    Trouble.OTHER: gettext_lazy("Something went wrong; the server’s messages say more."),
}


@dataclass(frozen=True)
class MailboxView:
    """How the mailbox stands, for the notice above what came in."""

    is_set: bool
    read_at: datetime | None = None
    unread_since: datetime | None = None
    trouble: str = ""

    @classmethod
    def at(cls, now: datetime) -> MailboxView:
        """The mailbox as it stands."""
        if settings.MAILBOX is None:
            return cls(is_set=False)
        state = queries.mailbox(settings.MAILBOX.name)
        if state is None:
            return cls(is_set=True)
        trouble = str(TROUBLES[Trouble(state.trouble)]) if state.trouble else ""
        return cls(is_set=True, read_at=state.read_at, unread_since=state.neglected_since(now), trouble=trouble)


@dataclass(frozen=True)
class ReceivedRow:
    """A mail that came in as the lists show it."""

    received: ReceivedMail
    outcome_label: str
    why_set_aside: str

    @classmethod
    def of(cls, received: ReceivedMail) -> ReceivedRow:
        """The row of a mail."""
        why = str(SET_ASIDE[SetAside(received.set_aside)]) if received.set_aside else ""
        return cls(received, str(OUTCOMES[Outcome(received.outcome)]), why)


@desk_only
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What has to be looked at, and below it everything else that came in, the newest first."""
    page = queries.received_mails(**position_in(request))
    if is_beyond_the_end(request, page):
        return redirect("desk-inbox")
    context = {
        "mailbox": MailboxView.at(clock.now()),
        "set_aside": [ReceivedRow.of(each) for each in queries.set_aside_mails()],
        "received": [ReceivedRow.of(each) for each in page.rows],
        **neighbours("desk-inbox", page),
    }
    return render(request, "desk/inbox.html", context)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def received_mail(request: HttpRequest, received_id: int) -> HttpResponse:
    """One mail that came in, as plain text; what was set aside can be put away from here."""
    found = queries.received_mail(received_id)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _see_to(request, found)
    sent = found.mail
    context = {
        "row": ReceivedRow.of(found),
        "held": in_hand(Kind.SET_ASIDE, found.pk, now=clock.now()),
        "kind": Kind.SET_ASIDE,
        "mail_kind": kind_label(sent.kind) if sent else "",
        "mail_trouble": sent
        and why_it_did_not_arrive(
            state=sent.state, server_answer=sent.server_answer, reported_status=sent.reported_status
        ),
    }
    return render(request, "desk/received_mail.html", context)


def _see_to(request: HttpRequest, found: ReceivedMail) -> HttpResponse:
    try:
        operations.see_to(found.pk, seen_to_by=account_of_session(request), now=clock.now(), origin=origin_of(request))
    except operations.AlreadySeenTo:
        messages.info(request, _("Somebody has put this e-mail away already."))
    else:
        messages.success(request, _("The e-mail is put away. You still find it in the list below."))
    return redirect("desk-inbox")
