"""A real SMTP server, which does as it is told and keeps what it is handed; on a free port unless told otherwise."""

from __future__ import annotations

import asyncio
import email.policy
import logging
import re
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    from email.message import EmailMessage
    from types import TracebackType

    from aiosmtpd.smtp import SMTP, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd's own conversation is nobody's concern here

TAKEN = "250 OK"
PASSWORD_LINE = re.compile(r"(?:Passwort|Password):\s+(\S+)")

# What the server says of a mail, an address or a sender; None where it hangs up without a word.
Answer = str | None | Callable[["ReceivedMail"], str | None]


@dataclass(frozen=True)
class ReceivedMail:
    """A mail as it came over the wire."""

    sender: str
    recipient: str
    content: bytes

    @property
    def parsed(self) -> EmailMessage:
        """The mail with headers and parts."""
        return BytesParser(policy=email.policy.default).parsebytes(self.content)

    @property
    def to(self) -> str:
        """The address the mail itself says it is for."""
        return parseaddr(str(self.parsed["To"]))[1]

    @property
    def text(self) -> str:
        """The plain text, with the line ends of this machine."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The same as HTML."""
        return self._part("html")

    @property
    def password(self) -> str:
        """The initial password, as its reader copies it from the plain text."""
        found = PASSWORD_LINE.search(self.text)
        assert found, f"no password in the letter to {self.recipient}"
        return found[1]

    def _part(self, subtype: str) -> str:
        part = self.parsed.get_body((subtype,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class MailServer:
    """What it was handed is in `received`, oldest first; what it says to the next mails is up to the test."""

    port: int = 0
    host: str = "127.0.0.1"
    says_to_sender: str = TAKEN
    says_to_recipient: Callable[[str], str] = lambda _: TAKEN
    says_to_mail: Answer = TAKEN
    # As nearly every server, it does not have to answer before more is said.
    may_be_told_at_once: bool = True
    # A user and a password without which nothing is taken.
    wants_sign_in: tuple[str, str] | None = None
    received: list[ReceivedMail] = field(default_factory=list)
    connections: int = 0
    _controller: Controller | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """The server answers, on the same port as before if it was started before."""
        options: dict[str, Any] = {}
        if self.wants_sign_in is not None:
            options = {"auth_required": True, "auth_require_tls": False, "authenticator": self._authenticate}
        self._controller = _OnAnyFreePort(self, hostname=self.host, port=self.port, **options)
        self._controller.start()
        self.port = self._controller.port
        self.connections = 0  # the controller has knocked at its own door

    def stop(self) -> None:
        """Nobody answers any more."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def let_nobody_else_in(self) -> None:
        """Whoever is connected may stay; may be called while a mail is being answered."""
        assert self._controller is not None
        assert self._controller.server is not None
        self._controller.loop.call_soon_threadsafe(self._controller.server.close)

    @property
    def url(self) -> str:
        """The server as a value of KUNDENPORTAL_SMTP_URL."""
        return f"smtp://{self.host}:{self.port}"

    def mails_to(self, address: str) -> list[ReceivedMail]:
        """The mails received for an address, oldest first."""
        return [mail for mail in self.received if mail.recipient == address]

    def mail_to(self, address: str) -> ReceivedMail:
        """The one mail received for an address."""
        (mail,) = self.mails_to(address)
        return mail

    def wait_for_mail_to(self, address: str, *, seconds: float) -> ReceivedMail:
        """The first mail for an address, as soon as it arrives; fails if it does not within the time."""
        self.wait_until(lambda: bool(self.mails_to(address)), seconds=seconds)
        return self.mails_to(address)[0]

    def wait_until(self, enough: Callable[[], bool], *, seconds: float) -> None:
        """Comes back once what was received is enough; fails if it is not within the time."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not enough():
                left = deadline - time.monotonic()
                assert left > 0, f"not enough within {seconds} s: {[mail.recipient for mail in self.received]}"
                self._changed.wait(left)

    def keep(self, *mails: ReceivedMail) -> None:
        """Puts mails to those received; the server does so itself with every mail it takes."""
        with self._changed:
            self.received.extend(mails)
            self._changed.notify_all()

    async def handle_EHLO(  # noqa: N802 - the names of these methods are aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Counts whoever comes in."""
        session.host_name = hostname
        self.connections += 1
        return [responses[0], "250-PIPELINING", *responses[1:]] if self.may_be_told_at_once else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answers the sender's address."""
        if self.says_to_sender == TAKEN:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.says_to_sender

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answers a recipient's address."""
        answer = self.says_to_recipient(address)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        if answer.startswith("421"):
            _hang_up_after(answer, server)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answers the mail itself, and keeps it if it is taken."""
        content = envelope.content
        assert isinstance(content, bytes)
        assert envelope.mail_from is not None
        mails = [ReceivedMail(envelope.mail_from, recipient, content) for recipient in envelope.rcpt_tos]
        answer = self.says_to_mail
        if callable(answer):
            answer = await asyncio.get_running_loop().run_in_executor(None, answer, mails[0])
        if answer is None:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return TAKEN
        if answer.startswith("421"):
            _hang_up_after(answer, server)
        if answer.startswith("2"):
            self.keep(*mails)
        return answer

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any
    ) -> AuthResult:
        assert self.wants_sign_in is not None
        user, password = (part.encode() for part in self.wants_sign_in)
        # Not handled: the server itself finds the words of the refusal (535).
        return AuthResult(success=(auth_data.login, auth_data.password) == (user, password), handled=False)


def _hang_up_after(answer: str, server: SMTP) -> None:
    # 421 is the one answer that announces the end of the connection (RFC 5321, 3.8).
    transport = server.transport
    assert transport is not None
    server.loop.call_soon(transport.close)


class _OnAnyFreePort(Controller):
    """Leaves the choice of the port to the system, and then says which one it is."""

    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            # It advises against signing in without TLS, rightly; nothing here leaves the machine.
            warnings.simplefilter("ignore")
            smtp: SMTP = super().factory()  # type: ignore[no-untyped-call]
            return smtp

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        super()._trigger_server()  # type: ignore[no-untyped-call]
