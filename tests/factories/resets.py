"""People who have forgotten their password, and the links they are sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kundenportal.domain.credentials.operations import resets
from kundenportal.domain.credentials.operations.passwords import NewPassword
from kundenportal.domain.mail.delivery import deliver_due_mails

from .accounts import AT_HOME, NOW

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account

    from .mail_server import MailServer

RESET_LINK = re.compile(r"https?://[^/\s]+/password/choose/([^/\s]+)/")
NEW_PASSWORD = "Nebel-hebt-sich-ueber-23-Wiesen"


def asks(address: str, *, now: datetime = NOW) -> None:
    """Somebody enters the address and has the mail sent."""
    resets.ask(address, now=now, origin=AT_HOME)


def token_in(text: str) -> str:
    """The token of the one link in a mail."""
    (token,) = set(RESET_LINK.findall(text))
    return str(token)


def link_holder(mail_server: MailServer, account: Account, *, now: datetime = NOW) -> str:
    """The token of the link the account's owner has just asked for and received."""
    asks(account.address, now=now)
    deliver_due_mails(clock=lambda: now)
    return token_in(mail_server.mails_to(account.address)[-1].text)


def resets_to(
    token: str, password: str = NEW_PASSWORD, *, now: datetime = NOW, browser_id: str = "", weak_confirmed: bool = False
) -> Account:
    """Whoever holds the link chooses this password."""
    entry = NewPassword(password, weak_confirmed=weak_confirmed)
    return resets.choose(token, entry, browser_id=browser_id, now=now, origin=AT_HOME)
