"""An entitlement check at the desk: approved, declined, asked about, withdrawn, and by two at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.test import Client

from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from web.pages import Page
from web.residents import ADDRESS, attempt, issue, password_in_letter, settled, sign_in, suspend, too_late

if TYPE_CHECKING:
    from pytest_django import Settings

    from kundenportal.domain.credentials.models import EntitlementCheck
    from web.residents import Holder

pytestmark = pytest.mark.django_db

APPROVED = {"decision": "approve", "means": "in_person"}


@pytest.fixture
def holder() -> Holder:
    return too_late()


@pytest.fixture
def check(holder: Holder) -> EntitlementCheck:
    return requested(holder)


def requested(holder: Holder, route: Route = Route.PAGE) -> EntitlementCheck:
    now = clock.now() - timedelta(hours=1)
    return entitlement.request_check(holder.account, route=route, now=now, origin=COMMAND_LINE)


def path_of(check: EntitlementCheck) -> str:
    return f"/desk/checks/{check.pk}/"


def decide(client: Client, check: EntitlementCheck, **entries: str) -> Page:
    return Page(client.post(path_of(check), entries, follow=True))


def deliver() -> None:
    deliver_due_mails(clock=clock.now)


def colleague() -> Client:
    return sign_in(settled("kollegin@example.org", name="Kollegin", role=Role.DESK))


def test_the_page_says_how_the_request_came_in_and_what_is_known(desk: Client, check: EntitlementCheck) -> None:
    issue("zweite@musterland.example.org", name="Zweites Büro")
    issue("fremd@example.org", name="Fremdes Büro", organisation="Andere Einrichtung")
    page = Page(desk.get(path_of(check)))
    for words in ("auf der Seite für abgelaufene Zugänge", ADDRESS, "Neue Zugangsdaten angefordert", "Zweites Büro"):
        assert words in page.main.text
    assert "Fremdes Büro" not in page.main.text


def test_approving_sends_new_access_that_works(desk: Client, check: EntitlementCheck) -> None:
    page = decide(desk, check, **APPROVED)
    assert f"Genehmigt. Neue Zugangsdaten gehen an {ADDRESS}." in page.text
    assert "Stand genehmigt" in page.main.text
    assert not page.main.all("textarea")
    deliver()
    assert attempt(Client(), ADDRESS, password_in_letter(ADDRESS)).status_code == 302


def test_declining_tells_the_reason(desk: Client, check: EntitlementCheck) -> None:
    decide(desk, check, decision="decline", reason="Die Einrichtung kennt Sie nicht mehr.")
    deliver()
    assert "Die Einrichtung kennt Sie nicht mehr." in mail.outbox[-1].body
    assert "Begründung Die Einrichtung kennt Sie nicht mehr." in Page(desk.get(path_of(check))).main.text


def test_a_question_goes_out_and_stands_on_the_page(desk: Client, check: EntitlementCheck) -> None:
    page = decide(desk, check, decision="ask", question="Für wen arbeiten Sie?")
    deliver()
    assert "Für wen arbeiten Sie?" in mail.outbox[-1].body
    assert "Rückfrage" in page.main.text
    assert "Für wen arbeiten Sie?" in page.main.text
    assert page.main.all("textarea", name="reason")


def test_withdrawing_writes_to_nobody(desk: Client, check: EntitlementCheck) -> None:
    deliver()
    sent = len(mail.outbox)
    assert "Stand zurückgezogen" in decide(desk, check, decision="withdraw").main.text
    deliver()
    assert len(mail.outbox) == sent


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"decision": "approve"}, "woher Sie wissen, mit wem Sie es zu tun haben"),
        ({"decision": "approve", "means": "caller_code"}, "den Code ein, der Ihnen vorgelesen wurde"),
        ({"decision": "approve", "means": "caller_code", "code": "3333-3333"}, "Dieser Code stimmt nicht"),
        ({"decision": "decline"}, "Bitte begründen Sie die Ablehnung"),
        ({"decision": "decline", "reason": "   "}, "Bitte begründen Sie die Ablehnung"),
        ({"decision": "decline", "reason": "x" * 501}, "höchstens 500 Zeichen"),
        ({"decision": "ask"}, "Bitte schreiben Sie Ihre Frage."),
        ({"decision": "ask", "question": "x" * 1001}, "höchstens 1000 Zeichen"),
    ],
)
def test_what_is_missing_is_named_and_nothing_typed_is_lost(
    desk: Client, check: EntitlementCheck, entries: dict[str, str], sentence: str
) -> None:
    typed = {"reason": "Ein Grund", "question": "Eine Frage"}
    if entries["decision"] in {"decline", "ask"}:
        typed.pop({"decline": "reason", "ask": "question"}[entries["decision"]])
    page = decide(desk, check, **{**typed, **entries})
    assert sentence in page.main.text
    for name, words in typed.items():
        (area,) = page.main.all("textarea", name=name)
        assert area.text == words
    check.refresh_from_db()
    assert check.state == "open"


def test_of_two_who_decide_the_second_is_told_and_loses_no_word(desk: Client, check: EntitlementCheck) -> None:
    other = colleague()
    decide(desk, check, **APPROVED)
    page = decide(other, check, decision="decline", reason="Meine lange Begründung")
    assert "HR-Service war schneller: genehmigt am" in page.text
    assert "Was Sie geschrieben hatten Meine lange Begründung" in page.main.text
    deliver()
    assert "Meine lange Begründung" not in mail.outbox[-1].body


def test_where_two_have_to_approve_the_first_is_asked_for_a_second(
    desk: Client, check: EntitlementCheck, settings: Settings
) -> None:
    settings.PAIRS_OF_EYES = 2
    assert "Zwei müssen genehmigen" in Page(desk.get(path_of(check))).main.text
    page = decide(desk, check, **APPROVED)
    assert "Es fehlt noch die Genehmigung einer zweiten Person." in page.text
    assert "Sie haben schon genehmigt." in decide(desk, check, **APPROVED).main.text
    assert "Genehmigt. Neue Zugangsdaten gehen" in decide(colleague(), check, **APPROVED).text


def test_only_a_request_on_the_page_shows_that_the_password_was_held(desk: Client, holder: Holder) -> None:
    check = requested(holder, Route.MAIL)
    offered = {each.attributes["value"] for each in Page(desk.get(path_of(check))).all("input", name="means")}
    assert offered == {"caller_code", "call_back", "in_person", "document"}
    decide(desk, check, decision="approve", means="initial_password")
    check.refresh_from_db()
    assert check.state == "open"


def test_a_request_that_is_needed_no_more_says_so(desk: Client, holder: Holder, check: EntitlementCheck) -> None:
    suspend(holder)
    assert "nicht mehr nötig" in decide(desk, check, **APPROVED).main.text


def test_the_enter_key_approves_and_sends_no_code(desk: Client, check: EntitlementCheck) -> None:
    (form,) = [form for form in Page(desk.get(path_of(check))).main.all("form") if form.all("textarea")]
    first = next(each for each in form.walk() if each.tag == "button")
    assert (first.attributes["name"], first.attributes["value"]) == ("decision", "approve")


def test_whoever_approved_first_is_told_to_wait_for_a_colleague(
    desk: Client, check: EntitlementCheck, settings: Settings
) -> None:
    settings.PAIRS_OF_EYES = 2
    page = decide(desk, check, **APPROVED)
    assert "Jetzt fehlt noch die Genehmigung einer zweiten Person." in page.main.text
    assert not page.main.all("input", name="means")


def test_a_request_of_an_account_beyond_the_role_is_shown_and_not_decided(desk: Client) -> None:
    check = requested(too_late("admin@example.org", role=Role.ADMIN))
    assert "darf Ihre Rolle nicht ändern" in Page(desk.get(path_of(check))).main.text
    for entries in (APPROVED, {"decision": "withdraw"}, {"send-code": "yes"}):
        assert "darf Ihre Rolle nicht ändern" in decide(desk, check, **entries).text
    check.refresh_from_db()
    assert check.state == "open"
    deliver()
    assert "Code für das Telefon" not in "".join(str(each.subject) for each in mail.outbox)


def test_nonsense_as_a_decision_is_taken_for_none(desk: Client, check: EntitlementCheck) -> None:
    decide(desk, check, decision="approved!", means="in_person")
    check.refresh_from_db()
    assert check.state == "open"
