"""What the audit trail says, for tests to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.audit.models import Entry

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account


def events_of(account: Account) -> list[str]:
    """What happened to the account, oldest first."""
    return list(Entry.objects.filter(subject=account).order_by("pk").values_list("event", flat=True))


def last_entry() -> Entry:
    """The newest entry of the trail."""
    return Entry.objects.latest("pk")
