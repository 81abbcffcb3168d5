"""Access that has expired, and how far its renewal has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kundenportal.domain.credentials.models import AccessLetter, EntitlementCheck
from kundenportal.domain.credentials.rules import entitlement
from kundenportal.domain.credentials.rules.account_states import AccountState, account_state
from kundenportal.domain.credentials.rules.entitlement import CheckState, Renewal
from kundenportal.domain.mail.rules import UNDER_WAY

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.domain.accounts.models import Account


@dataclass(frozen=True)
class ExpiredAccess:
    """An account that never signed in while its initial password worked, and how far its renewal has come."""

    account: Account
    letter_id: int
    expired_at: datetime
    renewal: Renewal
    last_check: EntitlementCheck | None

    @property
    def may_be_requested(self) -> bool:
        """Whether its owner may ask for new access."""
        return entitlement.may_be_requested(self.renewal)


def expired_access_of(account: Account, *, now: datetime) -> ExpiredAccess | None:
    """The account's expired access; None if its access has not expired."""
    return _expired_access(AccessLetter.objects.filter(account=account), now=now)


def expired_access_by_letter(letter_id: int, *, now: datetime) -> ExpiredAccess | None:
    """The expired access this letter gave; None if the letter is not, or no longer, the one that counts."""
    return _expired_access(AccessLetter.objects.filter(pk=letter_id), now=now)


def _expired_access(letters: QuerySet[AccessLetter], *, now: datetime) -> ExpiredAccess | None:
    letter = letters.exclude(keyed_hash="").select_related("account").first()
    if letter is None or letter.expires_at is None or _state_of(letter, now=now) is not AccountState.EXPIRED:
        return None
    checks = EntitlementCheck.objects.filter(account=letter.account, requested_at__gte=letter.issued_at)
    last = checks.order_by("requested_at", "pk").last()
    stands = entitlement.renewal(
        last_check=CheckState(last.state) if last else None,
        letter_on_its_way=AccessLetter.objects.filter(account=letter.account, mail__state__in=UNDER_WAY).exists(),
    )
    return ExpiredAccess(letter.account, letter.pk, letter.expires_at, stands, last)


def _state_of(letter: AccessLetter, *, now: datetime) -> AccountState:
    return account_state(
        suspended_at=letter.account.suspended_at,
        first_signed_in_at=letter.account.first_signed_in_at,
        initial_password_expires_at=letter.expires_at,
        now=now,
    )
