"""What has come into the demonstration's mailbox: something of everything the desk may meet there."""

from __future__ import annotations

from email.message import EmailMessage
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MAILBOX = "vorfuehrung"
LETTERS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "Anna Muster <anna.muster@example.org>",
        "Zugang für unsere Kita",
        "Guten Tag,\n\nwir sind neu und brauchen einen Zugang.\nBitte rufen Sie mich an: 0511 00000.\n",
        {},
    ),
    (
        "Büro Musterland <buero@musterland.example.org>",
        "Frage zum Profil",
        "Guten Tag,\n\nwo kann ich den Namen ändern, mit dem Sie mich anschreiben?\n\n> Passwort: …\n",
        {},
    ),
    (
        "Pflegedienst <pflege@beispielhausen.example.org>",
        "Abwesenheitsnotiz",
        "Ich bin bis Montag nicht im Haus.\n",
        {"Auto-Submitted": "auto-replied"},
    ),
    ("", "Ohne Absender", "Hallo?\n", {}),
)


def take_in_letters(*, now: datetime) -> None:
    """Takes in what came into the mailbox; the same letters a second time are known, and change nothing."""
    from kundenportal.domain.inbox import operations as inbox
    from kundenportal.domain.inbox.rules.keeping import Place

    mailbox = inbox.mailbox_named(MAILBOX, now=now)
    for uid, letter in enumerate(LETTERS, start=1):
        inbox.take_in(mailbox, Place(1, uid), _written(*letter), now=now)


def send_letter_back(address: str, *, now: datetime) -> None:
    """Whatever was sent to that address has come back: nobody is known there."""
    from kundenportal.domain.mail import operations as mail
    from kundenportal.domain.mail.queries import mails_page
    from kundenportal.domain.mail.rules import Action, Report

    report = Report(Action.FAILED, "5.1.1", f"smtp; 550 5.1.1 <{address}>: Recipient address rejected: User unknown")
    for sent in mails_page(recipient=address).rows:
        mail.note_report(sent.key, report, now=now)


def _written(sender: str, subject: str, text: str, headers: dict[str, str]) -> bytes:
    letter = EmailMessage()
    if sender:
        letter["From"] = sender
    letter["Subject"] = subject
    for name, value in headers.items():
        letter[name] = value
    letter.set_content(text)
    return letter.as_bytes()
