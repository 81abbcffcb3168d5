from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import verification
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.rules.initial_passwords import initial_password_has_expired
from kundenportal.kernel.composed import Statement
from kundenportal.kernel.refusal import Refusal

from . import browsers
from .entries import EntryWrong, one_guess

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.credentials.queries.door import AccountAtTheDoor
    from kundenportal.kernel.origin import Origin

# Its owner may be choosing another password this very moment: whoever knew the old one is not let in, and it does not
# come back. Staff may be suspending the account: nobody is let in. Of two who come in at once with one that is hashed
# anew, both are let in, and one hash is kept.
ENTERED = Statement(
    """
    UPDATE accounts_account SET last_login = %s, password = CASE password WHEN %s THEN %s ELSE password END
    WHERE id = %s AND own_password_chosen_at IS NOT DISTINCT FROM %s AND suspended_at IS NULL
    RETURNING password
    """
)


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


def sign_in(
    *, address: str, password: str, browser_id: str = "", new_browser_id: str = "", now: datetime, origin: Origin
) -> Account:
    """The account whose address and password were entered; a first sign-in ends the countdown for good.

    From then on the browser is known to the account, by the id it has or else by the new one. The account returned
    still tells of the sign-in before (`last_login`), which whoever welcomes its owner wants to know. Raises EntryWrong,
    InitialPasswordExpired, AccountIsSuspended or what `entries.one_guess` raises. Every entry that is checked costs one
    Argon2, whatever the outcome.
    """
    with one_guess(address, browser_id=browser_id, now=now, origin=origin) as guess:
        account, hash_to_keep = _checked(guess.account, password)
        try:
            with transaction.atomic():
                _enter(account, hash_to_keep, now=now, origin=origin)
                known = browsers.remember(account, browser_id or new_browser_id, now=now, origin=origin)
                audit.record_all([*known, Event.SIGNED_IN], subject=account, actor=account, now=now, origin=origin)
                guess.was_right()
        except (InitialPasswordExpired, AccountIsSuspended) as refusal:
            with transaction.atomic():
                audit.record(Event.SIGN_IN_REFUSED, subject=account, now=now, origin=origin, reason=refusal.reason)
                guess.was_right()
            raise
    return account


def sign_out(account: Account, *, now: datetime, origin: Origin) -> None:
    """Notes that the owner ended the session; the session itself belongs to the web."""
    audit.record(Event.SIGNED_OUT, subject=account, actor=account, now=now, origin=origin)


def _checked(account: AccountAtTheDoor | None, password: str) -> tuple[AccountAtTheDoor, str]:
    """The account if the entry is right, and the hash to keep from now on, if it is another; raises EntryWrong."""
    if account is None:
        verification.refuse_at_the_same_cost(password)
        raise EntryWrong
    if account.first_signed_in_at is None:
        hashed = verification.hashed_initial_password_if_right(account, password)
    elif not verification.is_password_of(account, password):
        hashed = None
    else:
        hashed = verification.hashed_anew(account, password) if verification.hash_is_outdated(account) else ""
    if hashed is None:
        raise EntryWrong
    return account, hashed


def _enter(account: AccountAtTheDoor, hash_to_keep: str, *, now: datetime, origin: Origin) -> None:
    if account.suspended_at is not None:
        raise AccountIsSuspended
    if account.first_signed_in_at is None:
        _enter_for_the_first_time(account, hash_to_keep, now=now, origin=origin)
        hash_to_keep = account.password
    as_read, chosen_at = account.password, account.own_password_chosen_at
    kept = ENTERED.returned(now, as_read, hash_to_keep or as_read, account.pk, chosen_at)
    if kept is None:
        raise EntryWrong
    (account.password,) = kept


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
