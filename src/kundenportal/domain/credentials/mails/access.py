from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import keys
from kundenportal.domain.credentials.models import AccessLetter, Reminder
from kundenportal.domain.credentials.queries.letters import letters_replaced, reminder_still_worth_sending
from kundenportal.domain.credentials.rules import initial_passwords
from kundenportal.domain.mail import kinds
from kundenportal.domain.maintenance.queries import pauses

from .texts import rendered, rendered_for_many, subject_of

if TYPE_CHECKING:
    from collections.abc import Sequence
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
        if letters_replaced().filter(pk=letter.pk).exists():
            raise kinds.NotNeeded
        AccessLetter.objects.filter(account=account).exclude(pk=letter.pk).update(keyed_hash="")
        password = _new_password(letter)
        letter.runs_out_at, letter.expires_at = _countdown_from(now)
        letter.save(update_fields=["keyed_hash", "runs_out_at", "expires_at"])
        return _rendered(letter, password, now=now)

    def write_many(self, mails: Sequence[OutgoingMail], *, now: datetime) -> dict[OutgoingMail, kinds.Letter]:
        """The same for many."""
        letters = {letter.mail_id: letter for letter in AccessLetter.objects.filter(mail__in=mails)}
        numbers = [letter.account_id for letter in letters.values()]
        locked = Account.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk")
        accounts = {account.pk: account for account in locked}
        replaced = set(letters_replaced().filter(mail__in=mails).values_list("pk", flat=True))
        passwords: dict[OutgoingMail, str] = {}
        runs_out_at, expires_at = _countdown_from(now)
        for mail in mails:
            letter = letters[mail.pk]
            letter.account = account = accounts[letter.account_id]
            if account.first_signed_in_at or account.suspended_at or account.address != mail.recipient:
                continue
            if letter.pk not in replaced:
                passwords[mail] = _new_password(letter)
                letter.runs_out_at, letter.expires_at = runs_out_at, expires_at
        written = [letters[mail.pk] for mail in passwords]
        _store_hashes(written, runs_out_at=runs_out_at, expires_at=expires_at)
        texts: dict[OutgoingMail, kinds.Letter] = {}
        for name in {_text_of(letter) for letter in written}:
            to = [mail for mail in passwords if _text_of(letters[mail.pk]) == name]
            own = [(letters[mail.pk].account, passwords[mail]) for mail in to]
            texts |= zip(to, rendered_for_many(name, own, made_at=now, expires_at=expires_at), strict=True)
        return {mail: texts[mail] for mail in passwords}

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The four weeks begin."""
        letter = _letter_of(mail)
        runs_out_at, expires_at = _countdown_from(now)
        AccessLetter.objects.filter(pk=letter.pk).update(runs_out_at=runs_out_at, expires_at=expires_at)
        audit.record(Event.ACCESS_LETTER_HANDED_OVER, subject=letter.account, now=now)

    def many_handed_over(self, mails: Sequence[OutgoingMail], *, now: datetime) -> None:
        """The same for many."""
        letters = AccessLetter.objects.filter(mail__in=mails)
        runs_out_at, expires_at = _countdown_from(now)
        letters.update(runs_out_at=runs_out_at, expires_at=expires_at)
        accounts = Account.objects.filter(access_letters__in=letters).only("pk")
        audit.record_many(Event.ACCESS_LETTER_HANDED_OVER, subjects=accounts, now=now)

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


def _new_password(letter: AccessLetter) -> str:
    """A password that will be the letter's, as soon as its hash is stored."""
    password = initial_passwords.generate_initial_password()
    letter.keyed_hash = initial_passwords.keyed_hash(
        password, key=keys.initial_password_key(), account_id=str(letter.account_id)
    )
    return password


def _store_hashes(letters: Sequence[AccessLetter], *, runs_out_at: datetime, expires_at: datetime) -> None:
    """The letters' own hashes hold, and those of other letters to the same accounts no longer."""
    accounts = [letter.account_id for letter in letters]
    # First, for no account may have two even for the moment in between.
    AccessLetter.objects.filter(account__in=accounts).exclude(keyed_hash="").update(keyed_hash="")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE credentials_accessletter AS letter
            SET keyed_hash = new.keyed_hash, runs_out_at = %s, expires_at = %s
            FROM unnest(%s::bigint[], %s::text[]) AS new (id, keyed_hash)
            WHERE letter.id = new.id
            """,
            [runs_out_at, expires_at, [letter.pk for letter in letters], [letter.keyed_hash for letter in letters]],
        )


def _rendered(letter: AccessLetter, password: str, *, now: datetime) -> kinds.Letter:
    return rendered(
        _text_of(letter),
        letter.account,
        secrets=(password,),
        password=password,
        made_at=now,
        expires_at=letter.expires_at,
    )


def _countdown_from(instant: datetime) -> tuple[datetime, datetime]:
    """When the password runs out, and when it ends: later, if maintenance is in the way as far as is known by now."""
    runs_out_at = initial_passwords.initial_password_runs_out_at(instant)
    return runs_out_at, initial_passwords.after_pauses(runs_out_at, pauses(now=instant))


def _text_of(letter: AccessLetter) -> str:
    """The name of its text: one for the first access, another one for access renewed after a check."""
    return "access_confirmed" if letter.confirms_id else "access_letter"
