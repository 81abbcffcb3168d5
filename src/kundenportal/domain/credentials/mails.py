from __future__ import annotations

from datetime import timedelta
from email.utils import formataddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.mail import kinds
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.domain.support.queries import service_contact
from kundenportal.kernel.browsers import browser_named
from kundenportal.kernel.links import link_to

from . import keys, proofs
from .models import LIVE_LINK, AccessLetter, Lockout, PasswordReset, Reminder
from .queries import (
    LOCKOUT_SALT,
    account_at_the_door,
    check_behind,
    expired_access_of,
    reminder_still_worth_sending,
    state_of,
)
from .rules import initial_passwords, resets
from .rules.entitlement import LINK_LIFETIME, CheckState
from .rules.resets import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from .models import EntitlementCheck

ACCESS_LETTER = "access_letter"
LOCKED_OUT = "locked_out"
REMINDER = "reminder"
PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail
ENTITLEMENT_REQUESTED = "entitlement_requested"
ENTITLEMENT_DECLINED = "entitlement_declined"
PASSWORD_RESET = "password_reset"  # noqa: S105 - likewise
LETTERS_WITHOUT_LINK = {
    Answer.CHECK_FIRST: "password_reset_check_first",
    Answer.SUSPENDED: "password_reset_suspended",
}


class AccessLetterKind:
    """The mail that carries sign-in name and initial password. The password is made here and kept nowhere."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Makes a new initial password, which replaces every earlier one of the account."""
        letter = _letter_of(mail)
        # Held until the letter is written: a first sign-in comes before it or after it, and so does another letter.
        account = Account.objects.select_for_update(no_key=True).get(pk=letter.account_id)
        if account.first_signed_in_at is not None:
            raise kinds.NotNeeded
        password = initial_passwords.generate_initial_password()
        AccessLetter.objects.filter(account=account).exclude(pk=letter.pk).update(keyed_hash="")
        letter.keyed_hash = initial_passwords.keyed_hash(
            password, key=keys.initial_password_key(), account_id=str(account.pk)
        )
        letter.expires_at = initial_passwords.initial_password_expires_at(now)
        letter.save(update_fields=["keyed_hash", "expires_at"])
        return _rendered(
            "access_confirmed" if letter.confirms_id else "access_letter",
            account,
            secrets=(password,),
            password=password,
            made_at=now,
            expires_at=letter.expires_at,
        )

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The four weeks begin."""
        letter = _letter_of(mail)
        AccessLetter.objects.filter(pk=letter.pk).update(expires_at=initial_passwords.initial_password_expires_at(now))
        audit.record(Event.ACCESS_LETTER_HANDED_OVER, subject=letter.account, now=now)

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """A password that reached nobody must not lie about."""
        letter = _letter_of(mail)
        AccessLetter.objects.filter(pk=letter.pk).update(keyed_hash="")
        audit.record(Event.ACCESS_LETTER_FAILED, subject=letter.account, now=now)


class ReminderKind:
    """Says how long the initial password still works and where to find it; it is in its own letter only."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Not needed after a first sign-in, an expiry, a suspension or in the face of a newer letter or reminder."""
        reminder = reminder_still_worth_sending(mail, now=now)
        if reminder is None:
            raise kinds.NotNeeded
        letter = reminder.letter
        return _rendered(
            "reminder",
            letter.account,
            letter_sent_at=letter.mail.handed_over_at,
            letter_subject=_subject("access_letter", letter.account),
            expires_at=letter.expires_at,
        )

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Part of the account's history."""
        reminder = Reminder.objects.select_related("letter__account").get(mail=mail)
        audit.record(
            Event.REMINDER_HANDED_OVER, subject=reminder.letter.account, now=now, days_before=reminder.days_before
        )

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough; the next reminder is tried all the same."""


class PasswordChangedKind:
    """Tells the owner that the password was changed, so that nobody else does it unnoticed."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Says when, and what to do if it was somebody else."""
        account = account_of(mail.recipient)
        if account is None:
            raise kinds.NotNeeded
        return _rendered("password_changed", account, changed_at=mail.queued_at)

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough."""

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough."""


class LockedOutKind:
    """Tells the owner once per lockout: when, from where, and how to get back in."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Not needed any more once the lockout is lifted."""
        lockout = Lockout.objects.select_related("account").get(mail=mail)
        if lockout.account is None or lockout.lifted_at is not None:
            raise kinds.NotNeeded
        return _rendered(
            "locked_out",
            lockout.account,
            begun_at=lockout.begun_at,
            in_known_browser=lockout.in_known_browser,
            network_address=lockout.network_address,
            browser=browser_named(lockout.user_agent),
            reset_address=link_to("password-forgotten"),
            disown_address=link_to("lockout", signing.dumps(lockout.pk, salt=LOCKOUT_SALT)),
        )

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough."""

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough."""


class EntitlementRequestedKind:
    """Confirms that the request for new access has come in."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Says what happens next; not needed once somebody has decided."""
        check = _check_if(mail, CheckState.OPEN)
        return _rendered("entitlement_requested", check.account, check=check)

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough."""

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough."""


class EntitlementDeclinedKind:
    """Says that no new access is issued, and why."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Leads to the page where one may ask again; not needed where there is nothing more to ask for."""
        check = _check_if(mail, CheckState.DECLINED)
        expired = expired_access_of(check.account, now=now)
        if expired is None:
            raise kinds.NotNeeded
        return _rendered(
            "entitlement_declined",
            check.account,
            check=check,
            link=proofs.link_to_page(expired, now=now),
            link_until=now + LINK_LIFETIME,
        )

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough."""

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """The mail log says enough."""


class PasswordResetKind:
    """Answers whoever asked for a new password; everything about the address is looked up only here.

    The secret of a link is made here, too, and kept nowhere: the database holds its keyed hash.
    """

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """A link, which supersedes every earlier one of the account, or why there is none."""
        account = account_at_the_door(mail.recipient)
        answer = resets.ANSWERS[state_of(account, now=now) if account else None]
        if resets.is_one_too_many(answer, _asked_before(mail), asked_at=mail.queued_at):
            raise kinds.NotNeeded
        if account is None:
            return _rendered("password_reset_no_access", None, address=mail.recipient)
        if answer is Answer.LINK:
            return _reset_letter(mail, account, now=now)
        return _rendered(LETTERS_WITHOUT_LINK[answer], account)

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Notes that a link is on its way."""
        link = PasswordReset.objects.select_related("account").filter(mail=mail).first()
        if link is not None:
            audit.record(Event.RESET_LINK_HANDED_OVER, subject=link.account, now=now)

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """A link that reached nobody must not lie about."""
        PasswordReset.objects.filter(LIVE_LINK, mail=mail).update(superseded_at=now)


kinds.register(ACCESS_LETTER, AccessLetterKind())
kinds.register(LOCKED_OUT, LockedOutKind())
kinds.register(REMINDER, ReminderKind())
kinds.register(PASSWORD_CHANGED, PasswordChangedKind())
kinds.register(ENTITLEMENT_REQUESTED, EntitlementRequestedKind())
kinds.register(ENTITLEMENT_DECLINED, EntitlementDeclinedKind())
kinds.register(PASSWORD_RESET, PasswordResetKind())


def _letter_of(mail: OutgoingMail) -> AccessLetter:
    return AccessLetter.objects.select_related("account").get(mail=mail)


def _check_if(mail: OutgoingMail, state: CheckState) -> EntitlementCheck:
    """The check the mail is about; what the mail says no longer holds if it stands otherwise by now."""
    check = check_behind(mail)
    if check is None or check.state != state:
        raise kinds.NotNeeded
    return check


def _asked_before(mail: OutgoingMail) -> Iterable[datetime]:
    """When the address was asked for before this mail was, leaving out what was one mail too many."""
    # By the order of asking, not of delivery: so several workers at once come to the same answer.
    earlier = Q(queued_at__lt=mail.queued_at) | Q(queued_at=mail.queued_at, pk__lt=mail.pk)
    asked = OutgoingMail.objects.filter(earlier, kind=PASSWORD_RESET, recipient=mail.recipient)
    return asked.exclude(state=State.NOT_NEEDED).values_list("queued_at", flat=True)


def _reset_letter(mail: OutgoingMail, account: Account, *, now: datetime) -> kinds.Letter:
    # Held until the letter is written: a link is used before that or after, and so is another one written.
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    links = PasswordReset.objects.filter(account=account)
    newer, own = links.filter(mail__queued_at__gt=mail.queued_at), links.filter(mail=mail)
    # A mail whose hand-over was not noted is written again; meanwhile its link may have done its work.
    if newer.exists() or own.exclude(LIVE_LINK).exists():
        raise kinds.NotNeeded
    links.filter(LIVE_LINK).exclude(mail=mail).update(superseded_at=now)
    token, expires_at = resets.new_token(), now + resets.RESET_LINK_LIFETIME
    content = {"token_hash": keys.reset_key(token), "expires_at": expires_at}
    links.update_or_create(mail=mail, defaults=content, create_defaults={"account": account, **content})
    return _rendered(
        "password_reset",
        account,
        secrets=(token,),
        link=link_to("reset-link", token),
        minutes=resets.RESET_LINK_LIFETIME // timedelta(minutes=1),
        expires_at=expires_at,
    )


def _rendered(name: str, account: Account | None, *, secrets: tuple[str, ...] = (), **context: object) -> kinds.Letter:
    """The three texts of a mail, in the account's language; to somebody without an account, in the portal's."""
    service, language = service_contact(), _language_of(account)
    context |= {"account": account, "language": language, "service": service, "portal_address": settings.BASE_URL}
    return kinds.Letter(
        sender=formataddr((service.portal_name, settings.MAIL_FROM or service.email)),
        reply_to=service.email,
        subject=_text_of(name, "subject.txt", language, context).strip(),
        text=_text_of(name, "txt", language, context),
        html=_text_of(name, "html", language, context),
        secrets=secrets,
    )


def _subject(name: str, account: Account) -> str:
    """What stands above a mail of that name, for another mail to refer to."""
    context: dict[str, object] = {"account": account, "service": service_contact()}
    return _text_of(name, "subject.txt", _language_of(account), context).strip()


def _language_of(account: Account | None) -> str:
    return account.language if account else settings.LANGUAGE_CODE


def _text_of(name: str, part: str, language: str, context: dict[str, object]) -> str:
    with translation.override(language):
        return render_to_string(f"credentials/{name}/{language}.{part}", context)
