from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts.mails import must_still_reach
from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.credentials.models import AccessLetter, AddressChange
from kundenportal.domain.mail import kinds
from kundenportal.domain.mail.rules import State

from .texts import rendered

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail.models import OutgoingMail

ADDRESS_CHANGED = "address_changed"
ADDRESS_WITHDRAWN = "address_withdrawn"
# Letters that are, or may be, in somebody's mailbox.
PERHAPS_READ = frozenset({State.SENDING, State.HANDED_OVER})


class AddressChangedKind(kinds.PlainKind):
    """Tells the new address of an account in use that it is the sign-in name now."""

    def concerns(self, mail: OutgoingMail) -> Account:
        """Whose address was changed."""
        return AddressChange.objects.select_related("account").get(told_after=mail).account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Says when, and what to do if nobody asked for it; not needed where it was changed once more."""
        change = AddressChange.objects.select_related("account").get(told_after=mail)
        must_still_reach(change.account, mail)
        return rendered("address_changed", change.account, changed_at=change.changed_at)


class AddressWithdrawnKind(kinds.PlainKind):
    """Tells the old address that it is no sign-in name any more, so that nobody moves an account unnoticed.

    It may always have been somebody else's: the mail names neither the account's owner nor the new address.
    """

    def concerns(self, mail: OutgoingMail) -> Account:
        """Whose address was changed."""
        return AddressChange.objects.select_related("account").get(told_before=mail).account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Not needed where nobody knows of an access, nor where there is one again."""
        change = AddressChange.objects.select_related("account").get(told_before=mail)
        if account_of(mail.recipient) is not None or not _has_heard_of_access(mail.recipient, change.account):
            raise kinds.NotNeeded
        return rendered("address_withdrawn", change.account, address=mail.recipient, changed_at=change.changed_at)


kinds.register(ADDRESS_CHANGED, AddressChangedKind())
kinds.register(ADDRESS_WITHDRAWN, AddressWithdrawnKind())


def _has_heard_of_access(address: str, account: Account) -> bool:
    letters = AccessLetter.objects.filter(account=account, mail__recipient=address, mail__state__in=PERHAPS_READ)
    return account.first_signed_in_at is not None or letters.exists()
