"""Access letters, and what reminds of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from kundenportal.domain.credentials.models import AccessLetter, Reminder
from kundenportal.domain.credentials.rules.steps import LOST_LETTERS
from kundenportal.domain.mail.rules import UNDER_WAY, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.rules.reminders import Span
    from kundenportal.domain.mail.models import OutgoingMail


def access_was_issued(account: Account, *, now: datetime) -> bool:
    """Whether there is a letter whose time has come; an account may be opened without, or for a later day."""
    return (
        account.first_signed_in_at is not None
        or AccessLetter.objects.filter(account=account, mail__queued_at__lte=now).exists()
    )


def newest_first(letters: QuerySet[AccessLetter]) -> QuerySet[AccessLetter]:
    """These letters, of one account, the one issued last before all others."""
    # By number, for they are numbered under the account's lock. The clock was read before: of two issued at the same
    # time, the one that had to wait comes second and may bear the earlier instant.
    return letters.order_by("-pk")


def newer_letters() -> QuerySet[AccessLetter]:
    """Within a query for letters: those to the same account that were issued after the one in question."""
    return AccessLetter.objects.filter(account=OuterRef("account"), pk__gt=OuterRef("pk"))  # see newest_first


def newest_letter_of(account: Account) -> AccessLetter | None:
    """The letter that counts, or will once it is written; None if nobody has sent one yet."""
    return newest_first(AccessLetter.objects.filter(account=account).select_related("mail", "confirms")).first()


def letters_replaced() -> QuerySet[AccessLetter]:
    """The letters in place of which their readers have a newer one, or are about to get it."""
    return AccessLetter.objects.filter(Exists(newer_letters().exclude(mail__state__in=LOST_LETTERS)))


def letters_ending(since: datetime, until: datetime) -> QuerySet[AccessLetter]:
    """The letters whose initial password ends after the one instant and by the other, while nobody has used it."""
    return AccessLetter.objects.filter(
        ~Q(keyed_hash=""),
        mail__state=State.HANDED_OVER,
        expires_at__gt=since,
        expires_at__lte=until,
        account__suspended_at__isnull=True,
    ).select_related("account")


def letters_that_ended(now: datetime) -> QuerySet[AccessLetter]:
    """The letters whose initial password has ended, while nobody has used it and no newer one is written."""
    return AccessLetter.objects.filter(~Q(keyed_hash=""), expires_at__lte=now)


def letters_on_their_way() -> QuerySet[AccessLetter]:
    """The letters that have not been handed to the mail server yet and still may."""
    return AccessLetter.objects.filter(mail__state__in=UNDER_WAY)


def letters_that_did_not_arrive(now: datetime) -> QuerySet[AccessLetter]:
    """The newest letters that failed or came back, of accounts that still may sign in for the first time.

    After the four weeks no other letter takes their place: new access wants a check.
    """
    return (
        newest_letters_lost()
        .filter(~Exists(letters_that_ended(now).filter(account=OuterRef("account"))))
        .filter(account__first_signed_in_at__isnull=True, account__suspended_at__isnull=True)
        .select_related("account", "mail")
    )


def newest_letters_lost() -> QuerySet[AccessLetter]:
    """The same of all accounts, also of those that need no letter any more."""
    return AccessLetter.objects.filter(~Exists(newer_letters()), mail__state__in=LOST_LETTERS)


def letters_to_be_sent_again(mail_ids: Sequence[int], *, now: datetime) -> dict[int, int]:
    """Which of these mails are access letters in place of which a new one may be sent, and to which account."""
    letters = letters_that_did_not_arrive(now).filter(mail__in=mail_ids)
    return dict(letters.values_list("mail_id", "account_id"))


def reminders() -> QuerySet[Reminder]:
    """Whatever reminds of an access letter, sent or on its way."""
    return Reminder.objects.all()


def letters_to_be_reminded_of(span: Span, *, now: datetime) -> QuerySet[AccessLetter]:
    """The letters whose password ends within the span and which nobody was reminded of so urgently, soonest first."""
    as_urgent = Reminder.objects.filter(letter=OuterRef("pk"), days_before__lte=span.days_before)
    return (
        _letters_worth_a_reminder(now)
        .filter(~Exists(as_urgent), expires_at__gt=span.after, expires_at__lte=span.until)
        .select_related("account")
        .order_by("expires_at")
    )


def reminder_still_worth_sending(mail: OutgoingMail, *, now: datetime) -> Reminder | None:
    """The reminder that mail is to carry; None once its letter has had its day, or a more urgent one is queued."""
    more_urgent = Reminder.objects.filter(letter=OuterRef("letter"), days_before__lt=OuterRef("days_before"))
    return (
        Reminder.objects.filter(~Exists(more_urgent), mail=mail, letter__in=_letters_worth_a_reminder(now))
        .select_related("letter__account", "letter__mail")
        .first()
    )


def _letters_worth_a_reminder(now: datetime) -> QuerySet[AccessLetter]:
    # A first sign-in, or a newer letter once it is written, has emptied the hash.
    # While a newer letter is on its way, a reminder would send its reader looking for the wrong one.
    return AccessLetter.objects.filter(
        ~Q(keyed_hash=""),
        ~Exists(newer_letters().filter(mail__state__in=UNDER_WAY)),
        mail__state=State.HANDED_OVER,
        expires_at__gt=now,
        account__suspended_at__isnull=True,
    )
