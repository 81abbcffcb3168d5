"""The texts of this domain, by their names alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts import mails

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail import kinds


def rendered(name: str, account: Account | None, *, secrets: tuple[str, ...] = (), **context: object) -> kinds.Letter:
    """The three texts of a mail, in the account's language; to somebody without an account, in the portal's."""
    return mails.rendered(f"credentials/{name}", account, secrets=secrets, **context)


def subject_of(name: str, account: Account) -> str:
    """What stands above a mail of that name, for another mail to refer to."""
    return mails.subject_of(f"credentials/{name}", account)
