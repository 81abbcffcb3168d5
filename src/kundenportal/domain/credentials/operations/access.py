from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.mails import ACCESS_LETTER
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail.rules import DID_NOT_ARRIVE
from kundenportal.kernel.refusal import Refusal

from . import lockouts
from .decisions import hold, withdraw_open_check

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
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
            opened_by=issued_by,
            now=now,
            origin=origin,
        )
        issue_initial_password(account, issued_by=issued_by, now=now, origin=origin)
    return account


class LetterOnItsWay(Refusal):
    """The newest access letter may still arrive, or is not needed any more: there is nothing to send again."""


def send_letter_again(account_id: int, *, sent_by: Account, now: datetime, origin: Origin) -> Account:
    """Queues a new access letter in place of one that failed or came back; two at one instant queue one.

    Raises LetterOnItsWay or Account.DoesNotExist.
    """
    with transaction.atomic():
        account = hold(account_id)
        letters = AccessLetter.objects.filter(account=account).select_related("mail", "confirms")
        newest = letters.latest("issued_at", "pk")
        if newest.mail.state not in DID_NOT_ARRIVE or account.first_signed_in_at or account.suspended_at:
            raise LetterOnItsWay
        # An approval is confirmed by the letter that arrives.
        confirms = newest.confirms
        letters.filter(pk=newest.pk).update(confirms=None)
        issue_initial_password(account, issued_by=sent_by, now=now, origin=origin, confirms=confirms)
    return account


def issue_initial_password(
    account: Account,
    *,
    issued_by: Account | None,
    now: datetime,
    origin: Origin,
    confirms: EntitlementCheck | None = None,
) -> AccessLetter:
    """Queues an access letter; the password itself is made by the worker that sends it.

    Whoever issues access has decided: a check that is still open is withdrawn, and a lockout lifted, for the guesses
    were at another password. `confirms` is the check approved by it.
    """
    with transaction.atomic():
        withdraw_open_check(account, withdrawn_by=issued_by, now=now, origin=origin)
        lockouts.lift(account, lifted_by=issued_by, now=now, origin=origin)
        letter = AccessLetter.objects.create(
            account=account,
            mail=mail.queue(ACCESS_LETTER, recipient=account.address, now=now),
            issued_at=now,
            issued_by=issued_by,
            confirms=confirms,
        )
        audit.record(Event.ACCESS_ISSUED, subject=account, actor=issued_by, now=now, origin=origin)
    return letter
