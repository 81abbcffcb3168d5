"""A real mail server that keeps what it is handed."""

from __future__ import annotations

import email
import email.policy
import re
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

from .serving import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

SECONDS_FOR_A_LETTER = 60
PASSWORD_LINE = re.compile(r"^(?:Passwort|Password): +(\S+)$", re.MULTILINE)


class Mailbox:
    """Every mail the portal has handed over, in the order of arrival."""

    def __init__(self) -> None:
        self.port = free_port()
        self._letters: list[tuple[str, EmailMessage]] = []
        self._arrival = threading.Condition()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - SMTP's name
        """Takes a mail."""
        content = envelope.original_content or b""
        letter = email.message_from_bytes(content, policy=email.policy.default)
        with self._arrival:
            self._letters += [(recipient, letter) for recipient in envelope.rcpt_tos]
            self._arrival.notify_all()
        return "250 OK"

    def letters_to(self, address: str) -> list[EmailMessage]:
        """What has arrived so far."""
        with self._arrival:
            return [letter for recipient, letter in self._letters if recipient == address]

    def wait_for(self, address: str, *, number: int = 1) -> EmailMessage:
        """The letter of that number to the address, once it has arrived."""
        deadline = time.monotonic() + SECONDS_FOR_A_LETTER
        with self._arrival:
            while len(self.letters_to(address)) < number:
                left = deadline - time.monotonic()
                assert left > 0, f"No letter number {number} to {address}: {len(self._letters)} mails arrived in all."
                self._arrival.wait(left)
        return self.letters_to(address)[number - 1]


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server on a port of its own."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def text_of(letter: EmailMessage) -> str:
    """The text part, as a terminal would show it."""
    part = letter.get_body(("plain",))
    assert part is not None, "The letter has no text part."
    return str(part.get_content()).replace("\r\n", "\n")


def password_in(letter: EmailMessage) -> str:
    """The initial password as the letter spells it."""
    return password_in_text(text_of(letter))


def password_in_text(text: str) -> str:
    """The initial password as the text of a letter spells it."""
    found = PASSWORD_LINE.search(text)
    assert found is not None, f"No password in the letter:\n{text}"
    return found[1]
