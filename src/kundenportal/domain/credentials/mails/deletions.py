from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts.mails import must_still_reach
from kundenportal.domain.credentials.models import Deletion
from kundenportal.domain.mail import kinds

from .texts import rendered

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail.models import OutgoingMail

ACCOUNT_TO_BE_DELETED = "account_to_be_deleted"
ACCOUNT_KEPT = "account_kept"


class AccountToBeDeletedKind(kinds.PlainKind):
    """Tells an account's owner when it will be deleted, what stays, and how to keep it."""

    def concerns(self, mail: OutgoingMail) -> Account:
        """Whose account it is."""
        return Deletion.objects.select_related("account").get(told=mail).account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Not needed where that was taken back meanwhile."""
        deletion = Deletion.objects.select_related("account").get(told=mail)
        if deletion.taken_back_at is not None:
            raise kinds.NotNeeded
        must_still_reach(deletion.account, mail)
        return rendered("account_to_be_deleted", deletion.account, due_at=deletion.due_at)


class AccountKeptKind(kinds.PlainKind):
    """Tells an account's owner that it will not be deleted after all."""

    def concerns(self, mail: OutgoingMail) -> Account:
        """Whose account it is."""
        return Deletion.objects.select_related("account").get(told_taken_back=mail).account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Not needed where it is to be deleted once more."""
        deletion = Deletion.objects.select_related("account").get(told_taken_back=mail)
        if deletion.account.deletions.filter(taken_back_at__isnull=True).exists():
            raise kinds.NotNeeded
        must_still_reach(deletion.account, mail)
        return rendered("account_kept", deletion.account)


kinds.register(ACCOUNT_TO_BE_DELETED, AccountToBeDeletedKind())
kinds.register(ACCOUNT_KEPT, AccountKeptKind())
