"""What must be true after every accident: each account has a letter that works, and only the newest does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from factories.accounts import enters
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import LEASE, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from factories.mail_server import MailServer

SECONDS_TO_DELIVER = 60


def deliver_everything(*, killed_at: datetime) -> datetime:
    """Delivery runs again, once the lease of the dead is over, until nothing is left; returns when that was."""
    now = killed_at + 2 * LEASE
    deadline = time.monotonic() + SECONDS_TO_DELIVER
    while True:
        deliver_due_mails(clock=lambda: now)
        if not OutgoingMail.objects.exclude(state=State.HANDED_OVER).exists():
            return now
        # The database may take a moment to notice that a client is dead, and until then keep what it had locked.
        assert time.monotonic() < deadline, list(OutgoingMail.objects.exclude(state=State.HANDED_OVER).values())
        time.sleep(0.02)


def assert_only_the_newest_letter_works(addresses: Iterable[str], mail_server: MailServer, *, now: datetime) -> None:
    """Every earlier password is refused, and the one in the newest letter signs in."""
    for address in addresses:
        *earlier, newest = mail_server.mails_to(address)
        for mail in earlier:
            assert not lets_in(address, mail.password, now=now), f"an earlier letter to {address} still works"
        assert lets_in(address, newest.password, now=now), f"the newest letter to {address} does not work"


def lets_in(address: str, password: str, *, now: datetime) -> bool:
    """Whether the entrance opens."""
    try:
        enters(address, password, now=now)
    except EntryWrong:
        return False
    return True
