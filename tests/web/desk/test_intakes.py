"""What was taken down waits in a queue until somebody has seen to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.support import operations, queries
from kundenportal.domain.support.models import Intake
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import clock
from kundenportal.web.desk.words import INTAKE_ROUTES
from web.pages import Page
from web.residents import letter_holder, settled, sign_in

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

LIST, NEW = "/desk/intakes/", "/desk/intakes/new/"


def taken_down(concern: str = "Bitte um Rückruf", **more: str) -> Intake:
    request = Request(concern, **more)
    return operations.take_down(request, route=Route.PAGE, now=clock.now(), origin=AT_HOME)


def test_an_empty_queue_says_what_will_be_in_it(desk: Client) -> None:
    assert "Es wartet nichts" in Page(desk.get(LIST)).main.text
    assert "Noch ist nichts erledigt" in Page(desk.get(f"{LIST}?state=done")).main.text


def test_a_call_is_taken_down_and_is_in_the_queue(desk: Client) -> None:
    caller = letter_holder("anna@example.org", name="Anna Beispiel").account
    page = Page(desk.get(NEW))
    response = page.form("Aufnehmen").press(
        desk, "Aufnehmen", {"concern": "Kein Zugang\nseit heute", "email": "Anna@Example.org", "preferred_time": "früh"}
    )
    assert response.headers["Location"] == LIST
    intake = Intake.objects.get()
    queue = Page(desk.get(LIST))
    assert intake.reference in queue.notices[0]
    assert intake.reference in queue.main.text
    shown = Page(desk.get(f"{LIST}{intake.pk}/"))
    assert "Kein Zugang seit heute" in shown.main.text
    assert "am Telefon · HR-Service" in shown.main.text
    assert shown.links["Anna Beispiel"] == f"/desk/accounts/{caller.pk}/"


def test_an_account_is_named_for_an_address_that_anybody_can_have_written_down(desk: Client) -> None:
    holder = letter_holder("anna@example.org", name="Anna Beispiel").account
    page = Page(desk.get(f"{LIST}{taken_down(email='Anna@Example.org').pk}/"))
    assert page.links["Anna Beispiel"] == f"/desk/accounts/{holder.pk}/"
    assert "angegeben haben kann sie aber auch jemand anders" in page.main.text


@pytest.mark.parametrize(("email", "said"), [("bert@example.org", "keiner mit dieser Adresse"), ("", "–")])
def test_where_there_is_no_account_nothing_else_is_said(desk: Client, email: str, said: str) -> None:
    page = Page(desk.get(f"{LIST}{taken_down(email=email).pk}/"))
    terms = dict(zip((each.text for each in page.all("dt")), (each.text for each in page.all("dd")), strict=True))
    assert terms["Zugang"] == said


def test_a_double_click_takes_a_call_down_once_and_says_so_twice(desk: Client) -> None:
    entries = {"concern": "Kein Zugang", "call_back_number": "0511 123"}
    form = Page(desk.get(NEW)).form("Aufnehmen")
    for _ in range(2):
        assert form.press(desk, "Aufnehmen", entries).headers["Location"] == LIST
    intake = Intake.objects.get()
    assert Page(desk.get(LIST)).notices == [f"Aufgenommen unter {intake.reference}."] * 2
    # Whoever goes back to the form and writes something else has not clicked twice.
    form.press(desk, "Aufnehmen", {**entries, "concern": "Noch etwas"})
    Page(desk.get(NEW)).form("Aufnehmen").press(desk, "Aufnehmen", entries)
    assert Intake.objects.count() == 3


def test_neither_of_two_ways_back_is_called_optional_where_one_is_needed(desk: Client) -> None:
    labels = [label.text for label in Page(desk.get(NEW)).main.all("label")]
    assert [label for label in labels if "freiwillig" in label] == ["Name (freiwillig)", "Gewünschte Zeit (freiwillig)"]
    assert "Eine von beiden genügt" in Page(desk.get(NEW)).main.text
    assert "Eine von beiden genügt" in Page(desk.get("/contact/")).main.text


def test_nothing_typed_is_lost_when_something_is_missing(desk: Client) -> None:
    page = Page(desk.get(NEW))
    answer = Page(page.form("Aufnehmen").press(desk, "Aufnehmen", name="Anna", preferred_time="früh"))
    assert set(answer.errors) == {"id_concern", "id_call_back_number"}
    assert answer.form("Aufnehmen").fields["name"] == "Anna"
    again = Page(answer.form("Aufnehmen").press(desk, "Aufnehmen", concern="Frage"))
    assert again.errors == {"id_call_back_number": "Bitte geben Sie eine Telefonnummer oder eine E-Mail-Adresse an."}
    assert again.form("Aufnehmen").fields["concern"] == "Frage"
    wrong = Page(again.form("Aufnehmen").press(desk, "Aufnehmen", email="anna at home"))
    assert set(wrong.errors) == {"id_email"}
    assert not Intake.objects.exists()


def test_an_intake_is_done_with_one_press_and_can_be_opened_again(desk: Client) -> None:
    intake = taken_down()
    path = f"{LIST}{intake.pk}/"
    page = Page(desk.get(path))
    assert page.form("Erledigt").press(desk, "Erledigt").headers["Location"] == path
    done = Page(desk.get(path))
    assert done.notices == [f"{intake.reference} ist erledigt."]
    assert "HR-Service" in done.main.text
    assert "Es wartet nichts" in Page(desk.get(LIST)).main.text
    assert intake.reference in Page(desk.get(f"{LIST}?state=done")).main.text
    done.form("Wieder öffnen").press(desk, "Wieder öffnen")
    assert Page(desk.get(path)).notices == [f"{intake.reference} ist wieder offen."]
    assert intake.reference in Page(desk.get(LIST)).main.text


def test_the_second_of_two_is_told(desk: Client) -> None:
    intake = taken_down()
    path = f"{LIST}{intake.pk}/"
    for action, notice in (
        ("settle", f"{intake.reference} ist erledigt."),
        ("settle", "Das hat schon jemand erledigt."),
        ("reopen", f"{intake.reference} ist wieder offen."),
        ("reopen", "Das ist schon offen."),
    ):
        desk.post(path, {"action": action})
        assert Page(desk.get(path)).notices == [notice]
    desk.post(path, {"action": "nonsense"})
    assert Page(desk.get(path)).notices == []


def test_the_oldest_waits_on_top_and_one_can_leaf(desk: Client) -> None:
    for number in range(queries.PAGE_SIZE + 1):
        taken_down(f"Anliegen {number:03}")
    first = Page(desk.get(LIST))
    assert first.main.text.index("Anliegen 000") < first.main.text.index("Anliegen 001")
    assert "Anliegen 050" in Page(desk.get(first.links["Nächste Seite"])).main.text
    assert desk.get(f"{LIST}?after=999999999").headers["Location"] == LIST


def test_what_was_said_is_shown_and_never_run(desk: Client) -> None:
    intake = taken_down("<script>alert(1)</script>", name="<b>Anna</b>")
    for path in (LIST, f"{LIST}{intake.pk}/"):
        page = Page(desk.get(path))
        assert "<b>Anna</b>" in page.main.text
        assert not page.main.all("b")


@pytest.mark.parametrize("number", ["0", "999999999", "9" * 18, "9" * 30])
def test_an_intake_there_is_not_is_not_there(desk: Client, number: str) -> None:
    assert desk.get(f"{LIST}{number}/").status_code == 404


def test_every_route_has_a_name() -> None:
    assert set(INTAKE_ROUTES) == set(Route)


def test_whoever_only_takes_down_does_that_and_sees_nothing_else() -> None:
    taker = sign_in(settled("aufnahme@example.org", name="Aufnahme", role=Role.INTAKE))
    home = Page(taker.get("/"))
    assert "/desk/intakes/new/" in home.links.values()
    assert not [target for target in home.links.values() if target.startswith("/desk/") and "new" not in target]
    page = Page(taker.get("/desk/intakes/new/"))
    assert not [target for target in page.links.values() if target.startswith("/desk/") and "new" not in target]
    entries = {"concern": "Bitte um Rückruf", "call_back_number": "0511 123"}
    answer = taker.post("/desk/intakes/new/", entries, follow=True)
    assert answer.redirect_chain == [("/desk/intakes/new/", 302)]
    assert "Aufgenommen unter" in Page(answer).text
    assert Intake.objects.get().taken_down_by is not None
