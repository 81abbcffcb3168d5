"""The demonstration's mail server: a folder. Mails are kept there as they would have been sent."""

from __future__ import annotations

import email.policy
import mailbox
import re
from dataclasses import dataclass
from datetime import UTC
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from email.message import EmailMessage as ParsedMail

    from django.core.mail import EmailMessage


@dataclass(frozen=True)
class CapturedMail:
    key: str
    subject: str
    sender: str
    recipient: str
    sent_at: datetime
    text: str
    html: str


class CaptureBackend(BaseEmailBackend):
    """A Django e-mail backend that keeps every mail in the folder settings.CAPTURED_MAIL."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = _folder()
        for message in email_messages:
            folder.add(message.message().as_bytes())
        return len(email_messages)


def captured_mails() -> list[CapturedMail]:
    """Every captured mail, newest first."""
    folder = _folder()
    mails = [_captured(key, folder.get_bytes(key)) for key in folder.keys()]  # noqa: SIM118 - a mailbox is no dict
    return sorted(mails, key=lambda mail: (mail.sent_at, _numbers_in(mail.key)), reverse=True)


def captured_mail(key: str) -> CapturedMail | None:
    """The captured mail of that key."""
    folder = _folder()
    return _captured(key, folder.get_bytes(key)) if key in folder else None


def begin_capturing() -> None:
    """From the next start on, mail is kept in the folder instead of being sent."""
    _folder()


def _folder() -> mailbox.Maildir:
    # Not left to Maildir: it takes a folder that is there for one that is whole.
    settings.CAPTURED_MAIL.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in ("tmp", "new", "cur"):
        (settings.CAPTURED_MAIL / part).mkdir(exist_ok=True)
    return mailbox.Maildir(settings.CAPTURED_MAIL)


def _numbers_in(key: str) -> list[int]:
    # Seconds, microseconds and a counter, none of them with leading zeros: as text, the 10th would come before the 9th.
    return [int(number) for number in re.findall("[0-9]+", key)]


def _captured(key: str, content: bytes) -> CapturedMail:
    mail = BytesParser(policy=email.policy.default).parsebytes(content)
    return CapturedMail(
        key=key,
        subject=str(mail["Subject"]),
        sender=str(mail["From"]),
        recipient=str(mail["To"]),
        sent_at=_instant(str(mail["Date"])),
        text=_body(mail, "plain"),
        html=_body(mail, "html"),
    )


def _instant(date: str) -> datetime:
    # Django writes -0000, which means UTC of nobody's own time zone and is read as no time zone at all.
    instant = parsedate_to_datetime(date)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _body(mail: ParsedMail, subtype: str) -> str:
    part = mail.get_body((subtype,))
    return str(part.get_content()) if part else ""
