from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import keys
from kundenportal.domain.credentials.models import AccessLetter, Reminder
from kundenportal.domain.credentials.queries import reminder_still_worth_sending
from kundenportal.domain.credentials.rules import initial_passwords
from kundenportal.domain.credentials.rules.steps import LOST_LETTERS
from kundenportal.domain.mail import kinds
from kundenportal.domain.maintenance.queries import pauses

from .texts import rendered, subject_of

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.mail.models import OutgoingMail

ACCESS_LETTER = "access_letter"
REMINDER = "reminder"


class AccessLetterKind:
    """The mail that carries sign-in name and initial password. The password is made here and kept nowhere."""

    may_be_sent_again = False  # but by operations.access.send_letter_again, which asks how the account stands

    def concerns(self, mail: OutgoingMail) -> Account:
        """Whose access it is."""
        return _letter_of(mail).account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Makes a new initial password, which replaces every earlier one of the account."""
        letter = _letter_of(mail)
        # Held until the letter is written: a first sign-in comes before it or after it, and so does another letter.
        account = Account.objects.select_for_update(no_key=True).get(pk=letter.account_id)
        if account.first_signed_in_at or account.suspended_at or account.address != mail.recipient:
            raise kinds.NotNeeded
        # Whoever has a newer letter, or is about to get one, must not find its password dead tomorrow.
        newer = AccessLetter.objects.filter(account=account, pk__gt=letter.pk).exclude(mail__state__in=LOST_LETTERS)
        if newer.exists():
            raise kinds.NotNeeded
        password = initial_passwords.generate_initial_password()
        AccessLetter.objects.filter(account=account).exclude(pk=letter.pk).update(keyed_hash="")
        letter.keyed_hash = initial_passwords.keyed_hash(
            password, key=keys.initial_password_key(), account_id=str(account.pk)
        )
        letter.runs_out_at, letter.expires_at = _countdown_from(now)
        letter.save(update_fields=["keyed_hash", "runs_out_at", "expires_at"])
        return rendered(
            _text_of(letter),
            account,
            secrets=(password,),
            password=password,
            made_at=now,
            expires_at=letter.expires_at,
        )

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The four weeks begin."""
        letter = _letter_of(mail)
        runs_out_at, expires_at = _countdown_from(now)
        AccessLetter.objects.filter(pk=letter.pk).update(runs_out_at=runs_out_at, expires_at=expires_at)
        audit.record(Event.ACCESS_LETTER_HANDED_OVER, subject=letter.account, now=now)

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """A password that reached nobody must not lie about."""
        letter = _letter_of(mail)
        AccessLetter.objects.filter(pk=letter.pk).update(keyed_hash="")
        audit.record(Event.ACCESS_LETTER_FAILED, subject=letter.account, now=now)

    def bounced(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Part of the account's history. The password stays: of a letter passed on to two, one copy may arrive."""
        audit.record(
            Event.ACCESS_LETTER_BOUNCED, subject=_letter_of(mail).account, now=now, status=mail.reported_status
        )


class ReminderKind(kinds.PlainKind):
    """Says how long the initial password still works and where to find it; it is in its own letter only."""

    def concerns(self, mail: OutgoingMail) -> Account:
        """Whose access it is."""
        return Reminder.objects.select_related("letter__account").get(mail=mail).letter.account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Not needed after a first sign-in, an expiry, a suspension or in the face of a newer letter or reminder."""
        reminder = reminder_still_worth_sending(mail, now=now)
        if reminder is None:
            raise kinds.NotNeeded
        letter = reminder.letter
        return rendered(
            "reminder",
            letter.account,
            letter_sent_at=letter.mail.handed_over_at,
            letter_subject=subject_of(_text_of(letter), letter.account),
            expires_at=letter.expires_at,
        )

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Part of the account's history."""
        reminder = Reminder.objects.select_related("letter__account").get(mail=mail)
        audit.record(
            Event.REMINDER_HANDED_OVER, subject=reminder.letter.account, now=now, days_before=reminder.days_before
        )


kinds.register(ACCESS_LETTER, AccessLetterKind())
kinds.register(REMINDER, ReminderKind())


def _letter_of(mail: OutgoingMail) -> AccessLetter:
    return AccessLetter.objects.select_related("account").get(mail=mail)


def _countdown_from(instant: datetime) -> tuple[datetime, datetime]:
    """When the password runs out, and when it ends: later, if maintenance is in the way as far as is known by now."""
    runs_out_at = initial_passwords.initial_password_expires_at(instant)
    return runs_out_at, initial_passwords.after_pauses(runs_out_at, pauses(now=instant))


def _text_of(letter: AccessLetter) -> str:
    """The name of its text: one for the first access, another one for access renewed after a check."""
    return "access_confirmed" if letter.confirms_id else "access_letter"
