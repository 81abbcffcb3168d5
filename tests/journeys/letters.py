"""A real mail server that keeps what it is handed."""

from __future__ import annotations

import email
import email.policy
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

from .serving import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

SECONDS_FOR_A_LETTER = 60
RESET_LINK = re.compile(r"^(https?://\S+/password/choose/\S+/)$", re.MULTILINE)
LOCKOUT_LINK = re.compile(r"^(https?://\S+/sign-in/lockout/\S+/)$", re.MULTILINE)
PASSWORD_LINE = re.compile(r"^(?:Passwort|Password): +(\S+)$", re.MULTILINE)


class Mailbox:
    """Every mail the portal has handed over, in the order of arrival."""

    def __init__(self) -> None:
        self.port = free_port()
        self._letters: list[tuple[str, EmailMessage]] = []
        self._senders: dict[str, str] = {}
        self._refused: list[str] = []
        self._refusing: set[str] = set()
        self._arrival = threading.Condition()

    async def handle_RCPT(  # noqa: N802 - SMTP's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Knows whom it takes mail for."""
        with self._arrival:
            if address in self._refusing:
                self._refused.append(address)
                self._arrival.notify_all()
                return "550 5.1.1 There is no such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - SMTP's name
        """Takes a mail."""
        content = envelope.original_content or b""
        letter = email.message_from_bytes(content, policy=email.policy.default)
        with self._arrival:
            self._letters += [(recipient, letter) for recipient in envelope.rcpt_tos]
            self._senders |= dict.fromkeys(envelope.rcpt_tos, envelope.mail_from or "")
            self._arrival.notify_all()
        return "250 OK"

    def sender_to(self, address: str) -> str:
        """Whom the newest letter to an address comes back to."""
        with self._arrival:
            return self._senders[address]

    def letters_to(self, address: str) -> list[EmailMessage]:
        """What has arrived so far."""
        with self._arrival:
            return [letter for recipient, letter in self._letters if recipient == address]

    def wait_for(self, address: str, *, number: int = 1) -> EmailMessage:
        """The letter of that number to the address, once it has arrived."""
        self._wait_until(lambda: len(self.letters_to(address)) >= number, f"letter number {number} to {address}")
        return self.letters_to(address)[number - 1]

    @contextmanager
    def refusing(self, address: str) -> Iterator[None]:
        """Meanwhile there is no such mailbox."""
        self._refusing.add(address)
        try:
            yield
        finally:
            self._refusing.remove(address)

    def wait_for_refusal(self, address: str) -> None:
        """Mail to the address has been refused."""
        self._wait_until(lambda: address in self._refused, f"mail to {address} to refuse")

    def _wait_until(self, has_come: Callable[[], bool], what: str) -> None:
        with self._arrival:
            in_time = self._arrival.wait_for(has_come, SECONDS_FOR_A_LETTER)
        assert in_time, f"There was no {what}; {len(self._letters)} mails arrived in all."


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


def reset_link_in_text(text: str) -> str:
    """The link for a forgotten password, which stands on a line of its own."""
    found = RESET_LINK.search(text)
    assert found is not None, f"No link in the mail:\n{text}"
    return found[1]


def lockout_link_in_text(text: str) -> str:
    """The link by which its owner disowns a lockout."""
    found = LOCKOUT_LINK.search(text)
    assert found is not None, f"No link in the mail:\n{text}"
    return found[1]
