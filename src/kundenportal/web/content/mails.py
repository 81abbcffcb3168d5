"""The kinds of mail the portal sends, in the words of whoever receives them; a test names every kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class MailWeSend(NamedTuple):
    """What a mail is about, when it comes, and whether it carries a link or a password."""

    name: _StrPromise
    when: _StrPromise
    carries: _StrPromise


NOTHING_SECRET = _("No password, and no link that signs you in.")

MAILS_WE_SEND = {
    "access_letter": MailWeSend(
        _("Your access data"),
        _("When we set up your access, and again when new access has been approved."),
        _("Your sign-in name and a password that expires after four weeks unless you sign in."),
    ),
    "reminder": MailWeSend(
        _("Reminder of your access data"),
        _("Two weeks, one week and one day before a password expires that has not been used."),
        NOTHING_SECRET,
    ),
    "password_changed": MailWeSend(
        _("Your password has been changed"),
        _("Every time a new password is chosen. Was it not you? Then call us."),
        NOTHING_SECRET,
    ),
    "password_reset": MailWeSend(
        _("Choose a new password"),
        _("When somebody has asked for it with “Forgot your password?”."),
        _("A link that works once and for 60 minutes. Ignore it if you have not asked for it."),
    ),
    "locked_out": MailWeSend(
        _("Signing in is locked"),
        _("After five wrong passwords: when it happened, and from where."),
        NOTHING_SECRET,
    ),
    "entitlement_requested": MailWeSend(
        _("We have received your request for new access"),
        _("When you ask for new access because the password has expired."),
        NOTHING_SECRET,
    ),
    "entitlement_question": MailWeSend(
        _("A question about your request"),
        _("When the service desk has to ask back before it decides."),
        NOTHING_SECRET,
    ),
    "entitlement_declined": MailWeSend(
        _("New access has been declined"),
        _("When the check of your request has ended so; with the reason."),
        NOTHING_SECRET,
    ),
    "intake_taken": MailWeSend(
        _("Your request is with us"),
        _("When you have sent us a request in the portal while you were signed in; with its reference."),
        NOTHING_SECRET,
    ),
    "caller_code": MailWeSend(
        _("Your code for the telephone"),
        _("When you call us and the service desk wants to be sure that it is you."),
        _("A code to read out to us, and to nobody else."),
    ),
    "address_changed": MailWeSend(
        _("Your e-mail address has been changed"),
        _("When the service desk has corrected the address you sign in with; to the new one."),
        NOTHING_SECRET,
    ),
    "address_withdrawn": MailWeSend(
        _("No more access with this address"),
        _("At the same time, to the address with which you signed in before."),
        NOTHING_SECRET,
    ),
    "window_news": MailWeSend(
        _("News of maintenance"),
        _("When maintenance is planned, moved, cancelled or over, if you have asked to be told."),
        NOTHING_SECRET,
    ),
    "account_to_be_deleted": MailWeSend(
        _("Your access will be deleted"),
        _("When we are to delete your access: on which day, and how you can keep it."),
        NOTHING_SECRET,
    ),
    "account_kept": MailWeSend(
        _("Your access will not be deleted"),
        _("When that has been taken back."),
        NOTHING_SECRET,
    ),
}
