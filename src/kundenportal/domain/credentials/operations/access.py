from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.mails import ACCESS_LETTER, ADDRESS_CHANGED
from kundenportal.domain.credentials.models import LIVE_LINK, AccessLetter, AddressChange, PasswordReset
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail.rules import DID_NOT_ARRIVE
from kundenportal.kernel.refusal import Refusal

from . import caller_codes, lockouts
from .decisions import hold, withdraw_open_check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kundenportal.domain.accounts.operations import Newcomer
    from kundenportal.domain.accounts.rules import Kind, Language, Role
    from kundenportal.domain.credentials.models import EntitlementCheck
    from kundenportal.domain.credentials.rules.identity import Identity
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


class AlreadyUsed(Refusal):
    """The account has been signed in to: whoever has forgotten the password is helped by a link."""


class Suspended(Refusal):
    """A suspended account is restored first."""


class AddressUnchanged(Refusal):
    """That is the address the account has."""


class LetterOnItsWay(Refusal):
    """The newest access letter may still arrive, or is not needed any more: there is nothing to send."""


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
        AccessLetter.objects.bulk_create(
            AccessLetter(account=account, mail=its_mail, issued_at=now, issued_by=issued_by)
            for account, its_mail in zip(opened, mails, strict=True)
        )
        audit.record_many(Event.ACCESS_ISSUED, subjects=opened, actor=issued_by, now=now, origin=origin, **details)
    return opened


def send_letter_again(account_id: int, *, sent_by: Account, now: datetime, origin: Origin) -> Account:
    """Queues an access letter in place of one that failed or came back, or the first one of an account without.

    Two members of staff at one instant queue one.

    Two members of staff at one instant queue one. Raises LetterOnItsWay or Account.DoesNotExist.
    """
    with transaction.atomic():
        account = hold(account_id)
        letters = AccessLetter.objects.filter(account=account).select_related("mail", "confirms")
        newest = letters.order_by("issued_at", "pk").last()
        is_lost = newest is None or newest.mail.state in DID_NOT_ARRIVE
        if not is_lost or account.first_signed_in_at or account.suspended_at:
            raise LetterOnItsWay
        # An approval is confirmed by the letter that arrives.
        confirms = newest.confirms if newest else None
        if newest:
            letters.filter(pk=newest.pk).update(confirms=None)
        issue_initial_password(account, issued_by=sent_by, now=now, origin=origin, confirms=confirms)
    return account


def issue_again(account_id: int, *, stated: Identity, issued_by: Account, now: datetime, origin: Origin) -> Account:
    """A new access letter with a new initial password, for whoever has not signed in yet and has shown who they are.

    Raises AlreadyUsed, Suspended, accounts.RoleNotYours, caller_codes.CallerCodeWrong or Account.DoesNotExist.
    """
    _refuse_another_letter(Account.objects.get(pk=account_id), issued_by)
    means = caller_codes.confirm(account_id, stated, stated_by=issued_by, now=now, origin=origin)
    with transaction.atomic():
        account = hold(account_id)
        _refuse_another_letter(account, issued_by)
        issue_initial_password(account, issued_by=issued_by, now=now, origin=origin, identity=means)
    return account


def correct_address(
    account_id: int, address: str, *, stated: Identity, corrected_by: Account, now: datetime, origin: Origin
) -> Account:
    """The account has this address from now on; unless it has been signed in to, a new access letter goes there.

    If it has, its password stays, its sessions end, and both addresses are told. Raises accounts.AddressMalformed,
    accounts.AddressTaken, accounts.RoleNotYours, AddressUnchanged, Suspended, caller_codes.CallerCodeWrong or
    Account.DoesNotExist.
    """
    _refuse_a_move(Account.objects.get(pk=account_id), address, corrected_by)
    means = caller_codes.confirm(account_id, stated, stated_by=corrected_by, now=now, origin=origin)
    with transaction.atomic():
        account = hold(account_id)
        before = account.address
        _refuse_a_move(account, address, corrected_by)
        accounts.move_to(account, address, moved_by=corrected_by, now=now, origin=origin, identity=means)
        if account.first_signed_in_at is None:
            issue_initial_password(account, issued_by=corrected_by, now=now, origin=origin, identity=means)
        else:
            PasswordReset.objects.filter(LIVE_LINK, account=account).update(superseded_at=now)
            accounts.end_sessions(account, ended_by=corrected_by, now=now, origin=origin)
            AddressChange.objects.create(
                account=account,
                before=before,
                changed_at=now,
                told_before=mail.queue(ADDRESS_CHANGED, recipient=before, now=now),
                told_after=mail.queue(ADDRESS_CHANGED, recipient=account.address, now=now),
            )
    return account


def restore(account_id: int, *, stated: Identity, restored_by: Account, now: datetime, origin: Origin) -> Account:
    """A suspended account may sign in as before, for whoever has shown who they are.

    Raises accounts.RoleNotYours, caller_codes.CallerCodeWrong or Account.DoesNotExist.
    """
    account = Account.objects.get(pk=account_id)
    accounts.refuse_beyond_role(restored_by, account)
    if account.suspended_at is not None:
        means = caller_codes.confirm(account_id, stated, stated_by=restored_by, now=now, origin=origin)
        accounts.restore(account, restored_by=restored_by, now=now, origin=origin, identity=means)
    return account


def _refuse_another_letter(account: Account, issuer: Account) -> None:
    accounts.refuse_beyond_role(issuer, account)
    if account.suspended_at is not None:
        raise Suspended
    if account.first_signed_in_at is not None:
        raise AlreadyUsed


def _refuse_a_move(account: Account, entry: str, mover: Account) -> None:
    # Before the identity check uses a code up, whatever can be known is known.
    accounts.refuse_beyond_role(mover, account)
    if account.suspended_at is not None:
        raise Suspended
    address = accounts.valid_address(entry)
    if account.address == address:
        raise AddressUnchanged
    if Account.objects.filter(address=address).exists():
        raise accounts.AddressTaken


def issue_initial_password(
    account: Account,
    *,
    issued_by: Account | None,
    now: datetime,
    origin: Origin,
    confirms: EntitlementCheck | None = None,
    **details: str,
) -> AccessLetter:
    """Queues an access letter; the password itself is made by the worker that sends it.

    Whoever issues access has decided: a check that is still open is withdrawn, and a lockout lifted, for the guesses
    were at another password. `confirms` is the check approved by it, `details` go into the trail.
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
        audit.record(Event.ACCESS_ISSUED, subject=account, actor=issued_by, now=now, origin=origin, **details)
    return letter
