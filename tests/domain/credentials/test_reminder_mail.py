"""What the reminder says, read as it comes out of the mail server."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import NOW, delivered, issued
from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.credentials.operations.reminders import queue_due_reminders
from kundenportal.domain.mail.delivery import deliver_due_mails

if TYPE_CHECKING:
    from pytest_django import Settings

    from factories.mail_server import MailServer, ReceivedMail

pytestmark = pytest.mark.django_db

LINE = 78
LONGEST_NAMES_OF_DAYS = ["2026-08-27T08:00:00+00:00", "2026-09-24T08:00:00+00:00", "2026-08-26T08:00:00+00:00"]


def reminded(
    mail_server: MailServer, language: Language, *, name: str = "Büro Musterland", now: datetime = NOW
) -> tuple[ReceivedMail, ReceivedMail]:
    """An access letter and the first reminder of it."""
    account, _ = delivered(mail_server, issued(language=language, name=name, now=now), now=now)
    due_at = now + timedelta(days=14)
    queue_due_reminders(now=due_at)
    deliver_due_mails(clock=lambda: due_at)
    letter, reminder = mail_server.mails_to(account.address)
    return letter, reminder


def parts_of(mail: ReceivedMail) -> list[str]:
    """Plain text and HTML, each as one line and without emphasis."""
    return [" ".join(part.split()) for part in (mail.text, re.sub("</?strong>", "", mail.html))]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            Language.GERMAN,
            ["Guten Tag Büro Musterland", "am 23. November 2026 haben wir Ihnen", "E-Mail vom 23. November 2026",
             "nur noch bis Montag, 21. Dezember 2026, 10:00 Uhr", "Antworten Sie einfach auf diese Nachricht",
             "inzwischen angemeldet", "Montag bis Freitag, 7:00 bis 17:00 Uhr", "fragen wir Sie niemals"],
        ),
        (
            Language.ENGLISH,
            ["Dear Büro Musterland", "On 23 November 2026 we sent you", "e-mail of 23 November 2026",
             "only until Monday, 21 December 2026, 10:00 (time in Germany)", "Just answer this message",
             "signed in meanwhile", "Monday to Friday, 7:00 to 17:00", "never ask for your password"],
        ),
    ],
)  # fmt: skip
def test_the_reminder_says_everything_one_needs_twice_over(
    mail_server: MailServer, settings: Settings, language: Language, words: list[str]
) -> None:
    settings.BASE_URL = "https://portal.example.org"
    letter, reminder = reminded(mail_server, language)
    everything = [
        *(reminder.recipient, "https://portal.example.org", str(letter.parsed["Subject"])),
        *("hr@comramo.de", "+49 511 12401-769", *words),
    ]
    for part in parts_of(reminder):
        for words_needed in everything:
            assert words_needed in part


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        (Language.GERMAN, "Kundenportal COMRAMO: Bitte melden Sie sich bis 21. Dezember 2026 an"),
        (Language.ENGLISH, "Kundenportal COMRAMO: please sign in by 21 December 2026"),
    ],
)
def test_the_subject_says_by_when_and_an_answer_reaches_the_service_desk(
    mail_server: MailServer, language: Language, subject: str
) -> None:
    _, reminder = reminded(mail_server, language)
    assert reminder.parsed["Subject"] == subject
    assert reminder.parsed["Reply-To"] == "hr@comramo.de"


@pytest.mark.parametrize(
    ("handed_over_at", "until"),
    [
        ("2026-10-01T08:00:00+00:00", "Donnerstag, 29. Oktober 2026, 09:00 Uhr"),
        ("2027-03-10T09:00:00+00:00", "Mittwoch, 7. April 2027, 11:00 Uhr"),
        ("2026-12-31T23:30:00+00:00", "Freitag, 29. Januar 2027, 00:30 Uhr"),
    ],
)
def test_the_end_is_told_in_the_time_people_live_by(mail_server: MailServer, handed_over_at: str, until: str) -> None:
    _, reminder = reminded(mail_server, Language.GERMAN, now=datetime.fromisoformat(handed_over_at))
    assert all(until in part for part in parts_of(reminder))


@pytest.mark.parametrize("language", list(Language))
def test_the_password_is_in_the_letter_only(mail_server: MailServer, language: Language) -> None:
    letter, reminder = reminded(mail_server, language)
    for form in (letter.password, letter.password.replace("-", "")):
        assert form not in reminder.text
        assert form not in reminder.html


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("made_at", LONGEST_NAMES_OF_DAYS)
def test_no_line_is_wider_than_a_terminal(mail_server: MailServer, language: Language, made_at: str) -> None:
    _, reminder = reminded(mail_server, language, now=datetime.fromisoformat(made_at))
    assert [line for line in reminder.text.split("\n") if len(line) > LINE] == []
    assert not re.search(r"[^\S\n]\n", reminder.text), "blanks at the end of a line"
    assert "&" not in reminder.text
    assert "\n\n\n" not in reminder.text


def test_a_name_is_nothing_but_a_name(mail_server: MailServer) -> None:
    _, reminder = reminded(mail_server, Language.GERMAN, name="<b>&{{ letter_subject }}")
    assert "Guten Tag <b>&{{ letter_subject }}," in reminder.text
    assert "&lt;b&gt;&amp;{{ letter_subject }}" in reminder.html
