from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.backends import BaseBackend

from kundenportal.domain.accounts import queries as accounts

if TYPE_CHECKING:
    from django.http import HttpRequest

    from kundenportal.domain.accounts.models import Account


class AccountBackend(BaseBackend):
    """Finds the account of a session. Passwords are checked by credentials.operations.sign_in and nowhere else."""

    def authenticate(self, request: HttpRequest | None, **credentials: object) -> None:
        """Lets nobody in: any framework's own login form ends here."""

    def get_user(self, user_id: int) -> Account | None:
        """The account, unless it is suspended: that ends its sessions at once."""
        return accounts.account_in_session(user_id)

    def get_group_permissions(self, user_obj: Account, obj: object = None) -> set[str]:  # type: ignore[override]
        """What the account's role may do, for Wagtail, which asks for permissions; nothing while it is suspended."""
        return accounts.permissions_of(user_obj) if obj is None and user_obj.is_active else set()
