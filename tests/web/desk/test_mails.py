"""The mail log says in plain words what became of every mail, and sends again what may be sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.mail import operations
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.kinds import kind_names
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.queries import PAGE_SIZE
from kundenportal.domain.mail.rules import Action, Meaning, Report, Standing, State, Trouble, standing
from kundenportal.kernel import clock
from kundenportal.web.desk.mail_words import KIND_LABELS, MEANINGS, STANDING_LABELS, STANDING_SIGNS, TROUBLES
from web.pages import Page
from web.residents import attempt, issue, letter_holder, newcomer, password_in_letter, settled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.test import Client

pytestmark = pytest.mark.django_db

LIST = "/desk/mails/"
PATH = "/desk/mails/send-again/"
WRONG_ADDRESS = Report(Action.FAILED, "5.1.1", "smtp; 550 5.1.1 User unknown")


def came_back(address: str, report: Report = WRONG_ADDRESS) -> OutgoingMail:
    """The newest mail to that address has come back."""
    mail = OutgoingMail.objects.filter(recipient=address).latest("pk")
    return operations.note_report(mail.key, report, now=clock.now())


def rows(client: Client, query: str = "") -> list[str]:
    """What each row of the log says."""
    return [row.text for row in Page(client.get(f"{LIST}{query}")).all("tr")[1:]]


def row_of(client: Client, address: str) -> str:
    (row,) = [row for row in rows(client, f"?q={address}") if address in row]
    return row


def test_a_letter_that_came_back_is_shown_in_plain_words_with_the_servers_own_beside_them(desk: Client) -> None:
    letter_holder()
    came_back("buero@musterland.example.org")
    row = row_of(desk, "buero@musterland.example.org")
    assert "Zugangsdaten" in row
    assert "zurückgekommen" in row
    assert "Diese Adresse gibt es nicht. Bitte fragen Sie nach der richtigen." in row
    assert "Wortlaut des Servers" in row
    assert "5.1.1 smtp 550 5.1.1 user unknown" in row


def test_a_refusal_by_policy_does_not_blame_the_address(desk: Client) -> None:
    letter_holder()
    came_back("buero@musterland.example.org", Report(Action.FAILED, "5.7.1"))
    assert "Die Adresse kann durchaus stimmen." in row_of(desk, "buero@musterland.example.org")


def test_a_letter_that_came_back_is_replaced_by_a_new_one_that_works(desk: Client, client: Client) -> None:
    account = letter_holder().account
    mail = came_back(account.address)
    page = Page(desk.get(LIST))
    (form,) = (each for each in page.all("form", action=PATH))
    (button,) = form.all("button")
    assert account.address in button.text
    response = page.form(button.text).press(desk, button.text)
    assert response.headers["Location"] == LIST
    after = Page(desk.get(LIST))
    assert account.address in after.notices[0]
    assert not after.all("form", action=PATH)
    assert AccessLetter.objects.filter(account=account).count() == 2
    deliver_due_mails(clock=clock.now)
    assert attempt(client, account.address, password_in_letter(account.address)).status_code == 302
    desk.post(PATH, {"mail": mail.pk})
    assert AccessLetter.objects.filter(account=account).count() == 2


def test_another_mail_that_came_back_goes_out_once_more(desk: Client) -> None:
    settled("kasse@example.org")
    deliver_due_mails(clock=clock.now)
    mail = came_back("kasse@example.org")
    assert mail.kind == "password_changed"
    here = f"{LIST}?q=kasse&kind=password_changed"
    page = Page(desk.get(here))
    (button,) = page.all("form", action=PATH)[0].all("button")
    answer = page.form(button.text).press(desk, button.text)
    assert answer.headers["Location"] == here, "what was looked for is shown again"
    deliver_due_mails(clock=clock.now)
    mail.refresh_from_db()
    assert mail.state == State.HANDED_OVER


def test_where_it_would_not_help_it_is_neither_offered_nor_done(desk: Client) -> None:
    arrived = letter_holder("a@example.org")
    used = newcomer("b@example.org")
    came_back(used.address)
    desk.post("/password/forgotten/", {"address": "c@example.org"})
    deliver_due_mails(clock=clock.now)
    came_back("c@example.org")
    before = list(OutgoingMail.objects.values_list("pk", "state"))
    assert not Page(desk.get(LIST)).all("form", action=PATH)
    for address in (arrived.address, used.address, "c@example.org"):
        mail = OutgoingMail.objects.filter(recipient=address).latest("pk")
        assert desk.post(PATH, {"mail": mail.pk}).headers["Location"] == LIST
    assert list(OutgoingMail.objects.values_list("pk", "state")) == before


@pytest.mark.parametrize("number", ["0", "999999999", "9" * 18, "9" * 30, "-1", "", "x"])
def test_a_mail_there_is_not_is_not_there(desk: Client, number: str) -> None:
    assert desk.post(PATH, {"mail": number}).status_code == 404


def test_the_log_is_narrowed_down_by_recipient_state_and_kind(desk: Client) -> None:
    letter_holder("anna@example.org")
    letter_holder("bert@example.org")
    came_back("bert@example.org")
    issue("cora@example.org")
    assert len(rows(desk)) == 5  # the desk's own letter and its owner's choice of a password, too
    assert "bert@example.org" in rows(desk, "?state=bounced")[0]
    assert [("cora@example.org" in row) for row in rows(desk, "?state=waiting&kind=access_letter")] == [True]
    assert len(rows(desk, "?q=ANNA")) == 1
    assert Page(desk.get(f"{LIST}?q=anna&state=bounced")).main.text.count("Keine E-Mail passt zu dieser Suche") == 1
    for nonsense in ("?state=nonsense", "?after=x&before=", "?q=%00"):
        assert desk.get(f"{LIST}{nonsense}").status_code == 200


def test_one_can_leaf_through_the_log_and_keeps_what_it_was_narrowed_down_to(desk: Client) -> None:
    for number in range(PAGE_SIZE + 1):
        operations.queue("access_letter", recipient=f"{number}@example.org", now=clock.now())
    first = Page(desk.get(f"{LIST}?state=waiting&q=example"))
    onward = first.links["Nächste Seite"]
    assert "state=waiting" in onward
    second = Page(desk.get(onward))
    assert len(first.all("tr")) == PAGE_SIZE + 1
    assert "0@example.org" in second.main.text
    assert "Vorige Seite" in second.links or "Vorherige Seite" in second.links
    assert desk.get(f"{LIST}?after=1&state=waiting").headers["Location"] == f"{LIST}?state=waiting"


def test_an_empty_log_says_what_will_be_in_it(desk: Client) -> None:
    AccessLetter.objects.all().delete()
    OutgoingMail.objects.all().delete()
    assert "Noch keine E-Mail gesendet" in Page(desk.get(LIST)).main.text


def test_the_list_of_accounts_says_the_same_of_a_letter_that_came_back(desk: Client) -> None:
    letter_holder()
    came_back("buero@musterland.example.org")
    text = Page(desk.get("/desk/accounts/")).main.text
    assert "zurückgekommen" in text
    assert "Diese Adresse gibt es nicht." in text


@pytest.mark.parametrize(
    ("words", "members"),
    [(MEANINGS, Meaning), (TROUBLES, Trouble), (STANDING_LABELS, Standing), (STANDING_SIGNS, Standing)],
)
def test_there_are_words_for_everything(words: Mapping[object, object], members: Iterable[object]) -> None:
    assert set(words) == set(members)


def test_every_kind_of_mail_has_a_name_in_both_languages() -> None:
    for kind in kind_names():
        with translation.override("de"):
            german = str(KIND_LABELS[kind])
        with translation.override("en"):
            assert str(KIND_LABELS[kind]) != german


@pytest.mark.parametrize("where", Standing)
def test_the_database_finds_what_the_rule_says(desk: Client, where: Standing) -> None:
    from kundenportal.domain.mail.queries import mails_page

    now = clock.now()
    for state in State:
        for attempts in (0, 1):
            for status in ("", "4.4.1", "5.1.1", "2.0.0"):
                OutgoingMail.objects.create(
                    kind="x", recipient="x@example.org", queued_at=now, next_attempt_at=now, state=state,
                    attempts=attempts, reported_status=status, handed_over_at=now, reported_at=now,
                )  # fmt: skip
    expected = {
        mail.pk
        for mail in OutgoingMail.objects.all()
        if standing(State(mail.state), attempts=mail.attempts, reported_status=mail.reported_status) is where
    }
    assert {mail.pk for mail in mails_page(standing=where).rows} == expected


def test_who_sent_it_again_is_in_the_trail(desk: Client) -> None:
    from kundenportal.domain.audit.models import Entry

    settled("kasse@example.org")
    deliver_due_mails(clock=clock.now)
    mail = came_back("kasse@example.org")
    desk.post(PATH, {"mail": mail.pk})
    entry = Entry.objects.get(event="mail.sent_again")
    assert entry.actor is not None
    assert entry.subject is not None
    assert entry.subject.address == "kasse@example.org"
    assert (entry.actor.name, entry.details) == ("HR-Service", {"mail": mail.pk, "kind": "password_changed"})
