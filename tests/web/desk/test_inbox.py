"""What came in is shown with what came of it; what was set aside first, and nothing of it is ever run or styled."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.incoming import RETURN_ADDRESS, VACATION, html_letter, letter, report
from kundenportal.domain.inbox import operations
from kundenportal.domain.inbox.rules.keeping import Mailbox, Outcome, Place, SetAside, Trouble
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.kernel import clock
from kundenportal.web.desk.inbox import OUTCOMES, SET_ASIDE, TROUBLES
from web.pages import Page
from web.residents import letter_holder, too_late

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

    from kundenportal.domain.inbox.models import MailboxState, ReceivedMail

pytestmark = pytest.mark.django_db

LIST = "/desk/inbox/"
MAILBOX = Mailbox("imap.example.org", 993, "service@example.org", "secret", "tls")


@pytest.fixture(autouse=True)
def _mailbox(settings: Settings) -> None:
    settings.RETURN_ADDRESS = RETURN_ADDRESS
    settings.MAILBOX = MAILBOX


def mailbox() -> MailboxState:
    return operations.meet(operations.mailbox_named(MAILBOX.name, now=clock.now()), 1)


def came_in(raw: bytes) -> ReceivedMail:
    state = mailbox()
    return operations.take_in(state, Place(1, state.uid + 1), raw, now=clock.now())


def page_of(desk: Client, received: ReceivedMail) -> Page:
    return Page(desk.get(f"{LIST}{received.pk}/"))


def test_what_is_set_aside_comes_first_and_is_put_away_once(desk: Client) -> None:
    set_aside, other = came_in(report("k" * 26)), came_in(letter(subject="Meine Frage"))
    page = Page(desk.get(LIST))
    assert page.main.text.index("Undelivered Mail") < page.main.text.index("Meine Frage")
    assert "Ein Zustellbericht, der keine unserer E-Mails nennt." in page.main.text
    shown = page_of(desk, set_aside)
    response = shown.form("Ablegen").press(desk, "Ablegen")
    assert response.headers["Location"] == LIST
    assert "abgelegt" in Page(desk.get(LIST)).notices[0]
    assert "bitte ansehen" not in Page(desk.get(LIST)).main.text
    assert "HR-Service" in page_of(desk, set_aside).main.text
    assert desk.post(f"{LIST}{other.pk}/").headers["Location"] == LIST
    assert "schon jemand abgelegt" in Page(desk.get(LIST)).notices[0]


def test_a_letter_is_shown_as_plain_text(desk: Client) -> None:
    received = came_in(html_letter("<p>Guten Tag</p><script>alert(1)</script>&lt;b&gt;fett&lt;/b&gt;"))
    page = page_of(desk, received)
    (text,) = page.all("pre")
    assert text.text == "Guten Tag <b>fett</b>"
    assert not page.main.all("script")
    assert not page.main.all("b")


def test_what_came_of_a_letter_is_linked(desk: Client) -> None:
    received = came_in(letter())
    assert received.intake is not None
    links = page_of(desk, received).links
    assert links[received.intake.reference] == f"/desk/intakes/{received.intake.pk}/"


def test_a_letter_that_opened_a_check_says_whose(desk: Client) -> None:
    holder = too_late()
    received = came_in(letter(holder.address))
    assert received.outcome == Outcome.CHECK_OPENED
    text = page_of(desk, received).main.text
    assert "Prüfung der Berechtigung eröffnet" in text
    assert holder.account.name in text


def test_a_report_says_which_mail_it_is_about_and_not_what_it_said(desk: Client) -> None:
    holder = letter_holder()
    key = OutgoingMail.objects.get(recipient=holder.address).key
    page = page_of(desk, came_in(report(key)))
    assert "Diese Adresse gibt es nicht." in page.main.text
    assert page.links[holder.address].startswith("/desk/mails/?q=buero%40")
    assert "fkmr" not in page.main.text
    assert not page.all("pre")


def test_what_a_machine_sent_is_shown_without_its_text(desk: Client) -> None:
    page = page_of(desk, came_in(VACATION))
    assert "Automatisch versandt" in page.main.text
    assert "nicht im Haus" not in page.main.text


def test_a_mail_without_a_subject_can_be_opened(desk: Client) -> None:
    received = came_in(b"From: anna@example.org\n\nHallo\n")
    assert Page(desk.get(LIST)).links["(ohne Betreff)"] == f"{LIST}{received.pk}/"


def test_an_empty_inbox_says_what_will_be_in_it(desk: Client) -> None:
    assert "Noch nichts eingegangen" in Page(desk.get(LIST)).main.text


@pytest.mark.parametrize("number", ["0", "999999999", "9" * 18, "9" * 30])
def test_a_mail_there_is_not_is_not_there(desk: Client, number: str) -> None:
    assert desk.get(f"{LIST}{number}/").status_code == 404


# The mailbox


def test_how_the_mailbox_stands_is_said_above(desk: Client, settings: Settings) -> None:
    def said() -> str:
        return Page(desk.get(LIST)).main.text

    assert "Das Postfach wurde noch nicht gelesen." in said()
    operations.note_read(mailbox(), now=clock.now())
    assert "Das Postfach wurde zuletzt am" in said()
    operations.note_trouble(mailbox(), Trouble.NOT_LET_IN, now=clock.now())
    assert "konnte das Postfach nicht gelesen werden. Der Server lehnt Benutzer oder Passwort ab." in said()
    operations.note_read(mailbox(), now=clock.now() - timedelta(minutes=10))
    assert "konnte das Postfach nicht gelesen werden." in said()
    settings.MAILBOX = None
    assert "Das Portal liest noch kein Postfach." in said()


def test_there_are_words_for_everything() -> None:
    assert (set(OUTCOMES), set(SET_ASIDE), set(TROUBLES)) == (set(Outcome), set(SetAside), set(Trouble))
