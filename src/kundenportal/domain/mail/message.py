"""A letter as it is sent: what Django's e-mail library would make of it, byte for byte, for a fraction of its time."""

from __future__ import annotations

from email.policy import compat32
from email.utils import formatdate, parseaddr
from functools import lru_cache
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import RFC5322_EMAIL_LINE_LENGTH_LIMIT, forbid_multi_line_headers

from kundenportal.kernel.randomness import random_token

from .smtp import PLAIN_ADDRESS

ENCODING = "utf-8"
# So long a header is not folded.
_SHORT = 60


class Message(EmailMultiAlternatives):
    """A mail to one person, as text and as HTML.

    What the envelope needs is told apart already: to read an address takes Django as long as to write the mail.
    """

    def __init__(self, *, from_email: str, html: str, **options: Any) -> None:  # noqa: ANN401 - Django's
        super().__init__(**options)
        _, sender = parseaddr(from_email)
        self.from_email = ("", sender)  # type: ignore[assignment]  # the header says more
        self.attach_alternative(html, "text/html")

    def recipients(self) -> list[Any]:
        """Whom it is for."""
        return [("", address) for address in super().recipients()]

    def message(self, **options: Any) -> Any:  # noqa: ANN401 - likewise
        """What is sent."""
        boundary = random_token()
        parts = [(str(self.body), "plain"), (str(self.alternatives[0][0]), "html")]
        if any(_has_to_be_encoded(text) for text, _ in parts):
            message = super().message(**options)
            # Or else one is looked for in the whole mail, with a search made for this one time.
            message.set_boundary(boundary)
            return message
        return _Written(
            [
                f'Content-Type: multipart/alternative; boundary="{boundary}"',
                "MIME-Version: 1.0",
                *self._headers(),
                "",
                *(line for text, subtype in parts for line in _part(text, subtype, boundary)),
                f"--{boundary}--",
                "",
            ]
        )

    def _headers(self) -> list[str]:
        others = dict(self.extra_headers)
        sender = others.pop("From")
        return [
            _header("Subject", str(self.subject)),
            _header("From", sender),
            *(_address_header("To", address) for address in self.to),
            *(_address_header("Reply-To", address) for address in self.reply_to),
            f"Date: {formatdate()}",
            *(_header(name, value) for name, value in others.items() if name != "Message-ID"),
            _number(others["Message-ID"]),
        ]


class _Written:
    """A mail that is ready, asked for as the e-mail library's are."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def as_bytes(self, *, linesep: str = "\n") -> bytes:
        """All of it."""
        return "\n".join(self._lines).replace("\n", linesep).encode()  # a header may be on several lines


def _has_to_be_encoded(text: str) -> bool:
    return "\r" in text or max(map(len, text.encode().split(b"\n"))) > RFC5322_EMAIL_LINE_LENGTH_LIMIT


def _part(text: str, subtype: str, boundary: str) -> list[str]:
    return [
        f"--{boundary}",
        f'Content-Type: text/{subtype}; charset="{ENCODING}"',
        "MIME-Version: 1.0",
        f"Content-Transfer-Encoding: {'7bit' if text.isascii() else '8bit'}",
        "",
        *text.split("\n"),
    ]


def _address_header(name: str, address: str) -> str:
    if len(address) <= _SHORT and PLAIN_ADDRESS.fullmatch(address):
        return f"{name}: {address}"
    return _header(name, address)


def _number(value: str) -> str:
    return f"Message-ID: {value}" if value.isascii() and value.isprintable() else _header("Message-ID", value)


@lru_cache(maxsize=64)  # nearly all of them are the same in every letter
def _header(name: str, value: str) -> str:
    name, value = forbid_multi_line_headers(name, value, ENCODING)
    return compat32.fold(name, value).removesuffix("\n")
