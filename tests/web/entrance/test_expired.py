"""The right password, but too late: the page says so, and its button asks for new access."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from factories.accounts import SEEN_IN_PERSON
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials import proofs
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from web.pages import Page
from web.residents import (
    ADDRESS,
    Holder,
    attempt,
    is_signed_in,
    password_in_letter,
    settled,
    sign_in,
    suspend,
    too_late,
)

if TYPE_CHECKING:
    from time_machine import TimeMachineFixture

pytestmark = pytest.mark.django_db

REQUEST = "/sign-in/new-access/"
BUTTON = "Neue Zugangsdaten anfordern"
EXPIRED, REQUESTED, TOO_OLD = (
    "Das zugesandte Passwort ist abgelaufen",
    "Ihre Anfrage ist bei uns",
    "Diese Seite gilt nicht mehr",
)
REASON = "<b>Der Zugang wird nicht mehr gebraucht.</b>"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _a_monday_morning(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(NOW, tick=False)


def knock(client: Client, holder: Holder) -> Page:
    return Page(attempt(client, holder.address, holder.password))


def ask(client: Client, page: Page) -> Page:
    return Page(page.form(BUTTON).press(client, BUTTON))


def declined(holder: Holder, *, now: datetime) -> None:
    staff = settled("hr-service@example.org", role=Role.DESK).account
    check = entitlement.request_check(holder.account, route=Route.MAIL, now=now, origin=COMMAND_LINE)
    entitlement.decline(check.pk, reason=REASON, decided_by=staff, now=now, origin=COMMAND_LINE)


def approved() -> None:
    staff = settled("hr-service@example.org", role=Role.DESK).account
    check = EntitlementCheck.objects.get(state="open")
    entitlement.approve(check.pk, stated=SEEN_IN_PERSON, decided_by=staff, now=clock.now(), origin=COMMAND_LINE)


def link_for(holder: Holder) -> str:
    access = expired_access_of(holder.account, now=clock.now())
    assert access is not None
    return proofs.link_to_page(access, now=clock.now()).partition("8000")[2]


def test_the_page_says_when_it_ended_and_offers_new_access(client: Client) -> None:
    holder = too_late()
    page = knock(client, holder)
    assert page.heading == EXPIRED
    assert "Sonntag, 22. November 2026, 10:00 Uhr" in page.main.text
    assert ADDRESS in page.main.text
    assert page.form(BUTTON).fields.keys() == {"csrfmiddlewaretoken", "proof"}
    assert page.main.all("a")[0].attributes["href"] == "/"
    assert not EntitlementCheck.objects.exists(), "looking at the page asks for nothing"


def test_the_button_asks_for_new_access(client: Client) -> None:
    page = ask(client, knock(client, too_late()))
    assert (page.status, page.heading) == (200, REQUESTED)
    assert f"Eine Bestätigung ist unterwegs an {ADDRESS}." in page.main.text
    assert "Unser Service prüft jetzt Ihre Berechtigung." in page.main.text
    check = EntitlementCheck.objects.get()
    assert (check.account.address, check.route, check.state) == (ADDRESS, "page", "open")
    assert not is_signed_in(client)
    deliver_due_mails(clock=clock.now)
    assert mail.outbox[-1].subject == "Kundenportal COMRAMO: Ihre Anfrage ist eingegangen"
    assert mail.outbox[-1].to == [ADDRESS]


def test_who_opened_a_mailed_link_is_not_said_to_have_entered_the_password(client: Client) -> None:
    holder = too_late()
    ask(client, Page(client.get(link_for(holder))))
    check = EntitlementCheck.objects.get()
    assert check.route == "link"
    desk = sign_in(settled("hr-service@example.org", role=Role.DESK))
    page = Page(desk.get(reverse("desk-check", args=[check.pk])))
    assert "über einen Link in einer E-Mail von uns" in page.main.text
    assert "Ein Link wurde geöffnet, den wir an die hinterlegte Adresse geschickt haben" in page.main.text
    assert "Das zugesandte Passwort wurde eingegeben" not in page.main.text


def test_the_address_from_which_it_was_asked_for_is_noted(client: Client) -> None:
    ask(client, knock(client, too_late()))
    entry = EntitlementCheck.objects.get().account.audit_entries.latest("pk")
    assert (entry.event, entry.network_address) == ("entitlement_check.requested", "127.0.0.1")


def test_a_second_click_is_told_that_it_is_already_being_checked(
    client: Client, time_machine: TimeMachineFixture
) -> None:
    offered = knock(client, too_late())
    ask(client, offered)
    time_machine.move_to(NOW + timedelta(minutes=20), tick=False)
    page = ask(client, offered)
    assert page.status == 200
    assert "Wir prüfen Ihre Anfrage bereits" in page.main.text
    assert "Ihre Anfrage liegt uns seit Montag, 23. November 2026, 10:00 Uhr vor." in page.main.text
    assert not page.main.all("button")
    assert EntitlementCheck.objects.count() == 1


def test_whoever_comes_again_reads_that_it_is_being_checked(client: Client) -> None:
    holder = too_late()
    ask(client, knock(client, holder))
    page = knock(client, holder)
    assert page.heading == EXPIRED
    assert "Ihre Anfrage liegt uns seit Montag, 23. November 2026, 10:00 Uhr vor." in page.main.text
    assert ADDRESS in page.main.text
    assert not page.main.all("button")


def test_whoever_was_declined_reads_why_and_may_ask_again(client: Client) -> None:
    holder = too_late()
    declined(holder, now=NOW - timedelta(hours=1))
    page = knock(client, holder)
    assert "Ihre letzte Anfrage haben wir am Montag, 23. November 2026, 09:00 Uhr abgelehnt." in page.main.text
    assert f"Der Grund: {REASON}" in page.main.text, "with its angle brackets, as words"
    assert ask(client, page).heading == REQUESTED


def test_whoever_was_approved_is_told_to_wait_for_the_letter_and_enters_with_it(client: Client) -> None:
    holder = too_late()
    offered = knock(client, holder)
    ask(client, offered)
    approved()
    for page in (knock(client, holder), ask(client, offered)):
        assert "Neue Zugangsdaten sind unterwegs" in page.main.text
        assert ADDRESS in page.main.text
        assert not page.main.all("button")
    deliver_due_mails(clock=clock.now)
    refused = knock(client, holder)
    assert refused.heading != EXPIRED
    assert "passen nicht zusammen" in refused.main.text
    assert attempt(client, ADDRESS, password_in_letter(ADDRESS)).headers["Location"] == "/sign-in/first/"


class TestAPageThatIsWorthless:
    def test_after_an_hour(self, client: Client, time_machine: TimeMachineFixture) -> None:
        offered = knock(client, too_late())
        time_machine.move_to(NOW + timedelta(hours=1), tick=False)
        page = ask(client, offered)
        assert (page.status, page.heading) == (410, TOO_OLD)
        assert page.main.all("a")[0].attributes["href"] == "/"
        assert ADDRESS not in page.text
        assert not EntitlementCheck.objects.exists()

    def test_once_there_is_a_new_letter(self, client: Client) -> None:
        offered = knock(client, too_late())
        ask(client, offered)
        approved()
        deliver_due_mails(clock=clock.now)
        assert ask(client, offered).heading == TOO_OLD

    def test_once_the_account_is_suspended(self, client: Client) -> None:
        holder = too_late()
        offered = knock(client, holder)
        suspend(holder)
        assert ask(client, offered).heading == TOO_OLD

    @pytest.mark.parametrize("proof", [None, "", "x", "WzFd:x", "\0", "ß" * 2000])
    def test_if_it_is_forged(self, client: Client, proof: str | None) -> None:
        too_late()
        page = Page(client.post(REQUEST, {} if proof is None else {"proof": proof}))
        assert (page.status, page.heading) == (410, TOO_OLD)
        assert not EntitlementCheck.objects.exists()

    def test_looks_the_same_whether_or_not_there_is_such_an_account(self, client: Client) -> None:
        def main(proof: str) -> str:
            return Page(client.post(REQUEST, {"proof": proof})).main.text

        of_nobody = main("WzFd:x")
        offered = knock(client, too_late())
        assert main(offered.control("proof").attributes["value"] + "x") == of_nobody


def test_a_wrong_password_on_the_same_account_learns_nothing(client: Client) -> None:
    holder = too_late()
    ask(client, knock(client, holder))
    stranger = Client()
    page = Page(attempt(stranger, ADDRESS, "falsch"))
    nobody = Page(attempt(stranger, "niemand@example.org", "falsch"))
    assert page.main.text == nobody.main.text
    assert "passen nicht zusammen" in page.main.text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Es war richtig, gilt aber seit Sonntag, 22. November 2026, 10:00 Uhr nicht mehr."),
        ("en", "It was right, but it stopped being valid on Sunday, 22 November 2026, 10:00."),
    ],
)
def test_no_sentence_ends_in_a_time_that_brings_its_own_full_stop(client: Client, language: str, sentence: str) -> None:
    holder = too_late()
    client.post("/language/", {"language": language})
    declined(holder, now=NOW - timedelta(hours=1))
    page = knock(client, holder)
    assert sentence in page.main.text
    assert ".." not in page.main.text
    entitlement.request_check(holder.account, route=Route.PAGE, now=NOW, origin=COMMAND_LINE)
    assert ".." not in knock(client, holder).main.text


class TestTheWayByMail:
    def test_praises_no_password_that_nobody_has_entered(self, client: Client) -> None:
        holder = too_late()
        offered = Page(client.get(link_for(holder)))
        assert "Seit Sonntag, 22. November 2026, 10:00 Uhr kann sich niemand mehr damit anmelden." in offered.main.text
        ask(Client(), offered)
        for page in (offered, ask(client, offered)):
            assert "Es war richtig" not in page.main.text

    def test_shows_the_same_page_with_its_button(self, client: Client) -> None:
        page = Page(client.get(link_for(too_late())))
        assert (page.status, page.heading) == (200, EXPIRED)
        assert ask(client, page).heading == REQUESTED

    def test_changes_nothing_however_often_it_is_opened(self, client: Client) -> None:
        link = link_for(too_late())
        for _ in range(3):
            assert client.get(link).status_code == client.head(link).status_code == 200
        assert not EntitlementCheck.objects.exists()
        assert len(mail.outbox) == 1, "the access letter"

    def test_is_in_the_mail_that_declines(self, client: Client) -> None:
        declined(too_late(), now=NOW)
        deliver_due_mails(clock=clock.now)
        (link,) = [line for line in str(mail.outbox[-1].body).splitlines() if line.startswith("http")]
        page = Page(client.get(link.partition("8000")[2]))
        assert f"Der Grund: {REASON}" in page.main.text
        assert page.form(BUTTON).has_button(BUTTON)

    def test_works_for_a_week_and_its_button_for_an_hour_more(
        self, client: Client, time_machine: TimeMachineFixture
    ) -> None:
        link = link_for(too_late())
        time_machine.move_to(NOW + timedelta(days=7) - timedelta(seconds=1), tick=False)
        offered = Page(client.get(link))
        time_machine.move_to(NOW + timedelta(days=7), tick=False)
        assert Page(client.get(link)).heading == TOO_OLD
        assert ask(client, offered).heading == REQUESTED

    def test_is_worthless_if_forged(self, client: Client) -> None:
        page = Page(client.get("/sign-in/expired/x/"))
        assert (page.status, page.heading) == (410, TOO_OLD)

    def test_is_not_the_address_of_the_button_which_leads_home(self, client: Client) -> None:
        assert client.get(REQUEST).headers["Location"] == "/"

    def test_keeps_its_page_when_the_language_is_switched(self, client: Client) -> None:
        page = Page(client.get(link_for(too_late())))
        switched = page.form("English").press(client, "English")
        assert Page(client.get(switched.headers["Location"])).heading == "The password we sent you has expired"


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/expired/x/", REQUEST])
def test_nothing_about_it_is_kept_in_a_cache(client: Client, path: str) -> None:
    holder = too_late()
    proof = knock(client, holder).control("proof").attributes["value"]
    entries = {"address": holder.address, "password": holder.password, "proof": proof}
    response = client.get(path) if path.endswith("/x/") else client.post(path, entries)
    assert "no-store" in response.headers["Cache-Control"]
