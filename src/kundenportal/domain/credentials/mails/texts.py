"""The texts of this domain, by their names alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts import mails

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail import kinds


def rendered(name: str, account: Account | None, *, secrets: tuple[str, ...] = (), **context: object) -> kinds.Letter:
    """The three texts of a mail, in the account's language; to somebody without an account, in the portal's."""
    return mails.rendered(f"credentials/{name}", account, secrets=secrets, **context)


def rendered_for_many(name: str, passwords: Iterable[tuple[Account, str]], **context: object) -> list[kinds.Letter]:
    """The same to each account with its password, made once in each language; name and address are then put in."""
    return mails.rendered_for_many(f"credentials/{name}", passwords, **context)


def subject_of(name: str, account: Account) -> str:
    """What stands above a mail of that name, for another mail to refer to."""
    return mails.subject_of(f"credentials/{name}", account)
