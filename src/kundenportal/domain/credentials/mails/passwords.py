from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import keys, proofs
from kundenportal.domain.credentials.models import LIVE_LINK, PasswordReset
from kundenportal.domain.credentials.queries.door import account_at_the_door, state_of
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.queries.letters import access_was_issued
from kundenportal.domain.credentials.rules import resets
from kundenportal.domain.credentials.rules.entitlement import LINK_LIFETIME
from kundenportal.domain.credentials.rules.resets import Answer
from kundenportal.domain.mail import kinds
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import UNDER_WAY, State
from kundenportal.kernel.links import link_to
from kundenportal.kernel.randomness import random_token

from .texts import rendered

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a mail
PASSWORD_RESET = "password_reset"  # noqa: S105 - likewise


class PasswordChangedKind(kinds.PlainKind):
    """Tells the owner that the password was changed, so that nobody else does it unnoticed."""

    def concerns(self, mail: OutgoingMail) -> Account | None:
        """Whoever has the address."""
        return account_of(mail.recipient)

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Says when, and what to do if it was somebody else."""
        account = account_of(mail.recipient)
        if account is None:
            raise kinds.NotNeeded
        return rendered("password_changed", account, changed_at=mail.queued_at)


class PasswordResetKind(kinds.PlainKind):
    """Answers whoever asked for a new password; everything about the address is looked up only here.

    The secret of a link is made here, too, and kept nowhere: the database holds its keyed hash.
    """

    may_be_sent_again = False  # whoever still wants a link asks for one

    def concerns(self, mail: OutgoingMail) -> Account | None:
        """Whose link it carries; without one, whoever has the address."""
        link = PasswordReset.objects.select_related("account").filter(mail=mail).first()
        return link.account if link else account_of(mail.recipient)

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """A link, which supersedes every earlier one of the account, or why there is none.

        Of several that wait, because worker or mail server were away, only the newest is written.
        """
        if _asked_again(mail):
            raise kinds.NotNeeded
        account = account_at_the_door(mail.recipient)
        if account and not access_was_issued(account, now=now):
            account = None
        answer = resets.ANSWERS[state_of(account, now=now) if account else None]
        if resets.is_one_too_many(answer, _asked_before(mail), asked_at=mail.queued_at):
            raise kinds.NotNeeded
        if account is None:
            return rendered("password_reset_no_access", None, address=mail.recipient)
        if answer is Answer.LINK:
            return _reset_letter(mail, account, now=now)
        if answer is Answer.CHECK_FIRST:
            return _check_first_letter(account, now=now)
        return rendered("password_reset_suspended", account)

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Notes that a link is on its way."""
        link = PasswordReset.objects.select_related("account").filter(mail=mail).first()
        if link is not None:
            audit.record(Event.RESET_LINK_HANDED_OVER, subject=link.account, now=now)

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """A link that reached nobody must not lie about."""
        PasswordReset.objects.filter(LIVE_LINK, mail=mail).update(superseded_at=now)
        super().gave_up(mail, now=now)


kinds.register(PASSWORD_CHANGED, PasswordChangedKind())
kinds.register(PASSWORD_RESET, PasswordResetKind())


def _asked_again(mail: OutgoingMail) -> bool:
    """Whether a newer mail to the same address has gone out or still is to."""
    # By the order of asking, not of delivery: so several workers at once come to the same answer.
    newer = Q(queued_at__gt=mail.queued_at) | Q(queued_at=mail.queued_at, pk__gt=mail.pk)
    asked = OutgoingMail.objects.filter(newer, kind=PASSWORD_RESET, recipient=mail.recipient)
    return asked.filter(state__in=UNDER_WAY | {State.HANDED_OVER}).exists()


def _asked_before(mail: OutgoingMail) -> Iterable[datetime]:
    """When the address was asked for before this mail was, leaving out what has not gone out and will not."""
    earlier = Q(queued_at__lt=mail.queued_at) | Q(queued_at=mail.queued_at, pk__lt=mail.pk)
    asked = OutgoingMail.objects.filter(earlier, kind=PASSWORD_RESET, recipient=mail.recipient)
    # What nobody has begun to write yet, or only once there was this mail, finds this one and gives way to it.
    gives_way = Q(state=State.WAITING) | Q(state=State.SENDING, claimed_at__gte=mail.queued_at)
    return asked.exclude(Q(state=State.NOT_NEEDED) | gives_way).values_list("queued_at", flat=True)


def _reset_letter(mail: OutgoingMail, account: Account, *, now: datetime) -> kinds.Letter:
    # Held until the letter is written: a link is used before that or after, and so is another one written.
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    links = PasswordReset.objects.filter(account=account)
    newer, own = links.filter(mail__queued_at__gt=mail.queued_at), links.filter(mail=mail)
    # A mail whose hand-over was not noted is written again; meanwhile its link may have done its work.
    if newer.exists() or own.exclude(LIVE_LINK).exists():
        raise kinds.NotNeeded
    links.filter(LIVE_LINK).exclude(mail=mail).update(superseded_at=now)
    token, expires_at = random_token(), now + resets.RESET_LINK_LIFETIME
    content = {"token_hash": keys.reset_key(token), "expires_at": expires_at}
    links.update_or_create(mail=mail, defaults=content, create_defaults={"account": account, **content})
    return rendered(
        "password_reset",
        account,
        secrets=(token,),
        link=link_to("reset-link", token),
        minutes=resets.RESET_LINK_LIFETIME // timedelta(minutes=1),
        expires_at=expires_at,
    )


def _check_first_letter(account: Account, *, now: datetime) -> kinds.Letter:
    expired = expired_access_of(account, now=now)
    if expired is None:
        raise kinds.NotNeeded  # since the question was asked, new access has been issued
    link, link_until = proofs.link_to_page(expired, now=now), now + LINK_LIFETIME
    return rendered("password_reset_check_first", account, link=link, link_until=link_until)
