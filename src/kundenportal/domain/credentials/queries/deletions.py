"""Accounts that are to go for good, and the addresses under which something is kept about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials.models import AddressChange, Deletion

if TYPE_CHECKING:
    from datetime import datetime


def accounts_to_delete(*, now: datetime) -> QuerySet[Account]:
    """Those whose deletion nobody has taken back in time."""
    due = Deletion.objects.filter(account=OuterRef("pk"), taken_back_at__isnull=True, due_at__lte=now)
    return Account.objects.filter(Exists(due)).order_by("pk")


def addresses_of(account: Account) -> set[str]:
    """The address of the account, and those it had before which are nobody else's now."""
    former = set(AddressChange.objects.filter(account=account).values_list("before", flat=True))
    others = Account.objects.filter(address__in=former).exclude(pk=account.pk)
    return {account.address, *former} - set(others.values_list("address", flat=True))
