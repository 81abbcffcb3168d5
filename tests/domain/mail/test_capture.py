"""The demonstration keeps its mail in a folder, where it can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives

from kundenportal.domain.mail.capture import CaptureBackend, begin_capturing, captured_mail, captured_mails

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.CAPTURED_MAIL = tmp_path / "captured-mail"
    return tmp_path / "captured-mail"


def send(subject: str, *, date: str, html: str = "") -> None:
    mail = EmailMultiAlternatives(
        subject, "Grüße\n", "dienst@example.org", ["anna@example.org"], headers={"Date": date}
    )
    if html:
        mail.attach_alternative(html, "text/html")
    assert CaptureBackend().send_messages([mail]) == 1


def test_a_captured_mail_is_read_as_it_would_have_been_sent() -> None:
    send("Grüße aus Köln", date="Mon, 23 Nov 2026 09:00:00 +0000", html="<p>Grüße</p>")
    (mail,) = captured_mails()
    assert (mail.subject, mail.sender, mail.recipient) == ("Grüße aus Köln", "dienst@example.org", "anna@example.org")
    assert (mail.text.strip(), mail.html.strip()) == ("Grüße", "<p>Grüße</p>")
    assert mail.sent_at.isoformat() == "2026-11-23T09:00:00+00:00"
    assert captured_mail(mail.key) == mail


def test_the_newest_captured_mail_comes_first() -> None:
    for hour in (9, 11, 10):
        send(f"at {hour}", date=f"Mon, 23 Nov 2026 {hour:02}:00:00 +0000")
    assert [mail.subject for mail in captured_mails()] == ["at 11", "at 10", "at 9"]


def test_a_mail_of_no_time_zone_was_sent_at_that_time_in_utc() -> None:
    send("from Django", date="Mon, 23 Nov 2026 09:00:00 -0000")
    assert captured_mails()[0].sent_at.isoformat() == "2026-11-23T09:00:00+00:00"


def test_a_mail_without_html_has_none() -> None:
    send("plain", date="Mon, 23 Nov 2026 09:00:00 +0000")
    assert captured_mails()[0].html == ""


def test_a_key_that_was_never_given_out_finds_nothing() -> None:
    assert captured_mail("../../etc/passwd") is None


def test_capturing_begins_with_an_empty_folder(folder: Path) -> None:
    begin_capturing()
    assert sorted(part.name for part in folder.iterdir()) == ["cur", "new", "tmp"]
    assert captured_mails() == []


def test_nobody_else_on_the_machine_may_read_captured_mail(folder: Path) -> None:
    begin_capturing()
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_somebody_has_made_already_is_good_enough(folder: Path) -> None:
    folder.mkdir()
    CaptureBackend().send_messages([EmailMessage("Hinweis", "Text", "dienst@example.org", ["anna@example.org"])])
    assert captured_mails()[0].subject == "Hinweis"
