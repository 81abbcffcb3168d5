"""Accounts in every state, made the way the portal makes them: by operations, never by rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.credentials.operations import access, passwords, sign_in
from kundenportal.domain.credentials.rules.identity import Identity, Means
from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.kernel.origin import Origin

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account

    from .mail_server import MailServer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday morning
AT_HOME = Origin(network_address="192.0.2.7")
SEEN_IN_PERSON = Identity(Means.IN_PERSON)
OWN_PASSWORD = "Regen-trommelt-auf-47-Dachziegel"
_numbers = count(1)


def new_address() -> str:
    """An address nobody has used yet in this run."""
    return f"kunde{next(_numbers)}@musterland.example.org"


def issued(
    address: str = "",
    *,
    name: str = "Büro Musterland",
    organisation: str = "Kirchenkreis Musterland",
    kind: Kind = Kind.PERSONAL,
    role: Role = Role.CUSTOMER,
    language: Language = Language.GERMAN,
    issued_by: Account | None = None,
    now: datetime = NOW,
) -> Account:
    """An account whose access letter waits to be delivered."""
    return access.issue_access(
        address=address or new_address(),
        name=name,
        organisation=organisation,
        kind=kind,
        role=role,
        language=language,
        issued_by=issued_by,
        now=now,
        origin=AT_HOME,
    )


def delivered(mail_server: MailServer, account: Account | None = None, *, now: datetime = NOW) -> tuple[Account, str]:
    """An account that has its access letter, and the password in it."""
    account = account or issued(now=now)
    deliver_due_mails(clock=lambda: now)
    return account, mail_server.mails_to(account.address)[-1].password


def signed_in(mail_server: MailServer, account: Account | None = None, *, now: datetime = NOW) -> tuple[Account, str]:
    """An account after its first sign-in, with the password from the letter."""
    account, password = delivered(mail_server, account, now=now)
    account = enters(account.address, password, now=now)
    account.refresh_from_db(fields=["last_login"])
    return account, password


def active(mail_server: MailServer, account: Account | None = None, *, now: datetime = NOW) -> Account:
    """An account whose owner has chosen OWN_PASSWORD, and was told so by mail."""
    account, _ = signed_in(mail_server, account, now=now)
    chooses(account, OWN_PASSWORD, now=now)
    deliver_due_mails(clock=lambda: now)
    return account


def expired(mail_server: MailServer, account: Account | None = None, *, now: datetime = NOW) -> tuple[Account, str]:
    """An account whose initial password ends at `now`, and that password."""
    sent_at = now - LIFETIME
    return delivered(mail_server, account or issued(now=sent_at), now=sent_at)


def suspended(account: Account, *, now: datetime = NOW) -> Account:
    """The same account, from now on not let in."""
    accounts.suspend(account, suspended_by=None, now=now, origin=AT_HOME)
    return account


def restored(account: Account, *, now: datetime = NOW) -> Account:
    """The same account, let in again."""
    accounts.restore(account, restored_by=clerk(), now=now, origin=AT_HOME)
    return account


def clerk(role: Role = Role.DESK, address: str = "hr-service@example.org") -> Account:
    """A member of staff."""
    return issued(address, name="HR-Service", organisation="Vorführung", role=role)


def enters(address: str, password: str, *, now: datetime = NOW) -> Account:
    """Somebody signs in, from AT_HOME."""
    return sign_in.sign_in(address=address, password=password, now=now, origin=AT_HOME)


def chooses(account: Account, password: str, *, now: datetime = NOW) -> None:
    """The owner, freshly signed in, chooses a password, be it weak."""
    entry = passwords.NewPassword(password, weak_confirmed=True)
    passwords.choose_password(account, entry, signed_in_at=now - timedelta(minutes=1), now=now, origin=AT_HOME)
