from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import verification
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.rules.initial_passwords import initial_password_has_expired
from kundenportal.kernel.refusal import Refusal

from . import browsers
from .entries import EntryWrong, one_guess

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.credentials.queries import AccountAtTheDoor
    from kundenportal.kernel.origin import Origin


class InitialPasswordExpired(Refusal):
    """The right initial password, but its four weeks are over. Told only to who holds it."""

    reason = "initial-password-expired"

    def __init__(self, account: Account, expired_at: datetime) -> None:
        super().__init__()
        self.account = account
        self.expired_at = expired_at


class AccountIsSuspended(Refusal):
    """The right password of an account that may not sign in. Told only to who holds it."""

    reason = "account-suspended"


def sign_in(*, address: str, password: str, browser_id: str = "", now: datetime, origin: Origin) -> Account:
    """The account whose address and password were entered; a first sign-in ends the countdown for good.

    From then on the browser is known to the account. The account returned still tells of the sign-in before
    (`last_login`), which whoever welcomes its owner wants to know. Raises EntryWrong, InitialPasswordExpired,
    AccountIsSuspended or what `entries.one_guess` raises. Every entry that is checked costs one Argon2, whatever the
    outcome.
    """
    with one_guess(address, browser_id=browser_id, now=now, origin=origin) as knocking:
        account, hashed = _checked(knocking, password)
    try:
        _enter(account, password, hashed, now=now, origin=origin)
    except (InitialPasswordExpired, AccountIsSuspended) as refusal:
        audit.record(Event.SIGN_IN_REFUSED, subject=account, now=now, origin=origin, reason=refusal.reason)
        raise
    with transaction.atomic():
        _note_if_it_still_holds(account, now=now)
        browsers.remember(account, browser_id, now=now, origin=origin)
        audit.record(Event.SIGNED_IN, subject=account, actor=account, now=now, origin=origin)
    return account


def sign_out(account: Account, *, now: datetime, origin: Origin) -> None:
    """Notes that the owner ended the session; the session itself belongs to the web."""
    audit.record(Event.SIGNED_OUT, subject=account, actor=account, now=now, origin=origin)


def _checked(account: AccountAtTheDoor | None, password: str) -> tuple[AccountAtTheDoor, str]:
    """The account if the entry is right, and the hash to keep of an initial password; raises EntryWrong."""
    if account is None:
        verification.refuse_at_the_same_cost(password)
        raise EntryWrong
    if account.first_signed_in_at is not None:
        hashed = "" if verification.is_password_of(account, password) else None
    else:
        hashed = verification.hashed_initial_password_if_right(account, password)
    if hashed is None:
        raise EntryWrong
    return account, hashed


def _enter(account: AccountAtTheDoor, password: str, hashed: str, *, now: datetime, origin: Origin) -> None:
    if account.suspended_at is not None:
        raise AccountIsSuspended
    if account.first_signed_in_at is None:
        _enter_for_the_first_time(account, hashed, now=now, origin=origin)
    elif verification.hash_is_outdated(account):
        outdated, renewed = account.password, verification.hashed_anew(account, password)
        # Its owner may have changed the password this very moment: the old one must not come back.
        if Account.objects.filter(pk=account.pk, password=outdated).update(password=renewed):
            account.password = renewed
        else:
            # Or another right entry has renewed the hash: then what was entered is still the password.
            account.refresh_from_db(fields=["password", "own_password_chosen_at"])
            if not verification.is_password_of(account, password):
                raise EntryWrong


def _enter_for_the_first_time(account: AccountAtTheDoor, hashed: str, *, now: datetime, origin: Origin) -> None:
    expires_at = account.initial_password_expires_at
    if expires_at is not None and initial_password_has_expired(
        expires_at=expires_at, first_signed_in_at=account.first_signed_in_at, now=now
    ):
        raise InitialPasswordExpired(account, expires_at)
    end_countdown(account, hashed, now=now, origin=origin)
    if account.own_password_chosen:
        # By a link for a forgotten password, at this very moment: what was checked is the password no longer.
        raise EntryWrong


def _note_if_it_still_holds(account: Account, *, now: datetime) -> None:
    """Who knew the password while its owner was choosing another, or staff closed the account, is not let in."""
    as_checked = Account.objects.filter(pk=account.pk, password=account.password, suspended_at__isnull=True)
    if not as_checked.update(last_login=now):
        raise EntryWrong


def end_countdown(account: Account, password_hash: str, *, now: datetime, origin: Origin) -> None:
    """The first time anybody is let in, by whichever way: this is the password now, the one in the letter is dead."""
    with transaction.atomic():
        # Of two right entries at the same instant one is the first sign-in; both are let in.
        first = Account.objects.filter(pk=account.pk, first_signed_in_at__isnull=True).update(
            first_signed_in_at=now, password=password_hash
        )
        if first:
            AccessLetter.objects.filter(account=account).update(keyed_hash="")
            audit.record(Event.FIRST_SIGN_IN, subject=account, actor=account, now=now, origin=origin)
    account.refresh_from_db(fields=["first_signed_in_at", "password", "own_password_chosen_at"])
