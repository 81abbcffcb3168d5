"""What the desk says of mails: what kind they are, where they stand, and what kept them from arriving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenportal.domain.mail.rules import Meaning, Standing, State, Trouble, meaning_of, trouble_in

if TYPE_CHECKING:
    from datetime import datetime

KIND_LABELS = {
    "access_letter": gettext_lazy("Access letter"),
    "account_kept": gettext_lazy("Account not deleted after all"),
    "account_to_be_deleted": gettext_lazy("Account will be deleted"),
    "address_changed": gettext_lazy("E-mail address changed"),
    "address_withdrawn": gettext_lazy("No more access with this address"),
    "caller_code": gettext_lazy("Code for the telephone"),
    "entitlement_question": gettext_lazy("Asked back about the request"),
    "intake_taken": gettext_lazy("Request confirmed"),
    "window_news": gettext_lazy("News of maintenance"),
    "reminder": gettext_lazy("Reminder of the access letter"),
    "entitlement_requested": gettext_lazy("Request for new access received"),
    "entitlement_declined": gettext_lazy("New access declined"),
    "locked_out": gettext_lazy("Sign-in locked"),
    "password_changed": gettext_lazy("Password changed"),
    "password_reset": gettext_lazy("Link for a new password"),
}
STANDING_LABELS = {
    Standing.WAITING: gettext_lazy("waiting"),
    Standing.SENDING: gettext_lazy("being sent"),
    Standing.DEFERRED: gettext_lazy("put off"),
    Standing.HANDED_OVER: gettext_lazy("handed over"),
    Standing.BOUNCED: gettext_lazy("came back"),
    Standing.FAILED: gettext_lazy("not delivered"),
    Standing.NOT_NEEDED: gettext_lazy("not needed any more"),
}
# The signs and colours of elements/status.html.
STANDING_SIGNS = {
    Standing.WAITING: "issued",
    Standing.SENDING: "issued",
    Standing.DEFERRED: "expired",
    Standing.HANDED_OVER: "active",
    Standing.BOUNCED: "suspended",
    Standing.FAILED: "suspended",
    Standing.NOT_NEEDED: "info",
}
TROUBLES = {
    Trouble.NO_CONNECTION: gettext_lazy("There is no connection to the mail server."),
    Trouble.POSTPONED: gettext_lazy("The mail server has not taken the e-mail for the time being."),
    Trouble.REFUSED: gettext_lazy("The mail server refuses the e-mail; perhaps the address is wrong or out of use."),
    Trouble.OTHER: gettext_lazy("The mail server has not taken the e-mail."),
    Trouble.HELD: gettext_lazy(
        "The portal was brought back to a moment at which this e-mail still waited. It may have been sent since."
    ),
}
MEANINGS = {
    Meaning.ADDRESS_WRONG: gettext_lazy("There is no such address. Please ask for the right one."),
    Meaning.MAILBOX_CLOSED: gettext_lazy("The mailbox behind this address is closed at present."),
    Meaning.MAILBOX_FULL: gettext_lazy("The mailbox is full. Once there is room, the e-mail can be sent again."),
    Meaning.TOO_LARGE: gettext_lazy("The e-mail is too large for this mailbox."),
    Meaning.UNREACHABLE: gettext_lazy("The recipient’s mail server could not be reached."),
    Meaning.REFUSED_BY_POLICY: gettext_lazy(
        "The recipient’s mail server refuses our e-mails, for instance by a spam filter. The address may well be right."
    ),
    Meaning.NOT_IN_TIME: gettext_lazy("For days the e-mail could not be delivered, then the mail server gave up."),
    Meaning.STILL_TRYING: gettext_lazy("The e-mail is delayed; the mail server goes on trying."),
    Meaning.UNCLEAR: gettext_lazy("The recipient’s mail server has not taken the e-mail."),
}


def why_it_did_not_arrive(*, state: str, server_answer: str, reported_status: str) -> str:
    """What kept the mail from arriving, in plain words; empty where nothing did."""
    meaning = meaning_of(reported_status, bounced=state == State.BOUNCED)
    if meaning:
        return str(MEANINGS[meaning])
    trouble = trouble_in(server_answer)
    return str(TROUBLES[trouble]) if trouble else ""


def server_words(*, answer: str, status: str, words: str) -> str:
    """What a mail server said itself: in the report that came back, otherwise in answer to us."""
    return " ".join(filter(None, (status, words))) or answer


def planned_in_words(state: str, *, due_at: datetime | None, now: datetime) -> str:
    """On which day a mail goes out that is planned for one to come; empty for every other."""
    if state != State.WAITING or due_at is None or due_at <= now:
        return ""
    return _("goes out on %(date)s") % {"date": date_format(localtime(due_at), "SHORT_DATE_FORMAT")}


def why_in_words(why: str) -> str:
    """The same of what the trail keeps: a meaning or a trouble by its name, or nothing."""
    if why in list(Meaning):
        return str(MEANINGS[Meaning(why)])
    return str(TROUBLES[Trouble(why)]) if why in list(Trouble) else ""


def kind_label(kind: str) -> str:
    """The name of a kind of mail; one that has none here goes by its own."""
    return str(KIND_LABELS.get(kind, kind))
