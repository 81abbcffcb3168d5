"""A kind of mail for tests about delivery: plain words to anybody, with a text of the test's own making."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kundenportal.domain.mail import kinds, operations

from .accounts import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail.models import OutgoingMail

NOTICE = "notice"


@dataclass
class Notices(kinds.PlainKind):
    """The kind itself; remembers what delivery told it."""

    handed: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    may_be_sent_again: bool = True
    secrets: tuple[str, ...] = ()
    sender: str = '"Kundenportal" <dienst@example.org>'
    reply_to: str = "dienst@example.org"
    subject: str = "Hinweis"
    before_writing: Callable[[OutgoingMail], None] = lambda _: None
    concerned: Account | None = None

    def concerns(self, mail: OutgoingMail) -> Account | None:
        return self.concerned

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        self.before_writing(mail)
        return kinds.Letter(
            sender=self.sender,
            reply_to=self.reply_to,
            subject=self.subject,
            text=f"Grüße, geschrieben {now:%H:%M}\n",
            html="<p>Grüße</p>",
            secrets=self.secrets,
        )

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        self.handed.append(mail.pk)

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        self.given_up.append(mail.pk)
        super().gave_up(mail, now=now)

    def bounced(self, mail: OutgoingMail, *, now: datetime) -> None:
        self.returned.append(mail.pk)
        super().bounced(mail, now=now)


def queued(recipient: str, *, now: datetime = NOW, kind: str = NOTICE) -> OutgoingMail:
    """A mail that waits to be delivered."""
    return operations.queue(kind, recipient=recipient, now=now)
