"""How a mail is put to the mail server: as Django and smtplib do it, with fewer pauses.

smtplib says from whom a mail is, for whom, and that it is about to come, and waits for an answer each time. Nearly
every server lets all three be said at once (RFC 2920): two waits for a mail instead of four.
"""

from __future__ import annotations

import re
import smtplib
from typing import TYPE_CHECKING

from django.core.mail.backends.smtp import EmailBackend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# To which nothing has to be done, in a header or between < and >. Whatever else there may be is left to the libraries.
PLAIN_ADDRESS = re.compile(r"[a-zA-Z0-9._+=-]+@[a-zA-Z0-9.-]+")
TAKEN, FORWARDED, GOES_ON, GOES_AWAY = 250, 251, 354, 421


class PipeliningBackend(EmailBackend):
    """Django's, with the conversation below."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """What it opens."""
        return _PipeliningOverTLS if self.use_ssl else Pipelining


class Pipelining(smtplib.SMTP):
    """smtplib's, which says at once what it may."""

    def sendmail(  # type: ignore[override]  # without the options, for which nobody asks
        self, from_addr: str, to_addrs: Sequence[str], msg: bytes
    ) -> dict[str, tuple[int, bytes]]:
        """As smtplib's, with the same exceptions."""
        self.ehlo_or_helo_if_needed()
        one_plain_recipient = len(to_addrs) == 1 and all(map(PLAIN_ADDRESS.fullmatch, [from_addr, *to_addrs]))
        if not (one_plain_recipient and self.has_extn("pipelining")):
            return super().sendmail(from_addr, to_addrs, msg)
        size = f" SIZE={len(msg)}" if self.has_extn("size") else ""
        self.send(f"MAIL FROM:<{from_addr}>{size}\r\nRCPT TO:<{to_addrs[0]}>\r\nDATA\r\n")
        if refusal := self._refusal(from_addr, to_addrs[0]):
            raise refusal
        self.put(msg)
        code, said = self.getreply()
        if code != TAKEN:
            if code == GOES_AWAY:
                self.close()
            raise smtplib.SMTPDataError(code, said)
        return {}

    def put(self, msg: bytes) -> None:
        """The mail itself, to a server that waits for it; a line that is a dot would end it."""
        self.send(re.sub(rb"(?m)^\.", b"..", msg.removesuffix(b"\r\n")) + b"\r\n.\r\n")

    def _refusal(self, sender: str, recipient: str) -> smtplib.SMTPException | None:
        """What the first answer that is a no amounts to; the others are read as well, unless the server goes away."""
        first: smtplib.SMTPException | None = None
        steps: tuple[tuple[set[int], Callable[[int, bytes], smtplib.SMTPException]], ...] = (
            ({TAKEN}, lambda code, said: smtplib.SMTPSenderRefused(code, said, sender)),
            ({TAKEN, FORWARDED}, lambda code, said: smtplib.SMTPRecipientsRefused({recipient: (code, said)})),
            ({GOES_ON}, smtplib.SMTPDataError),
        )
        for good, refusal in steps:
            try:
                code, said = self.getreply()
            except smtplib.SMTPServerDisconnected:
                if first:
                    break  # it has said why
                raise
            if code not in good:
                first = first or refusal(code, said)
            # A server that has refused and waits for the mail all the same would take whatever comes next for it.
            if code == GOES_AWAY or (first and code == GOES_ON):
                self.close()
                break
        return first


class _PipeliningOverTLS(Pipelining, smtplib.SMTP_SSL):
    pass
