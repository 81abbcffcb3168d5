"""What staff do for an account (`rules.steps`); what hands out access wants to know how its owner was recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials import mails
from kundenportal.domain.credentials.models import LIVE_LINK, AccessLetter, AddressChange, CallerCode, PasswordReset
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.queries.letters import newest_letter_of
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail.rules import UNDER_WAY
from kundenportal.kernel.refusal import Refusal

from . import access, caller_codes, deletions, entitlement, lockouts
from .decisions import hold, withdraw_open_check

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.operations import Details
    from kundenportal.domain.credentials.models import EntitlementCheck
    from kundenportal.domain.credentials.rules.identity import Identity
    from kundenportal.kernel.origin import Origin


class AlreadyUsed(Refusal):
    """The account has been signed in to: whoever has forgotten the password is helped by a link."""


class Suspended(Refusal):
    """A suspended account is restored first."""


class AddressUnchanged(Refusal):
    """That is the address the account has."""


def issue_again(account_id: int, *, stated: Identity, issued_by: Account, now: datetime, origin: Origin) -> Account:
    """A new access letter with a new initial password, while the four weeks last or have not begun.

    Raises AlreadyUsed, Suspended, access.CheckFirst, access.LetterOnItsWay, accounts.RoleNotYours,
    caller_codes.CallerCodeWrong or Account.DoesNotExist.
    """
    _refuse_another_letter(Account.objects.get(pk=account_id), issued_by, now=now)
    means = caller_codes.confirm(account_id, stated, stated_by=issued_by, now=now, origin=origin)
    with transaction.atomic():
        account = hold(account_id)
        _refuse_another_letter(account, issued_by, now=now)
        access.issue_initial_password(account, issued_by=issued_by, now=now, origin=origin, identity=means)
    return account


def take_down_request(account_id: int, *, taken_down_by: Account, now: datetime, origin: Origin) -> EntitlementCheck:
    """Somebody whose access has expired calls: their request is checked like any other.

    Raises accounts.RoleNotYours, entitlement.AlreadyBeingChecked, entitlement.NoCheckNeeded or Account.DoesNotExist.
    """
    with transaction.atomic():
        account = hold(account_id)
        accounts.refuse_beyond_role(taken_down_by, account)
        return entitlement.request_check(
            account, route=Route.TELEPHONE, requested_by=taken_down_by, now=now, origin=origin
        )


def correct_address(
    account_id: int, address: str, *, stated: Identity, corrected_by: Account, now: datetime, origin: Origin
) -> Account:
    """The account has this address from now on; within the four weeks a new access letter goes there.

    It keeps the day an earlier one was planned for, and there is none where nobody has sent one yet. After the four
    weeks one goes if new access is on its way already; otherwise it wants a check. Of an account in use the password
    stays and its sessions end.
    Both addresses are told, the new one of an unused account by its letter.
    Raises accounts.AddressMalformed, accounts.AddressTaken, accounts.RoleNotYours, AddressUnchanged, Suspended,
    caller_codes.CallerCodeWrong or Account.DoesNotExist.
    """
    _refuse_a_move(Account.objects.get(pk=account_id), address, corrected_by)
    means = caller_codes.confirm(account_id, stated, stated_by=corrected_by, now=now, origin=origin)
    with transaction.atomic():
        account = hold(account_id)
        before = account.address
        _refuse_a_move(account, address, corrected_by)
        # Guesses are counted by name: those at the old one are over, and those at the new one were its owner's.
        lockouts.lift(account, lifted_by=corrected_by, now=now, origin=origin, identity=means)
        accounts.move_to(account, address, moved_by=corrected_by, now=now, origin=origin, identity=means)
        lockouts.lift(account, lifted_by=corrected_by, now=now, origin=origin, identity=means)
        # What was mailed to the old one opens nothing any more.
        PasswordReset.objects.filter(LIVE_LINK, account=account).update(superseded_at=now)
        CallerCode.objects.filter(account=account).update(keyed_hash="", expires_at=None)
        is_used = account.first_signed_in_at is not None
        if is_used:
            accounts.end_sessions(account, ended_by=corrected_by, now=now, origin=origin)
        AddressChange.objects.create(
            account=account,
            before=before,
            changed_at=now,
            told_before=mail.queue(mails.ADDRESS_WITHDRAWN, recipient=before, now=now),
            told_after=mail.queue(mails.ADDRESS_CHANGED, recipient=account.address, now=now) if is_used else None,
        )
        if not is_used:
            _have_letter_follow(account, moved_by=corrected_by, now=now, origin=origin, identity=means)
    return account


def change_details(
    account_id: int, details: Details, *, stated: Identity, changed_by: Account, now: datetime, origin: Origin
) -> None:
    """The account's name, kind of address, telephone number and organisations are these from now on.

    Raises caller_codes.CallerCodeWrong, the refusals of accounts.change_details or Account.DoesNotExist.
    """
    account = Account.objects.get(pk=account_id)
    # Before the identity check uses a code up, whatever can be known is known.
    accounts.refuse_details(account, details, changed_by=changed_by)
    means = caller_codes.confirm(account_id, stated, stated_by=changed_by, now=now, origin=origin)
    accounts.change_details(account, details, changed_by=changed_by, now=now, origin=origin, identity=means)


def suspend(account_id: int, *, suspended_by: Account, now: datetime, origin: Origin) -> Account:
    """The account cannot sign in, its sessions are over, and there is nothing to check any more.

    Raises accounts.RoleNotYours or Account.DoesNotExist.
    """
    with transaction.atomic():
        account = hold(account_id)
        accounts.suspend(account, suspended_by=suspended_by, now=now, origin=origin)
        withdraw_open_check(account, withdrawn_by=suspended_by, now=now, origin=origin)
    return account


def restore(account_id: int, *, stated: Identity, restored_by: Account, now: datetime, origin: Origin) -> Account:
    """A suspended account may sign in as before, no lockout is in its way, and it is not deleted.

    Raises accounts.RoleNotYours, caller_codes.CallerCodeWrong or Account.DoesNotExist.
    """
    account = Account.objects.get(pk=account_id)
    accounts.refuse_beyond_role(restored_by, account)
    if account.suspended_at is not None:
        means = caller_codes.confirm(account_id, stated, stated_by=restored_by, now=now, origin=origin)
        with transaction.atomic():
            account = hold(account_id)
            deletions.take_back(account, taken_back_by=restored_by, now=now, origin=origin)
            accounts.restore(account, restored_by=restored_by, now=now, origin=origin, identity=means)
            lockouts.lift(account, lifted_by=restored_by, now=now, origin=origin, identity=means)
    return account


def _have_letter_follow(account: Account, *, moved_by: Account, now: datetime, origin: Origin, identity: str) -> None:
    newest = newest_letter_of(account)
    if newest is None:
        return  # whoever imported the account wanted none, and when there is to be one is for the desk to say
    if expired_access_of(account, now=now) is None:
        # Not only once the new letter is written: that may take days. Of expired access the password stays, for it
        # leads to the check and nowhere else, and without it the four weeks would not be over.
        AccessLetter.objects.filter(account=account).exclude(keyed_hash="").update(keyed_hash="")
    elif newest.mail.state not in UNDER_WAY:
        return
    access.issue_initial_password(
        account,
        issued_by=moved_by,
        now=now,
        origin=origin,
        confirms=access.approval_passed_on(newest),
        not_before=newest.mail.queued_at,  # the day it was planned for
        identity=identity,
    )


def _refuse_another_letter(account: Account, issuer: Account, *, now: datetime) -> None:
    accounts.refuse_beyond_role(issuer, account)
    if account.suspended_at is not None:
        raise Suspended
    if account.first_signed_in_at is not None:
        raise AlreadyUsed
    if expired_access_of(account, now=now) is not None:
        raise access.CheckFirst(account)
    # A second click; a letter that is to go out on a later day does not stand in the way of one that is wanted now.
    newest = newest_letter_of(account)
    if newest and newest.mail.state in UNDER_WAY and newest.mail.queued_at <= now:
        raise access.LetterOnItsWay


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
