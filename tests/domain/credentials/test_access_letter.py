"""What the access letter says, read as it comes out of the mail server."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, active, delivered, issued
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.credentials import mails
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import GIVE_UP_AFTER, State

if TYPE_CHECKING:
    from pytest_django import Settings

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

LINE = 78
LONGEST_DATES = ["2026-08-27T08:00:00+00:00", "2026-09-24T08:00:00+00:00", "2026-08-26T08:00:00+00:00"]


def at(instant: str) -> datetime:
    return datetime.fromisoformat(instant)


def letter_in(mail_server: MailServer, language: Language, *, now: datetime = NOW) -> tuple[str, str, str]:
    """Text, HTML and password of a letter in that language."""
    account, password = delivered(mail_server, issued(language=language, now=now), now=now)
    received = mail_server.mail_to(account.address)
    return received.text, received.html, password


@pytest.mark.parametrize(
    ("language", "made_at", "until", "made"),
    [
        (Language.GERMAN, "2026-11-23T09:00:00+00:00", "Montag, 21. Dezember 2026, 10:00 Uhr",
         "Montag, 23. November 2026, 10:00:00 Uhr"),
        (Language.GERMAN, "2026-10-01T08:00:59+00:00", "Donnerstag, 29. Oktober 2026, 09:00 Uhr",
         "Donnerstag, 1. Oktober 2026, 10:00:59 Uhr"),
        (Language.GERMAN, "2027-03-10T09:00:00+00:00", "Mittwoch, 7. April 2027, 11:00 Uhr",
         "Mittwoch, 10. März 2027, 10:00:00 Uhr"),
        (Language.GERMAN, "2026-12-31T23:30:00+00:00", "Freitag, 29. Januar 2027, 00:30 Uhr",
         "Freitag, 1. Januar 2027, 00:30:00 Uhr"),
        (Language.ENGLISH, "2026-11-23T09:00:00+00:00", "Monday, 21 December 2026, 10:00",
         "Monday, 23 November 2026, 10:00:00"),
        (Language.ENGLISH, "2026-10-01T08:00:59+00:00", "Thursday, 29 October 2026, 09:00",
         "Thursday, 1 October 2026, 10:00:59"),
        (Language.ENGLISH, "2027-03-10T09:00:00+00:00", "Wednesday, 7 April 2027, 11:00",
         "Wednesday, 10 March 2027, 10:00:00"),
    ],
)  # fmt: skip
def test_the_letter_says_by_when_in_the_time_people_live_by(
    mail_server: MailServer, language: Language, made_at: str, until: str, made: str
) -> None:
    text, html, _ = letter_in(mail_server, language, now=at(made_at))
    for part in (as_one_line(text), as_one_line(re.sub("</?strong>", "", html))):
        assert until in part
        assert made in part


def as_one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            Language.GERMAN,
            ["Guten Tag Büro Musterland", "E-Mail-Adresse:", "Passwort:", "Neues Passwort erstellen",
             "Profil aktualisieren", "der neuesten", "Montag bis Freitag, 7:00 bis 17:00 Uhr",
             "fragen wir Sie niemals"],
        ),
        (
            Language.ENGLISH,
            ["Dear Büro Musterland", "E-mail address:", "Password:", "Create new password", "Update profile",
             "newest one", "Monday to Friday, 7:00 to 17:00", "never ask for your password"],
        ),
    ],
)  # fmt: skip
def test_the_letter_says_everything_one_needs_twice_over(
    mail_server: MailServer, settings: Settings, language: Language, words: list[str]
) -> None:
    settings.BASE_URL = "https://portal.example.org"
    account, password = delivered(mail_server, issued(language=language))
    received = mail_server.mail_to(account.address)
    everything = [
        *(account.address, password, "https://portal.example.org", "Kundenportal COMRAMO"),
        *("hr@comramo.de", "+49 511 12401-769", *words),
    ]
    for part in (as_one_line(received.text), as_one_line(received.html)):
        for words_needed in everything:
            assert words_needed in part


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        (Language.GERMAN, "Ihr Zugang zum Kundenportal COMRAMO"),
        (Language.ENGLISH, "Your access to Kundenportal COMRAMO"),
    ],
)
def test_the_letter_has_a_subject_a_sender_and_somebody_to_reply_to(
    mail_server: MailServer, language: Language, subject: str
) -> None:
    account, _ = delivered(mail_server, issued(language=language))
    headers = mail_server.mail_to(account.address).parsed
    assert headers["Subject"] == subject
    assert headers["From"] == "Kundenportal COMRAMO <hr@comramo.de>"
    assert headers["Reply-To"] == "hr@comramo.de"
    assert headers["To"] == account.address
    assert headers["Auto-Submitted"] == "auto-generated"
    assert str(headers["Message-ID"]).endswith("@comramo.de>")


def test_an_operator_may_send_from_another_address_and_replies_still_reach_the_service_desk(
    mail_server: MailServer, settings: Settings
) -> None:
    settings.MAIL_FROM = "portal@example.org"
    account, _ = delivered(mail_server)
    received = mail_server.mail_to(account.address)
    assert received.sender == "portal@example.org"
    assert received.parsed["From"] == "Kundenportal COMRAMO <portal@example.org>"
    assert received.parsed["Reply-To"] == "hr@comramo.de"


def test_the_html_says_which_language_it_is_in(mail_server: MailServer) -> None:
    for language in Language:
        _, html, _ = letter_in(mail_server, language)
        assert f'<html lang="{language}">' in html


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("made_at", LONGEST_DATES)
def test_no_line_is_wider_than_a_terminal(mail_server: MailServer, language: Language, made_at: str) -> None:
    text, _, password = letter_in(mail_server, language, now=at(made_at))
    assert [line for line in text.split("\n") if len(line) > LINE] == []
    assert f" {password}\n" in text, "the password stands on one line, at its end"
    assert not re.search(r"[^\S\n]\n", text), "blanks at the end of a line"
    assert "&" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("changed_at", LONGEST_DATES)
def test_no_line_of_the_other_mail_is_wider_either(
    mail_server: MailServer, language: Language, changed_at: str
) -> None:
    account = active(mail_server, issued(language=language, now=at(changed_at)), now=at(changed_at))
    text = mail_server.mails_to(account.address)[-1].text
    assert [line for line in text.split("\n") if len(line) > LINE] == []
    assert "\n\n\n" not in text


def test_a_name_is_nothing_but_a_name(mail_server: MailServer) -> None:
    name = 'X\nBcc: eve@example.org\n\n<b>&{{ password }}{% now "Y" %}"'
    account, _ = delivered(mail_server, issued(name=name))
    (received,) = mail_server.received
    assert received.parsed["Bcc"] is None
    assert received.recipient == account.address
    assert 'Guten Tag X Bcc: eve@example.org <b>&{{ password }}{% now "Y" %}",' in received.text
    assert "<b>" not in received.html
    assert "&lt;b&gt;&amp;" in received.html


def test_a_name_cannot_give_orders_to_the_readers_terminal(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server, issued(name="Anna\x1b[2J Beispiel\u202e"))
    text = mail_server.mail_to(account.address).text
    assert not [sign for sign in text if sign in "\x1b\u202e"]


def test_the_language_is_the_accounts_at_the_time_of_sending(mail_server: MailServer) -> None:
    account = issued(language=Language.GERMAN)
    accounts.choose_language(account, Language.ENGLISH, now=NOW, origin=AT_HOME)
    delivered(mail_server, account)
    assert "Dear Büro Musterland" in mail_server.mail_to(account.address).text


# The mail about a changed password


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        (Language.GERMAN, "Kundenportal COMRAMO: Ihr Passwort wurde geändert", "Montag, 23. November 2026, 10:00 Uhr"),
        (Language.ENGLISH, "Kundenportal COMRAMO: your password was changed", "Monday, 23 November 2026, 10:00"),
    ],
)
def test_a_changed_password_is_told_to_its_owner_without_the_password(
    mail_server: MailServer, language: Language, subject: str, words: str
) -> None:
    account = active(mail_server, issued(language=language))
    letter, told = mail_server.mails_to(account.address)
    assert told.parsed["Subject"] == subject
    for part in (as_one_line(told.text), as_one_line(re.sub("</?strong>", "", told.html))):
        assert words in part
        assert account.address in part
        assert "+49 511 12401-769" in part
        assert letter.password not in part
        assert "Regen" not in part


def test_a_mail_to_an_account_that_is_gone_is_not_sent(mail_server: MailServer) -> None:
    queued = mail.queue(mails.PASSWORD_CHANGED, recipient="gone@example.org", now=NOW)
    assert deliver_due_mails(clock=lambda: NOW) == 0
    assert OutgoingMail.objects.get(pk=queued.pk).state == State.NOT_NEEDED


def test_a_mail_about_a_changed_password_may_fail_without_consequence(mail_server: MailServer) -> None:
    account = issued()
    delivered(mail_server, account)
    queued = mail.queue(mails.PASSWORD_CHANGED, recipient=account.address, now=NOW - GIVE_UP_AFTER)
    mail_server.says_to_recipient = lambda _: "450 Not now"
    deliver_due_mails(clock=lambda: NOW)
    assert OutgoingMail.objects.get(pk=queued.pk).state == State.FAILED
