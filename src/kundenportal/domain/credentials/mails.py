from __future__ import annotations

from email.utils import formataddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.template.loader import render_to_string
from django.utils import translation

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.mail import kinds
from kundenportal.domain.support.queries import service_contact
from kundenportal.kernel.browsers import browser_named
from kundenportal.kernel.links import link_to

from . import keys, proofs
from .models import AccessLetter, Lockout, Reminder
from .queries import LOCKOUT_SALT, check_behind, expired_access_of, reminder_still_worth_sending
from .rules import initial_passwords
from .rules.entitlement import LINK_LIFETIME, CheckState

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.mail.models import OutgoingMail

    from .models import EntitlementCheck

ACCESS_LETTER = "access_letter"
LOCKED_OUT = "locked_out"
REMINDER = "reminder"
PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail
ENTITLEMENT_REQUESTED = "entitlement_requested"
ENTITLEMENT_DECLINED = "entitlement_declined"


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


kinds.register(ACCESS_LETTER, AccessLetterKind())
kinds.register(LOCKED_OUT, LockedOutKind())
kinds.register(REMINDER, ReminderKind())
kinds.register(PASSWORD_CHANGED, PasswordChangedKind())
kinds.register(ENTITLEMENT_REQUESTED, EntitlementRequestedKind())
kinds.register(ENTITLEMENT_DECLINED, EntitlementDeclinedKind())


def _letter_of(mail: OutgoingMail) -> AccessLetter:
    return AccessLetter.objects.select_related("account").get(mail=mail)


def _check_if(mail: OutgoingMail, state: CheckState) -> EntitlementCheck:
    """The check the mail is about; what the mail says no longer holds if it stands otherwise by now."""
    check = check_behind(mail)
    if check is None or check.state != state:
        raise kinds.NotNeeded
    return check


def _rendered(name: str, account: Account, *, secrets: tuple[str, ...] = (), **context: object) -> kinds.Letter:
    """The three texts of a mail, in the account's language."""
    service = service_contact()
    context |= {"account": account, "service": service, "portal_address": settings.BASE_URL}
    return kinds.Letter(
        sender=formataddr((service.portal_name, settings.MAIL_FROM or service.email)),
        reply_to=service.email,
        subject=_text_of(name, "subject.txt", account, context).strip(),
        text=_text_of(name, "txt", account, context),
        html=_text_of(name, "html", account, context),
        secrets=secrets,
    )


def _subject(name: str, account: Account) -> str:
    """What stands above a mail of that name, for another mail to refer to."""
    return _text_of(name, "subject.txt", account, {"account": account, "service": service_contact()}).strip()


def _text_of(name: str, part: str, account: Account, context: dict[str, object]) -> str:
    with translation.override(account.language):
        return render_to_string(f"credentials/{name}/{account.language}.{part}", context)
