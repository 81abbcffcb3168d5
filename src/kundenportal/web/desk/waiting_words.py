"""What waits in words: what it is, and what has been tried so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.inbox.rules.keeping import SetAside
from kundenportal.domain.mail.rules import DID_NOT_ARRIVE, State
from kundenportal.domain.worklist.rules import Kind
from kundenportal.kernel.text import on_one_line

from .inbox import SET_ASIDE
from .mail_words import why_it_did_not_arrive
from .words import ROUTES, WAITING_ONE

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.worklist.queries import Waiting

CONCERN_SHOWN = 80  # characters of what somebody wants; the rest is on its page


@dataclass(frozen=True)
class Told:
    """Something that waits, in words; `until` belongs behind `what`."""

    label: object
    what: str
    until: datetime | None
    tried: str


def told_of(waiting: Waiting) -> Told:
    """What the desk reads of it."""
    kind = waiting.place.kind
    what, tried = _TOLD[kind](waiting)
    return Told(WAITING_ONE[kind], what, waiting.facts.get("expires_at"), tried)


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
    facts, tried = waiting.facts, []
    if facts["mail_state"] == State.HANDED_OVER:
        tried.append(_("told by e-mail"))
    elif facts["mail_state"] in DID_NOT_ARRIVE:
        tried.append(_("the e-mail about it did not arrive"))
    if links := facts["links"]:
        asked = ngettext("asked for a new password once", "asked for a new password %(times)d times", links)
        tried.append(asked % {"times": links})
    what = _("The owner says: that was not me.") if facts["disowned"] else _("Five wrong entries")
    return what, ", ".join(tried)


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
