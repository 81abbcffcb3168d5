from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.queries import organisation_names_of
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import hashing, mails, verification
from kundenportal.domain.credentials.models import LIVE_LINK, PasswordReset
from kundenportal.domain.credentials.rules import password_policy
from kundenportal.domain.credentials.rules.password_policy import Strength, Verdict
from kundenportal.domain.credentials.rules.reauthentication import current_password_is_asked_for
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.site.queries import current as current_site
from kundenportal.kernel.refusal import Refusal

from .entries import EntryWrong, one_guess

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.kernel.origin import Origin


class PasswordRefused(Refusal):
    """The policy refuses this password; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


class PasswordWeak(Refusal):
    """The password is weak and was not confirmed, or is staff's; `verdict` says why it is."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


class ChangedMeanwhile(Refusal):
    """Somebody else has just given the account another password."""


class CurrentPasswordMissing(Refusal):
    """The sign-in is too old: the current password is asked for."""


class CurrentPasswordWrong(EntryWrong):
    """The current password was asked for and another one was entered."""


@dataclass(frozen=True)
class NewPassword:
    """What somebody entered to change a password."""

    password: str = field(repr=False)
    weak_confirmed: bool
    current_password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Accepted:
    """A new password nothing speaks against, as it is to be kept."""

    password_hash: str = field(repr=False)
    strength: Strength


def suggested_password(account: Account) -> str:
    """A strong password to be shown to the account's owner, kept nowhere."""
    return password_policy.suggest_password(_own_words(account))


def judged_password(account: Account, password: str) -> Verdict:
    """What the policy says of the password for this account."""
    return password_policy.judge(password, _own_words(account))


def may_confirm_weak_password(account: Account) -> bool:
    """Whether the account may have a weak password at all; staff may not (R6)."""
    return not account.is_staff_member


def choose_password(
    account: Account, entry: NewPassword, *, signed_in_at: datetime, browser_id: str = "", now: datetime, origin: Origin
) -> None:
    """The account's own password from now on; every session ends, and the caller gives its own browser another.

    Raises what `accepted` raises.
    """
    chosen = accepted(account, entry, signed_in_at=signed_in_at, browser_id=browser_id, now=now, origin=origin)
    try:
        keep(account, chosen, now=now, origin=origin)
    except ChangedMeanwhile:
        if not was_kept_meanwhile(account, entry):
            raise


def accepted(
    account: Account, entry: NewPassword, *, signed_in_at: datetime, browser_id: str, now: datetime, origin: Origin
) -> Accepted:
    """The new password, if nothing speaks against it; nothing is changed yet, and no transaction may be open.

    Raises PasswordRefused, PasswordWeak, CurrentPasswordMissing, CurrentPasswordWrong, guard.Locked or TooBusy.
    """
    strength = strength_of_fit(account, entry)
    confirm_current_password(
        account, entry.current_password, signed_in_at=signed_in_at, browser_id=browser_id, now=now, origin=origin
    )
    return Accepted(hashed(entry.password), strength)


def strength_of_fit(account: Account, entry: NewPassword) -> Strength:
    """How strong the password is; raises PasswordRefused or PasswordWeak if this account may not have it."""
    verdict = judged_password(account, entry.password)
    if verdict.strength is Strength.REFUSED:
        raise PasswordRefused(verdict)
    if verdict.strength is Strength.WEAK and not (entry.weak_confirmed and may_confirm_weak_password(account)):
        raise PasswordWeak(verdict)
    return verdict.strength


def hashed(password: str) -> str:
    """The hash to keep of a new password; raises TooBusy rather than wait too long for a processor."""
    with hashing.place_in_line(), hashing.turn():
        return verification.hashed_own_password(password)


def keep(
    account: Account, chosen: Accepted, *, now: datetime, origin: Origin, event: Event = Event.PASSWORD_CHANGED
) -> None:
    """The account's own password from now on, and its owner is told; links for a forgotten one and sessions are over.

    The browser it was chosen in stays signed in if whoever calls gives it another session. Raises ChangedMeanwhile if
    the account has another password than when it was read: what was decided about that one must not undo what its
    owner has done since.
    """
    with transaction.atomic():
        as_read = Account.objects.filter(pk=account.pk, password=account.password)
        is_weak = chosen.strength is Strength.WEAK
        if not as_read.update(password=chosen.password_hash, own_password_chosen_at=now, own_password_is_weak=is_weak):
            raise ChangedMeanwhile
        account.password, account.own_password_chosen_at = chosen.password_hash, now
        account.own_password_is_weak = is_weak
        PasswordReset.objects.filter(LIVE_LINK, account=account).update(superseded_at=now)
        # No session begun with the old password is honoured any more: none is to be told of as an open one either.
        account.sessions.all().delete()
        mail.queue(mails.PASSWORD_CHANGED, recipient=account.address, now=now)
        audit.record(event, subject=account, actor=account, now=now, origin=origin)


def was_kept_meanwhile(account: Account, entry: NewPassword) -> bool:
    """Whether the password the account was given meanwhile is the entered one: the same form was sent twice.

    The account is up to date then; no transaction may be open. Raises TooBusy.
    """
    account.refresh_from_db()
    with hashing.place_in_line(), hashing.turn():
        return account.own_password_chosen and verification.is_password_of(account, entry.password)


def confirm_current_password(
    account: Account, entry: str, *, signed_in_at: datetime, browser_id: str, now: datetime, origin: Origin
) -> None:
    """Whoever signed in long ago shows that they still are who they were; for the others, nothing is asked.

    Raises CurrentPasswordMissing, CurrentPasswordWrong, guard.Locked or TooBusy; no transaction may be open.
    """
    if not current_password_is_asked_for(signed_in_at=signed_in_at, now=now):
        return
    # Whoever finds a screen left open could try passwords here: these are guesses like those at the entrance.
    if not entry:
        raise CurrentPasswordMissing
    with one_guess(account.address, browser_id=browser_id, now=now, origin=origin) as guess:
        if guess.account is None or not verification.is_password_of(guess.account, entry):
            raise CurrentPasswordWrong
        guess.was_right()


def _own_words(account: Account) -> tuple[str, ...]:
    return password_policy.own_words(
        name=account.name,
        address=account.address,
        organisations=organisation_names_of(account),
        portal_name=current_site().portal_name,
    )
