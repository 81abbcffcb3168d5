from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts.queries import organisation_names_of
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import mails, verification
from kundenportal.domain.credentials.rules import password_policy
from kundenportal.domain.credentials.rules.password_policy import Strength, Verdict
from kundenportal.domain.credentials.rules.reauthentication import current_password_is_asked_for
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.support.queries import service_contact
from kundenportal.kernel.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
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


class CurrentPasswordMissing(Refusal):
    """The sign-in is too old: the current password is asked for."""


class CurrentPasswordWrong(Refusal):
    """The current password was asked for and another one was entered."""


@dataclass(frozen=True)
class NewPassword:
    """What somebody entered to change a password."""

    password: str = field(repr=False)
    weak_confirmed: bool
    current_password: str = field(default="", repr=False)


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
    account: Account, entry: NewPassword, *, signed_in_at: datetime, now: datetime, origin: Origin
) -> None:
    """The account's own password from now on; every session but the caller's own ends.

    Raises PasswordRefused, PasswordWeak, CurrentPasswordMissing or CurrentPasswordWrong.
    """
    verdict = judged_password(account, entry.password)
    if verdict.strength is Strength.REFUSED:
        raise PasswordRefused(verdict)
    if verdict.strength is Strength.WEAK and not (entry.weak_confirmed and may_confirm_weak_password(account)):
        raise PasswordWeak(verdict)
    if current_password_is_asked_for(signed_in_at=signed_in_at, now=now):
        if not entry.current_password:
            raise CurrentPasswordMissing
        if not verification.is_password_of(account, entry.current_password):
            raise CurrentPasswordWrong
    account.password = verification.hashed_own_password(entry.password)
    account.own_password_chosen_at = now
    with transaction.atomic():
        account.save(update_fields=["password", "own_password_chosen_at"])
        mail.queue(mails.PASSWORD_CHANGED, recipient=account.address, now=now)
        audit.record(Event.PASSWORD_CHANGED, subject=account, actor=account, now=now, origin=origin)


def _own_words(account: Account) -> tuple[str, ...]:
    return password_policy.own_words(
        name=account.name,
        address=account.address,
        organisations=organisation_names_of(account),
        portal_name=service_contact().portal_name,
    )
