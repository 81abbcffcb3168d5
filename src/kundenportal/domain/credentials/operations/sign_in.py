from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import verification
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.queries import account_at_the_door
from kundenportal.domain.credentials.rules.initial_passwords import initial_password_has_expired
from kundenportal.kernel.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.credentials.queries import AccountAtTheDoor
    from kundenportal.kernel.origin import Origin


class EntryWrong(Refusal):
    """Address and password do not belong together; says nothing about which accounts exist."""


class InitialPasswordExpired(Refusal):
    """The right initial password, but its four weeks are over. Told only to who holds it."""

    reason = "initial-password-expired"

    def __init__(self, expired_at: datetime) -> None:
        super().__init__()
        self.expired_at = expired_at


class AccountIsSuspended(Refusal):
    """The right password of an account that may not sign in. Told only to who holds it."""

    reason = "account-suspended"


def sign_in(*, address: str, password: str, now: datetime, origin: Origin) -> Account:
    """The account whose address and password were entered; a first sign-in ends the countdown for good.

    Raises EntryWrong, InitialPasswordExpired or AccountIsSuspended. Costs one Argon2, whatever the outcome.
    """
    knocking = account_at_the_door(address)
    try:
        account = _entered(knocking, password, now=now, origin=origin)
    except EntryWrong:
        audit.record(Event.SIGN_IN_REFUSED, subject=knocking, now=now, origin=origin)
        raise
    except (InitialPasswordExpired, AccountIsSuspended) as refusal:
        audit.record(Event.SIGN_IN_REFUSED, subject=knocking, now=now, origin=origin, reason=refusal.reason)
        raise
    audit.record(Event.SIGNED_IN, subject=account, actor=account, now=now, origin=origin)
    return account


def sign_out(account: Account, *, now: datetime, origin: Origin) -> None:
    """Notes that the owner ended the session; the session itself belongs to the web."""
    audit.record(Event.SIGNED_OUT, subject=account, actor=account, now=now, origin=origin)


def _entered(account: AccountAtTheDoor | None, password: str, *, now: datetime, origin: Origin) -> Account:
    if account is None:
        verification.refuse_at_the_same_cost(password)
        raise EntryWrong
    if account.first_signed_in_at is None:
        _enter_for_the_first_time(account, password, now=now, origin=origin)
    else:
        _enter_again(account, password)
    return account


def _enter_again(account: Account, password: str) -> None:
    if not verification.is_password_of(account, password):
        raise EntryWrong
    if account.suspended_at is not None:
        raise AccountIsSuspended
    if verification.hash_is_outdated(account):
        outdated, renewed = account.password, verification.hashed_anew(account, password)
        # Its owner may have changed the password this very moment: the old one must not come back.
        if Account.objects.filter(pk=account.pk, password=outdated).update(password=renewed):
            account.password = renewed


def _enter_for_the_first_time(account: AccountAtTheDoor, password: str, *, now: datetime, origin: Origin) -> None:
    hashed = verification.hashed_initial_password_if_right(account, password)
    if hashed is None:
        raise EntryWrong
    if account.suspended_at is not None:
        raise AccountIsSuspended
    expires_at = account.initial_password_expires_at
    if expires_at is not None and initial_password_has_expired(
        expires_at=expires_at, first_signed_in_at=account.first_signed_in_at, now=now
    ):
        raise InitialPasswordExpired(expires_at)
    with transaction.atomic():
        # Of two right entries at the same instant one is the first sign-in; both are let in.
        first = Account.objects.filter(pk=account.pk, first_signed_in_at__isnull=True).update(
            first_signed_in_at=now, password=hashed
        )
        if first:
            AccessLetter.objects.filter(account=account).update(keyed_hash="")
            audit.record(Event.FIRST_SIGN_IN, subject=account, actor=account, now=now, origin=origin)
    account.refresh_from_db(fields=["first_signed_in_at", "password"])
