"""Whether the help has helped: anybody may say so, editors read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from factories.pages import help_page
from kundenportal.domain.accounts.rules import Role
from kundenportal.kernel import clock
from kundenportal.web.content import reading
from kundenportal.web.content.models import HelpFeedback
from kundenportal.web.content.models.help import REMARK_MAX_LENGTH
from kundenportal.web.content.reading import OF_ONE_SENDER, WITHIN
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from time_machine import TimeMachineFixture

pytestmark = pytest.mark.django_db

YES, NO = "Ja", "Nein, noch nicht"
PATH = "/help/registration/"


def _say(client: Client, button: str, remark: str = "") -> Page:
    answer = Page(client.get(PATH)).form(button).press(client, button, remark=remark)
    return Page(client.get(answer.headers["Location"]) if answer.status_code == 302 else answer)


def test_whoever_reads_the_help_may_say_whether_it_has_helped() -> None:
    page = _say(Client(), YES)
    assert page.notices == ["Vielen Dank. Das hilft uns, diese Seiten besser zu machen."]
    feedback = HelpFeedback.objects.get()
    assert (feedback.has_helped, feedback.remark, feedback.account) == (True, "", None)


@pytest.mark.parametrize("is_public", [True, False])
def test_only_on_a_public_page_may_it_be_said_without_a_session(*, is_public: bool) -> None:
    page = Page(sign_in(settled()).get(help_page("Krankmeldungen", is_public=is_public).address()))
    assert ("data-needs-no-session" in page.form(YES).element.attributes) == is_public


def test_an_editor_reads_what_was_remarked_and_ticks_it_off() -> None:
    _say(Client(), NO, "Wo steht die Telefonnummer?")
    editor = sign_in(settled(role=Role.EDITOR))
    page = Page(editor.get("/help/remarks/"))
    assert "Wo steht die Telefonnummer?" in page.main.text
    page.form("Erledigt").press(editor, "Erledigt")
    assert "Wo steht die Telefonnummer?" not in Page(editor.get("/help/remarks/")).main.text


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.DESK, Role.INTAKE, Role.DESK_LEAD])
def test_nobody_else_reads_it(role: Role) -> None:
    assert sign_in(settled(role=role)).get("/help/remarks/").status_code == 403


def test_a_remark_that_is_too_long_is_said_so_and_nothing_typed_is_lost() -> None:
    remark = "x" * (REMARK_MAX_LENGTH + 1)
    page = _say(Client(), NO, remark)
    assert page.errors == {"id_remark": "Bitte geben Sie höchstens 1000 Zeichen ein."}
    assert page.control("remark").text == remark
    assert not HelpFeedback.objects.exists()


def test_a_flood_of_remarks_is_not_kept_and_silences_nobody_else() -> None:
    flood = Client(REMOTE_ADDR="2001:db8::1")
    for _ in range(OF_ONE_SENDER + 3):
        page = Page(flood.post(PATH, {"helped": "no", "remark": "x"}, follow=True))
    assert HelpFeedback.objects.count() == OF_ONE_SENDER
    assert "eine Stunde lang" in page.main.text
    assert page.control("remark").text == "x"
    # Whoever has one of these addresses has them all.
    assert Client(REMOTE_ADDR="2001:db8::2").post(PATH, {"helped": "no"}).status_code == 200
    assert Client(REMOTE_ADDR="2001:db8:1::1").post(PATH, {"helped": "no"}).status_code == 302
    assert sign_in(settled()).post(PATH, {"helped": "no"}).status_code == 302
    assert HelpFeedback.objects.count() == OF_ONE_SENDER + 2


def test_an_hour_later_there_is_room_again(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(clock.now(), tick=False)
    client = Client()
    for _ in range(OF_ONE_SENDER):
        client.post(PATH, {"helped": "no"})
    assert client.post(PATH, {"helped": "no"}).status_code == 200
    time_machine.shift(WITHIN)
    assert client.post(PATH, {"helped": "no"}).status_code == 302


def test_however_many_strangers_there_are_customers_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "OF_STRANGERS", 3)
    answers = [Client(REMOTE_ADDR=f"192.0.2.{each}").post(PATH, {"helped": "no"}).status_code for each in range(5)]
    assert answers == [302, 302, 302, 200, 200]
    assert sign_in(settled()).post(PATH, {"helped": "no"}).status_code == 302


@pytest.mark.parametrize("fields", [{}, {"helped": "perhaps"}, {"helped": ""}])
def test_what_no_button_sends_is_not_kept(fields: dict[str, str]) -> None:
    assert Client().post(PATH, fields).status_code == 200
    assert not HelpFeedback.objects.exists()
