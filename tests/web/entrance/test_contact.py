"""Outside the hours a request is taken down: once, from people, and with nothing lost of what they wrote."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from factories.accounts import AT_HOME
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.mail.kinds import kind_named
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.support import operations
from kundenportal.domain.support.mails import INTAKE_TAKEN
from kundenportal.domain.support.models import Intake
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from time_machine import TimeMachineFixture

    from web.pages import Form, Response

pytestmark = pytest.mark.django_db

AT_NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=ZoneInfo("Europe/Berlin"))
IN_THE_MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
ENTRIES = {"concern": "Ich komme nicht hinein.", "name": "Anna Beispiel", "call_back_number": "0511 12345"}


@pytest.fixture(autouse=True)
def night(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """Nobody is at the desk, and the clock stands until it is moved."""
    time_machine.move_to(AT_NIGHT, tick=False)
    return time_machine


def form_of(client: Client) -> Form:
    """The form as it is shown at this instant."""
    return Page(client.get("/contact/")).form("Senden")


def send(client: Client, night: TimeMachineFixture, form: Form | None = None, /, **more: str) -> Response:
    """The answer to what somebody has sent who took their time."""
    shown = form or form_of(client)
    night.shift(20)
    return shown.press(client, "Senden", ENTRIES | more)


def test_a_request_is_taken_down_and_waits_at_the_desk(client: Client, night: TimeMachineFixture) -> None:
    assert "Wieder erreichbar Dienstag 7:00 Uhr" in Page(client.get("/contact/")).main.text
    response = send(client, night, preferred_time="morgen früh")
    assert (response.status_code, response.headers["Location"]) == (302, "/contact/taken/")
    intake = Intake.objects.get()
    assert (intake.route, intake.account, intake.name, intake.preferred_time) == (
        Route.PAGE,
        None,
        "Anna Beispiel",
        "morgen früh",
    )
    page = Page(client.get("/contact/taken/"))
    assert page.heading == "Ihr Anliegen ist bei uns"
    assert f"Ihre Nummer {intake.reference}" in page.main.text
    assert Entry.objects.filter(event=Event.INTAKE_TAKEN_DOWN, details__intake=intake.reference).count() == 1
    desk = sign_in(settled("hr-service@example.org", role=Role.DESK))
    assert intake.reference in Page(desk.get("/desk/intakes/")).main.text
    assert "im Portal" in Page(desk.get("/desk/intakes/")).main.text


def test_while_somebody_is_there_the_number_can_be_called_from_the_page(
    client: Client, night: TimeMachineFixture
) -> None:
    night.move_to(IN_THE_MORNING, tick=False)
    main = Page(client.get("/contact/")).main
    assert "Gerade ist jemand da" in main.text
    (call,) = [link for link in main.all("a") if link.attributes["href"].startswith("tel:")]
    assert (call.attributes["href"], call.text) == ("tel:+4951112401769", "+49 511 12401-769")


def test_whoever_is_signed_in_has_a_mail_that_confirms_it_and_nobody_else_has(night: TimeMachineFixture) -> None:
    send(Client(), night, email="jemand@example.org")
    assert not OutgoingMail.objects.filter(kind=INTAKE_TAKEN).exists()
    holder = settled(name="Büro Musterland")
    browser = sign_in(holder)
    form = form_of(browser)
    send(browser, night, form, email="jemand@example.org")
    send(browser, night, form, email="jemand@example.org")
    assert holder.address in Page(browser.get("/contact/taken/")).main.text
    confirmation = OutgoingMail.objects.get(kind=INTAKE_TAKEN)  # one, although it was sent twice
    assert confirmation.recipient == holder.address
    letter = kind_named(INTAKE_TAKEN).write(confirmation, now=clock.now())
    intake = Intake.objects.get(account=holder.account)
    assert letter.subject == f"Kundenportal COMRAMO: Ihr Anliegen {intake.reference} ist bei uns"
    for text in (letter.text, letter.html):
        assert intake.reference in text
        assert intake.concern not in text


def test_nobody_else_is_told_the_reference(client: Client, night: TimeMachineFixture) -> None:
    send(client, night)
    assert Client().get("/contact/taken/").headers["Location"] == "/contact/"
    forger = Client()
    forger.cookies["intake"] = Intake.objects.get().reference
    assert forger.get("/contact/taken/").headers["Location"] == "/contact/"


def test_a_double_click_is_taken_down_once(client: Client, night: TimeMachineFixture) -> None:
    form = form_of(client)
    first, second = send(client, night, form), send(client, night, form)
    assert first.status_code == second.status_code == 302
    assert Intake.objects.count() == Entry.objects.filter(event=Event.INTAKE_TAKEN_DOWN).count() == 1
    assert Intake.objects.get().reference in Page(client.get("/contact/taken/")).main.text
    send(client, night)
    assert Intake.objects.count() == 2


def test_whoever_is_signed_in_need_not_say_who_they_are(night: TimeMachineFixture) -> None:
    holder = settled(name="Büro Musterland")
    client = sign_in(holder)
    form = form_of(client)
    assert (form.fields["name"], form.fields["email"]) == ("Büro Musterland", holder.address)
    send(client, night, form)
    assert Intake.objects.get().account == holder.account


def test_an_address_anybody_can_write_down_is_no_account(client: Client, night: TimeMachineFixture) -> None:
    holder = settled()
    send(client, night, email=holder.address)
    assert Intake.objects.get().account is None


@pytest.mark.parametrize(
    ("entries", "wrong"),
    [
        ({"concern": " "}, "id_concern"),
        ({"name": ""}, "id_name"),
        ({"call_back_number": ""}, "id_call_back_number"),
        ({"call_back_number": "", "email": "anna@"}, "id_email"),
        ({"concern": "x" * 10_001}, "id_concern"),
    ],
)
def test_nothing_is_lost_of_what_was_written(
    client: Client, night: TimeMachineFixture, entries: dict[str, str], wrong: str
) -> None:
    page = Page(send(client, night, None, **entries))
    assert set(page.errors) == {wrong}
    kept = page.form("Senden").fields
    assert {name: kept[name] for name in ENTRIES} == {
        name: value.strip() for name, value in (ENTRIES | entries).items() if name in ENTRIES
    }
    assert Intake.objects.count() == 0


def test_a_program_that_fills_in_everything_is_asked_again(client: Client, night: TimeMachineFixture) -> None:
    page = Page(send(client, night, website="https://example.org"))
    assert "nur für Programme" in page.main.text
    assert Intake.objects.count() == 0
    # Should it have been a browser that was too eager, sending it again is all there is to do.
    assert page.form("Senden").fields["website"] == ""
    assert page.form("Senden").fields["concern"] == ENTRIES["concern"]
    assert page.form("Senden").press(client, "Senden").status_code == 302


def test_a_form_nobody_can_have_read_is_asked_for_again(client: Client, night: TimeMachineFixture) -> None:
    page = Page(form_of(client).press(client, "Senden", ENTRIES))
    assert "noch einmal" in page.main.text
    assert page.form("Senden").fields["concern"] == ENTRIES["concern"]
    assert Intake.objects.count() == 0
    night.shift(3)
    assert page.form("Senden").press(client, "Senden").status_code == 302
    assert Intake.objects.count() == 1


@pytest.mark.parametrize("proof", ["", "x", "WyJrZXkiLDBd:forged", None])
def test_a_form_that_is_not_ours_or_too_old_is_shown_anew(
    client: Client, night: TimeMachineFixture, proof: str | None
) -> None:
    form = form_of(client)
    if proof is None:
        night.shift(timedelta(hours=13))
    answer = form.press(client, "Senden", ENTRIES | ({} if proof is None else {"proof": proof}))
    page = Page(answer)
    assert page.form("Senden").fields["concern"] == ENTRIES["concern"]
    assert Intake.objects.count() == 0
    night.shift(3)
    assert page.form("Senden").press(client, "Senden").status_code == 302


def test_while_somebody_is_there_it_says_that_one_may_call(client: Client, night: TimeMachineFixture) -> None:
    night.move_to(AT_NIGHT.replace(hour=10), tick=False)
    assert "+49 511 12401-769" in Page(client.get("/contact/")).main.text
    assert send(client, night).status_code == 302


@pytest.mark.parametrize("refused", [False, True])
def test_the_language_is_switched_with_all_that_is_typed(
    client: Client, night: TimeMachineFixture, *, refused: bool
) -> None:
    page = Page(send(client, night, None, name="")) if refused else Page(client.get("/contact/"))
    (switch,) = [each for each in page.all("button") if each.text == "English"]
    assert switch.attributes["form"] == page.form("Senden").element.attributes["id"]
    first = next(each for each in page.all("button") if each.attributes.get("form") == "contact")
    assert "formaction" not in first.attributes, "the Enter key sends the form"
    typed = page.form("Senden").fields | ENTRIES | {"language": "en"}
    answer = client.post(switch.attributes["formaction"], typed)
    english = Page(answer)
    assert (english.status, english.heading) == (200, "Leave us a note")
    assert ENTRIES.items() <= english.form("Send").fields.items()
    assert Page(client.get("/")).all("html")[0].attributes["lang"] == "en"
    assert Intake.objects.count() == 0
    night.shift(20)
    assert english.form("Send").press(client, "Send").status_code == 302
    assert Intake.objects.get().concern == ENTRIES["concern"]


@pytest.mark.parametrize("kept", ["/profile/", "/sign-out/", "https://evil.example.org/contact/", "/no/such/page/", ""])
def test_no_other_page_is_shown_by_switching_the_language(client: Client, kept: str) -> None:
    answer = client.post(f"/language/?keeps={kept}", {"language": "en", **ENTRIES})
    assert answer.status_code in {302, 404}
    assert ENTRIES["concern"] not in answer.content.decode()


def test_under_one_key_it_is_taken_down_once_and_without_one_each_time() -> None:
    request = Request("Bitte um Rückruf")
    for key, number in (("a", 1), ("a", 1), ("b", 2), ("", 3), ("", 4)):
        operations.take_down(request, route=Route.PAGE, form_key=key, now=AT_NIGHT, origin=AT_HOME)
        assert Intake.objects.count() == number
