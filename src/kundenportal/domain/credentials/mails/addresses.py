from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from kundenportal.domain.credentials.models import AddressChange
from kundenportal.domain.mail import kinds

from .texts import rendered

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.mail.models import OutgoingMail

ADDRESS_CHANGED = "address_changed"


class AddressChangedKind(kinds.PlainKind):
    """Tells the old address and the new one, so that nobody moves an account unnoticed."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Says when, and what to do if nobody asked for it."""
        told = Q(told_before=mail) | Q(told_after=mail)
        change = AddressChange.objects.select_related("account").get(told)
        return rendered("address_changed", change.account, changed_at=change.changed_at)


kinds.register(ADDRESS_CHANGED, AddressChangedKind())
