"""What is sent is what Django's e-mail library would have made of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.mail import BadHeaderError, EmailMultiAlternatives

from kundenportal.domain.mail import message
from kundenportal.domain.mail.message import Message

PLAIN = {"subject": "Access", "to": "kita@example.org", "text": "Hello\n.\nFrom here\n", "html": "<p>Hello</p>"}
SENDER = "=?utf-8?q?Kundenportal_f=C3=BCr_Kitas?= <portal@example.org>"


def mail(subject: str, to: str, text: str, html: str) -> Message:
    return Message(
        subject=subject,
        body=text,
        html=html,
        from_email=SENDER,
        to=[to],
        reply_to=["service@example.org"],
        headers={"Auto-Submitted": "auto-generated", "From": SENDER, "Message-ID": "<1@example.org>"},
    )


@pytest.mark.parametrize(
    "differs",
    [
        {},
        {"subject": "Ihr Zugang für die Kindertagesstätte am Großen Müßiggang, die einen langen Namen hat, und mehr"},
        {"subject": "An access " * 12},
        {"text": "Grüße, Łukasz 🎈\n\n", "html": "<p>Grüße</p>\n"},
        {"text": "Umbrüche\r\nvon anderswo\r"},
        {"html": "ü" * 600},
        {"to": "o'neil@example.org"},
        {"to": "kita@bücher.example"},
        {"to": f"{'kita' * 15}@{'longer.' * 8}example.org"},
    ],
)
def test_it_is_what_django_would_have_made(monkeypatch: pytest.MonkeyPatch, differs: dict[str, str]) -> None:
    monkeypatch.setattr(message, "random_token", lambda: "boundary")
    ours = mail(**{**PLAIN, **differs})
    theirs: Any = EmailMultiAlternatives.message(ours)
    theirs.set_boundary("boundary")
    for linesep in ("\n", "\r\n"):
        assert undated(ours.message().as_bytes(linesep=linesep)) == undated(theirs.as_bytes(linesep=linesep))


@pytest.mark.parametrize("differs", [{"subject": "a\nBcc: b"}, {"to": "a@example.org\r\nBcc: b"}])
def test_no_header_can_be_smuggled_in(differs: dict[str, str]) -> None:
    with pytest.raises(BadHeaderError):
        mail(**{**PLAIN, **differs}).message()


def undated(content: bytes) -> bytes:
    return re.sub(rb"Date: [^\r\n]+", b"", content)
