from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.mails import ACCESS_LETTER
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.queries.letters import newest_letter_of
from kundenportal.domain.credentials.rules.steps import LOST_LETTERS
from kundenportal.domain.mail import operations as mail
from kundenportal.kernel.copied import copy_in
from kundenportal.kernel.refusal import Refusal

from . import lockouts
from .decisions import hold, withdraw_open_check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.accounts.operations import Newcomer
    from kundenportal.domain.accounts.rules import Kind, Language, Role
    from kundenportal.domain.credentials.models import EntitlementCheck
    from kundenportal.kernel.origin import Origin


def issue_access(
    *,
    address: str,
    name: str,
    organisation: str,
    kind: Kind,
    role: Role,
    language: Language,
    telephone: str = "",
    issued_by: Account | None,
    now: datetime,
    origin: Origin,
) -> Account:
    """A new account whose access letter is queued: both, or neither.

    Raises the refusals of `accounts.open_account`.
    """
    with transaction.atomic():
        account = accounts.open_account(
            address=address,
            name=name,
            organisation=organisation,
            kind=kind,
            role=role,
            language=language,
            telephone=telephone,
            opened_by=issued_by,
            now=now,
            origin=origin,
        )
        issue_initial_password(account, issued_by=issued_by, now=now, origin=origin)
    return account


class LetterOnItsWay(Refusal):
    """The newest access letter may still arrive, or is not needed any more: there is nothing to send."""


class CheckFirst(Refusal):
    """The account's four weeks are over: new access comes by an entitlement check, and by nothing else (R4)."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account


def issue_access_to_many(
    newcomers: Sequence[Newcomer],
    *,
    issued_by: Account | None,
    now: datetime,
    origin: Origin,
    not_before: datetime | None = None,
    **details: str | int | None,
) -> list[Account]:
    """New accounts of customers whose access letters are queued, like `issue_access`; all of them, or none.

    Their letters wait until `not_before`, if there is one. `details` stand in the entries of each account.
    Raises accounts.AddressTaken.
    """
    with transaction.atomic():
        opened = accounts.open_many(newcomers, opened_by=issued_by, now=now, origin=origin, **details)
        lockouts.lift_many(opened, lifted_by=issued_by, now=now, origin=origin)
        mails = mail.queue_many(
            ACCESS_LETTER, recipients=[account.address for account in opened], now=now, not_before=not_before
        )
        copy_in(
            AccessLetter(account=account, mail=its_mail, issued_at=now, issued_by=issued_by)
            for account, its_mail in zip(opened, mails, strict=True)
        )
        audit.record_many(Event.ACCESS_ISSUED, subjects=opened, actor=issued_by, now=now, origin=origin, **details)
    return opened


def send_letter_again(account_id: int, *, sent_by: Account, now: datetime, origin: Origin) -> Account:
    """Queues an access letter in place of one that reached nobody, or the first one of an account without.

    It goes to the same address, so nobody has to show who they are; two at one instant queue one.
    Raises LetterOnItsWay, CheckFirst, accounts.RoleNotYours or Account.DoesNotExist.
    """
    with transaction.atomic():
        account = hold(account_id)
        accounts.refuse_beyond_role(sent_by, account)
        newest = newest_letter_of(account)
        is_lost = newest is None or newest.mail.state in LOST_LETTERS
        if not is_lost or account.first_signed_in_at or account.suspended_at:
            raise LetterOnItsWay
        if expired_access_of(account, now=now):
            raise CheckFirst(account)
        issue_initial_password(
            account, issued_by=sent_by, now=now, origin=origin, confirms=approval_passed_on(newest) if newest else None
        )
    return account


def approval_passed_on(letter: AccessLetter) -> EntitlementCheck | None:
    """The check the letter was to confirm, from now on for another one: what confirms an approval has to arrive."""
    AccessLetter.objects.filter(pk=letter.pk).update(confirms=None)
    return letter.confirms


def issue_initial_password(
    account: Account,
    *,
    issued_by: Account | None,
    now: datetime,
    origin: Origin,
    confirms: EntitlementCheck | None = None,
    not_before: datetime | None = None,
    **details: str,
) -> AccessLetter:
    """Queues an access letter; the password itself is made by the worker that sends it.

    Whoever issues access has decided: a check that is still open is withdrawn, and a lockout lifted, for the guesses
    were at another password. `confirms` is the check approved by it, `not_before` the instant it waits for, `details`
    go into the trail.
    """
    with transaction.atomic():
        withdraw_open_check(account, withdrawn_by=issued_by, now=now, origin=origin)
        lockouts.lift(account, lifted_by=issued_by, now=now, origin=origin)
        letter = AccessLetter.objects.create(
            account=account,
            mail=mail.queue(ACCESS_LETTER, recipient=account.address, now=now, not_before=not_before),
            issued_at=now,
            issued_by=issued_by,
            confirms=confirms,
        )
        audit.record(Event.ACCESS_ISSUED, subject=account, actor=issued_by, now=now, origin=origin, **details)
    return letter
