"""What waits at the desk: oldest first, counted, with the one next action, and who is at work on it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from factories.incoming import report
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.mails import LOCKED_OUT
from kundenportal.domain.credentials.models import Lockout
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.operations import resets as links
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.inbox.rules.keeping import Place
from kundenportal.domain.mail import operations as outgoing
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.support import operations as intakes
from kundenportal.domain.support.rules import Request
from kundenportal.domain.support.rules import Route as IntakeRoute
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from web.pages import Element, Page
from web.residents import attempt, issue, letter_holder, refused_for_good, settled, sign_in, suspend, too_late

if TYPE_CHECKING:
    from datetime import datetime

    from django.db import models
    from time_machine import TimeMachineFixture

    from kundenportal.domain.credentials.models import EntitlementCheck

pytestmark = pytest.mark.django_db

PATH = "/desk/"
OF_IT = "{} : unzustellbar@example.org"


def rows(page: Page) -> list[Element]:
    return page.main.all("tr")[1:]


def addresses(page: Page) -> list[str]:
    return [row.all("th")[0].all("span")[1].text for row in rows(page)]


def cell(row: Element, label: str) -> str:
    (found,) = row.all("td", **{"data-label": label})
    return found.text


def labels(page: Page) -> list[str]:
    return [button.text for button in page.main.all("button")]


def requested(address: str, *, at: datetime, route: Route = Route.PAGE) -> EntitlementCheck:
    account = too_late(address, now=at).account
    return entitlement.request_check(account, route=route, now=at, origin=COMMAND_LINE)


def locked(address: str) -> models.Model:
    holder = settled(address)
    for _ in range(5):
        attempt(Client(), address, "not the password")
    return holder.account


def test_where_nothing_waits_the_page_says_so(desk: Client) -> None:
    page = Page(desk.get(PATH))
    assert not page.main.all("table")
    assert "Es wartet nichts" in page.main.text


def test_everything_that_waits_is_there_oldest_first_with_its_next_step(desk: Client) -> None:
    now = clock.now()
    requested("pruefung@example.org", at=now - timedelta(days=3), route=Route.TELEPHONE)
    letter_holder("endet@example.org", now=now - timedelta(days=25))
    refused_for_good(issue("unzustellbar@example.org", now=now - timedelta(days=2)))
    locked("gesperrt@example.org")
    wish = Request("Bitte rufen Sie zurück.", name="Anruferin", call_back_number="0511 123")
    intakes.take_down(wish, route=IntakeRoute.TELEPHONE, now=clock.now(), origin=COMMAND_LINE)
    mailbox = inbox.meet(inbox.mailbox_named("x", now=now), 1)
    inbox.take_in(mailbox, Place(1, 1), report("k" * 26), now=clock.now())
    # As the worker does, which would not do it within a test's transaction.
    Lockout.objects.update(mail=outgoing.queue(LOCKED_OUT, recipient="gesperrt@example.org", now=now))
    links.ask("gesperrt@example.org", now=clock.now(), origin=COMMAND_LINE)
    deliver_due_mails(clock=clock.now)
    page = Page(desk.get(PATH))
    assert addresses(page)[:-1] == ["endet@example.org", "pruefung@example.org", "unzustellbar@example.org",
                                    "gesperrt@example.org", "0511 123"]  # fmt: skip
    ending, check, lost, lockout, intake, aside = rows(page)
    assert cell(aside, "Was") == "Zur Seite gelegte E-Mail Ein Zustellbericht, der keine unserer E-Mails nennt."
    assert "Zugesandtes Passwort endet am" in cell(ending, "Was")
    assert cell(check, "Was") == "Anfrage nach neuen Zugangsdaten am Telefon"
    assert "lehnt die E-Mail ab" in cell(lost, "Was")
    assert cell(intake, "Was") == "Aufnahme Bitte rufen Sie zurück."
    assert cell(lockout, "Was") == "Zugang gesperrt Fünf falsche Eingaben"
    tried = "per E-Mail benachrichtigt, einmal ein neues Passwort angefordert"
    assert cell(lockout, "Bisher versucht") == tried
    file = Page(desk.get(lockout.all("a")[0].attributes["href"])).main.text
    assert f"Fünf falsche Eingaben Bisher versucht: {tried}" in file
    # That a password ends, and when, is all there is to say: it has not been ending since some day.
    file = Page(desk.get(ending.all("a")[0].attributes["href"])).main.text
    assert "Zugesandtes Passwort endet am" in file
    steps = [cell(row, "Nächster Schritt").partition(" :")[0] for row in rows(page)]
    assert steps == ["Zugang ansehen", "Anfrage entscheiden", "Adresse berichtigen", "Sperre aufheben",
                     "Lesen und erledigen", "Ansehen und ablegen"]  # fmt: skip
    for row in rows(page):
        # Whose it is is said to whoever does not see the row, also where there is no address.
        assert not cell(row, "Nächster Schritt").endswith(":")
        (step,) = row.all("td")[-1].all("a")
        assert desk.get(step.attributes["href"]).status_code == 200
    counted = [each.text for each in page.main.all("a", **{"class": "counts__link"})]
    assert [text.split()[0] for text in counted] == ["6", "1", "1", "1", "1", "1", "1"]
    desk.post(f"/desk/inbox/{aside.all('a')[-1].attributes['href'].split('/')[-2]}/")
    assert len(rows(Page(desk.get(PATH)))) == 5


def test_every_button_says_what_it_is_about_even_of_mails_without_a_sender(desk: Client) -> None:
    mailbox = inbox.meet(inbox.mailbox_named("x", now=clock.now()), 1)
    for number, subject in enumerate(("Rechnung", "Mahnung"), start=1):
        content = f"Subject: {subject}\n\nWer bin ich?\n".encode()
        inbox.take_in(mailbox, Place(1, number), content, now=clock.now())
    found = rows(Page(desk.get(PATH)))
    labels = [label.text for row in found for label in (*row.all("button"), row.all("td")[-1].all("a")[0])]
    assert len(found) == 2
    assert len(set(labels)) == 4, labels


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("check", ["pruefung@example.org"]),
        ("letter", ["unzustellbar@example.org"]),
        ("lockout", []),
        ("nonsense", None),
    ],
)
def test_one_kind_alone_can_be_looked_at(desk: Client, kind: str, expected: list[str] | None) -> None:
    now = clock.now()
    requested("pruefung@example.org", at=now - timedelta(days=3))
    refused_for_good(issue("unzustellbar@example.org", now=now - timedelta(days=2)))
    page = Page(desk.get(PATH, {"kind": kind}))
    assert addresses(page) == (["pruefung@example.org", "unzustellbar@example.org"] if expected is None else expected)


def test_what_is_settled_by_another_way_waits_no_more(desk: Client) -> None:
    now = clock.now()
    suspend(letter_holder("endet@example.org", now=now - timedelta(days=25)))
    refused_for_good(issue("noch-einmal@example.org", now=now - timedelta(days=2)))
    Page(desk.get(PATH))
    desk.post("/desk/accounts/send-letter-again/", {"account": rows_account(desk)})
    assert addresses(Page(desk.get(PATH))) == []


def rows_account(desk: Client) -> str:
    (link,) = [link for link in Page(desk.get(PATH)).main.all("a") if link.text.startswith("Büro Musterland")]
    return link.attributes["href"].rstrip("/").rpartition("/")[2]


def test_every_row_is_on_exactly_one_page(desk: Client) -> None:
    now = clock.now()
    for number in range(60):
        refused_for_good(issue(f"brief-{number:02}@example.org", now=now - timedelta(days=2)))
    for number in range(3):
        requested(f"pruefung-{number}@example.org", at=now - timedelta(days=2))
    first = Page(desk.get(PATH))
    (link,) = first.all("a", rel="next")
    second = Page(desk.get(PATH + link.attributes["href"]))
    assert [len(addresses(page)) for page in (first, second)] == [50, 13]
    assert len({*addresses(first), *addresses(second)}) == 63
    assert not second.all("a", rel="next")


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "~~",
        "2026-11-24~check~1",
        "2026-11-24T00:00:00+00:00~check~-1",
        "9999-12-31T00:00:00+00:00~check~1",
        "0001-01-01T00:00:00+00:00~check~1",
        "\0",
    ],
)
def test_a_place_that_is_none_shows_the_first_page(desk: Client, after: str) -> None:
    refused_for_good(issue("unzustellbar@example.org", now=clock.now() - timedelta(days=2)))
    assert addresses(Page(desk.get(PATH, {"after": after}))) == ["unzustellbar@example.org"]


class TestWhoIsAtWork:
    def test_is_seen_by_the_others_and_may_be_put_back(self, desk: Client) -> None:
        colleague = self.colleague()
        refused_for_good(issue("unzustellbar@example.org"))
        assert self.press(desk, "Übernehmen").startswith("Sie")
        assert self.hands(colleague).startswith("HR-Service, seit")
        self.press(desk, "Zurücklegen")
        assert self.hands(colleague).startswith("Übernehmen")

    def test_is_seen_and_said_wherever_it_is_worked_on(self, desk: Client) -> None:
        account, colleague = refused_for_good(issue("unzustellbar@example.org")), self.colleague()
        wish = Request("Bitte rufen Sie zurück.", call_back_number="0511 123")
        intake = intakes.take_down(wish, route=IntakeRoute.TELEPHONE, now=clock.now(), origin=COMMAND_LINE)
        file = f"/desk/accounts/{account.pk}/"
        for path in (file, f"/desk/intakes/{intake.pk}/"):
            page = Page(desk.get(path))
            (button,) = [each for each in labels(page) if each.startswith("Übernehmen")]
            assert page.form(button).press(desk, button).headers["Location"] == path
            assert "In Arbeit bei: HR-Service, seit" in Page(colleague.get(path)).main.text
            (button,) = [each for each in labels(Page(desk.get(path))) if each.startswith("Zurücklegen")]
            Page(desk.get(path)).form(button).press(desk, button)

    def test_loses_nothing_that_was_typed_beside_the_button(self, desk: Client) -> None:
        check = requested("pruefung@example.org", at=clock.now())
        account = refused_for_good(issue("unzustellbar@example.org"))
        decision = {"question": "Eine Frage", "reason": "Ein Grund", "code": "3333-3333"}
        details = {"name": "", "telephone": "keine Nummer", "joins": "Neue Einrichtung", "code": "3333-3333"}
        file = f"/desk/accounts/{account.pk}/"
        for path, typed in ((f"/desk/checks/{check.pk}/", decision), (f"{file}change-details/", details)):
            page = Page(desk.get(path))
            for label in ("Übernehmen", "Zurücklegen"):
                (button,) = [each for each in labels(page) if each.startswith(label)]
                page = Page(page.form(button).press(desk, button, {"means": "document", **typed}))
                form = page.form("Code per E-Mail senden")
                assert form.fields | typed | {"means": "document"} == form.fields
                assert not page.errors
            assert any(each.startswith("Übernehmen") for each in labels(page))

    def test_a_colleague_who_is_a_moment_too_late_is_told(self, desk: Client) -> None:
        colleague = self.colleague()
        refused_for_good(issue("unzustellbar@example.org"))
        seen_before = Page(colleague.get(PATH))
        self.press(desk, "Übernehmen")
        answer = seen_before.form(OF_IT.format("Übernehmen")).press(colleague, OF_IT.format("Übernehmen"))
        page = Page(colleague.get(answer.headers["Location"]))
        assert "HR-Service war schneller und arbeitet schon daran." in page.text
        assert self.hands(colleague).startswith("HR-Service, seit")

    def test_may_be_taken_over_by_whoever_sees_whom_it_is_taken_from(self, desk: Client) -> None:
        colleague = self.colleague()
        refused_for_good(issue("unzustellbar@example.org"))
        self.press(desk, "Übernehmen")
        assert self.press(colleague, "Übernehmen").startswith("Sie")
        assert self.hands(desk).startswith("Kollegin, seit")

    def test_is_forgotten_after_two_hours(self, desk: Client, time_machine: TimeMachineFixture) -> None:
        colleague = self.colleague()
        refused_for_good(issue("unzustellbar@example.org"))
        self.press(desk, "Übernehmen")
        time_machine.move_to(clock.now())
        time_machine.shift(timedelta(minutes=25))
        assert self.hands(colleague).startswith("HR-Service")
        colleague = self.colleague_after(timedelta(hours=2), time_machine)
        assert self.hands(colleague).startswith("Übernehmen")

    def test_nonsense_changes_nothing_and_leads_back(self, desk: Client) -> None:
        for sent in ({}, {"take": "x~1"}, {"take": "check"}, {"take": "check~-1~~", "next": "//evil.example.org"}):
            assert desk.post("/desk/take/", sent).headers["Location"] == PATH

    @staticmethod
    def colleague() -> Client:
        return sign_in(settled("kollegin@example.org", name="Kollegin", role=Role.DESK))

    @staticmethod
    def colleague_after(passed: timedelta, time_machine: TimeMachineFixture) -> Client:
        time_machine.shift(passed)
        return sign_in(settled("kollege@example.org", name="Kollege", role=Role.DESK))

    def press(self, client: Client, button: str) -> str:
        label = OF_IT.format(button)
        Page(client.get(PATH)).form(label).press(client, label)
        return self.hands(client)

    @staticmethod
    def hands(client: Client) -> str:
        (row,) = rows(Page(client.get(PATH)))
        return cell(row, "In Arbeit bei")


def test_where_only_other_things_wait_the_page_says_so(desk: Client) -> None:
    refused_for_good(issue("unzustellbar@example.org"))
    assert "Davon wartet nichts" in Page(desk.get(PATH, {"kind": "check"})).main.text


def test_a_full_mailbox_is_no_reason_to_doubt_the_address(desk: Client) -> None:
    refused_for_good(issue("voll@example.org"), "452 4.2.2 mailbox full")
    (row,) = rows(Page(desk.get(PATH)))
    assert cell(row, "Nächster Schritt").startswith("Erneut senden")


def test_what_is_beyond_the_own_role_is_left_to_whoever_leads_the_desk(desk: Client, lead: Client) -> None:
    refused_for_good(issue("kollegin@example.org", role=Role.DESK))
    (row,), (of_lead,) = rows(Page(desk.get(PATH))), rows(Page(lead.get(PATH)))
    assert cell(row, "Nächster Schritt").startswith("Ansehen – Sache der Leitung")
    assert cell(of_lead, "Nächster Schritt").startswith("Adresse berichtigen")


def test_nobody_is_offered_a_step_for_their_own_account(desk: Client, lead: Client) -> None:
    for _ in range(5):
        attempt(Client(), "leitung@example.org", "not the password")
    (row,), (own,) = rows(Page(desk.get(PATH))), rows(Page(lead.get(PATH)))
    assert cell(own, "Nächster Schritt").startswith("Zugang ansehen")
    assert cell(row, "Nächster Schritt").startswith("Ansehen – Sache der Leitung")


def test_beyond_the_end_the_first_page_is_shown(desk: Client) -> None:
    answer = desk.get(PATH, {"after": "2999-01-01T00:00:00+00:00~check~0", "kind": "check"})
    assert answer.headers["Location"] == f"{PATH}?kind=check"


def test_the_previous_page_is_the_one_before_this_one(desk: Client) -> None:
    for number in range(110):
        wish = Request(f"Anliegen {number}", email=f"nutzer-{number}@example.org")
        intakes.take_down(wish, route=IntakeRoute.TELEPHONE, now=clock.now(), origin=COMMAND_LINE)
    first = Page(desk.get(PATH, {"kind": "intake"}))
    second = Page(desk.get(PATH + first.links["Nächste Seite"]))
    third = Page(desk.get(PATH + second.links["Nächste Seite"]))
    back = Page(desk.get(PATH + third.links["Vorige Seite"]))
    assert addresses(back) == addresses(second)
    assert addresses(Page(desk.get(PATH + back.links["Vorige Seite"]))) == addresses(first)
    assert "Vorige Seite" not in first.links


def test_a_backup_that_failed_is_told_until_one_is_made(desk: Client, lead: Client) -> None:
    now = clock.now()
    audit.record(Event.BACKUP_FAILED, now=now, trouble="There is no room left in /srv/backups.")

    for reader, path in ((desk, PATH), (lead, "/desk/trail/")):
        quoted = Page(reader.get(path)).main.all("span", lang="en")
        assert [each.text for each in quoted] == ["There is no room left in /srv/backups."], path
    audit.record(Event.BACKUP_MADE, now=now, size=1)
    assert not Page(desk.get(PATH)).main.all("span", lang="en")
