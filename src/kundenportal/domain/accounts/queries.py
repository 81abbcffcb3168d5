from __future__ import annotations

from typing import TYPE_CHECKING

from .models import Account
from .rules import normalised_address

if TYPE_CHECKING:
    from collections.abc import Sequence


def account_of(address: str) -> Account | None:
    """The account that signs in with this address, however it is spelled."""
    return Account.objects.filter(address=normalised_address(address)).first()


def organisation_names_of(account: Account) -> Sequence[str]:
    """The organisations the account acts for, in alphabetical order."""
    return list(account.organisations.order_by("name").values_list("name", flat=True))


def account_in_session(account_id: int) -> Account | None:
    """The account a session belongs to; None if it is suspended or gone."""
    return Account.objects.filter(pk=account_id, suspended_at__isnull=True).first()
