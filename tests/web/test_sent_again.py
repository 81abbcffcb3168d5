"""Who signs in in another tab loses nothing that was typed in this one, and nothing is done in their name unasked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.support.models import Intake
from kundenportal.kernel import clock
from kundenportal.web.content.models import HelpFeedback
from web.pages import Page
from web.residents import ADDRESS, settled

if TYPE_CHECKING:
    from web.pages import Form
    from web.residents import Holder

pytestmark = pytest.mark.django_db

HERE = "http://testserver"
TYPED = {"concern": "Ich komme nicht hinein.\nSeit gestern.", "name": "Anna Beispiel", "email": "anna@example.org"}


def browser(*, origin: str = HERE) -> Client:
    """A browser whose forms need their token, and that says where they stood."""
    return Client(enforce_csrf_checks=True, headers={"Origin": origin})


def another_tab(client: Client, holder: Holder) -> None:
    """Signs in in the same browser, which replaces the token."""
    page = Page(client.get("/"))
    answer = page.form("Anmelden").press(client, "Anmelden", address=holder.address, password=holder.password)
    assert answer.status_code == 302


def contact_form(client: Client) -> Form:
    """The form as it stands open in the first tab."""
    return Page(client.get("/contact/")).form("Senden")


def test_a_request_typed_before_a_sign_in_in_another_tab_is_shown_again_ready_to_be_sent(
    time_machine: object,
) -> None:
    client, holder = browser(), settled()
    form = contact_form(client)
    another_tab(client, holder)
    page = Page(form.press(client, "Senden", TYPED))
    assert (page.status, page.heading) == (403, "Schreiben Sie uns Ihr Anliegen")
    (notice,) = page.notices
    assert "angemeldet" in notice
    assert "noch einmal" in notice
    again = page.form("Senden")
    assert again.fields["concern"] == " ".join(TYPED["concern"].split())
    assert (again.fields["name"], again.fields["email"]) == (TYPED["name"], TYPED["email"])
    assert Intake.objects.count() == 0
    time_machine.shift(timedelta(seconds=10))  # type: ignore[attr-defined]
    answer = again.press(client, "Senden", TYPED)
    assert answer.status_code == 302
    assert Intake.objects.get().account == holder.account


@pytest.fixture(autouse=True)
def _clock_that_is_moved(time_machine: object) -> None:
    time_machine.move_to(clock.now(), tick=False)  # type: ignore[attr-defined]


def test_so_is_what_was_remarked_on_the_help() -> None:
    client = browser()
    form = Page(client.get("/help/registration/")).form("Nein, noch nicht")
    another_tab(client, settled())
    page = Page(form.press(client, "Nein, noch nicht", remark="Wo steht die Nummer?"))
    assert page.status == 403
    assert HelpFeedback.objects.count() == 0
    page.form("Nein, noch nicht").press(client, "Nein, noch nicht")
    assert HelpFeedback.objects.get().remark == "Wo steht die Nummer?"


def test_so_is_the_address_of_somebody_who_signs_in_but_not_the_password() -> None:
    client = browser()
    form = Page(client.get("/?next=/profile/")).form("Anmelden")
    client.cookies.clear()
    answer = form.press(client, "Anmelden", address=ADDRESS, password="geheim-und-lang")
    page = Page(answer)
    assert (page.status, page.control("address").attributes["value"]) == (403, ADDRESS)
    assert page.form("Anmelden").fields["next"] == "/profile/"
    assert "geheim-und-lang" not in answer.content.decode()
    assert "Cookie" in page.notices[0]


def test_and_the_address_of_somebody_who_forgot_the_password() -> None:
    client = browser()
    form = Page(client.get("/password/forgotten/")).form("Link zusenden")
    another_tab(client, settled())
    page = Page(form.press(client, "Link zusenden", address=ADDRESS))
    assert (page.status, page.control("address").attributes["value"]) == (403, ADDRESS)


def test_every_other_form_waits_on_a_page_of_its_own() -> None:
    client, holder = browser(), settled()
    another_tab(client, holder)
    form = Page(client.get("/profile/")).form("Profil aktualisieren")
    another_tab_again(client, holder)
    page = Page(form.press(client, "Profil aktualisieren", name="Anna <Neu>"))
    assert (page.status, page.heading) == (403, "Bitte noch einmal senden")
    (shown,) = page.main.all("section", **{"aria-labelledby": "entered-heading"})
    assert shown.text == "Was Sie eingegeben haben Farbschema Wie das Gerät Name Anna <Neu> Sprache Deutsch"
    holder.account.refresh_from_db()
    assert holder.account.name != "Anna <Neu>"
    saved = page.form("Noch einmal senden").press(client, "Noch einmal senden")
    assert (saved.status_code, saved.headers["Location"]) == (302, "/profile/")
    holder.account.refresh_from_db()
    assert holder.account.name == "Anna <Neu>"


def another_tab_again(client: Client, holder: Holder) -> None:
    """Signs out and in again in the same browser."""
    Page(client.get("/")).form("Abmelden").press(client, "Abmelden")
    another_tab(client, holder)


def test_passwords_do_not_wait_there() -> None:
    client, holder = browser(), settled()
    another_tab(client, holder)
    opened = Page(client.get("/profile/")).form("new-password").press(client, "new-password")
    form = Page(opened).form("Profil aktualisieren")
    another_tab_again(client, holder)
    answer = form.press(client, "Profil aktualisieren", new_password="Regenschirm tanzt 47")
    assert Page(answer).heading == "Bitte noch einmal senden"
    assert "Regenschirm" not in answer.content.decode()


def test_an_editors_text_waits_too() -> None:
    client, holder = browser(), settled(role=Role.EDITOR)
    another_tab(client, holder)
    page = Page(client.get("/edit/users/"))
    fields = {"csrfmiddlewaretoken": page.all("input", name="csrfmiddlewaretoken")[0].attributes["value"]}
    another_tab_again(client, holder)
    page = Page(client.post("/edit/users/?a=1", fields | {"body": "Lang und schön", "tags": ["eins", "zwei"]}))
    (form,) = page.main.all("form")
    sent = [(each.attributes["name"], each.attributes.get("value")) for each in form.all("input")]
    assert sent[1:] == [("body", "Lang und schön"), ("tags", "eins"), ("tags", "zwei")]
    assert form.attributes["action"] == "/edit/users/?a=1"
    (shown,) = page.main.all("section", **{"aria-labelledby": "entered-heading"})
    assert shown.text == "Was Sie eingegeben haben Text Lang und schön"


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://testserver.evil.example.org"])
def test_what_another_site_sends_is_not_shown_again(origin: str) -> None:
    client = browser(origin=origin)
    for path in ("/contact/", "/profile/", "/help/registration/", "/sign-in/"):
        answer = client.post(path, {"concern": "untergeschoben", "name": "untergeschoben", "address": "untergeschoben"})
        assert (answer.status_code, Page(answer).heading) == (403, "Die Seite war zu lange offen")
        assert "untergeschoben" not in answer.content.decode()


def test_nor_is_what_does_not_say_where_it_comes_from() -> None:
    answer = Client(enforce_csrf_checks=True).post("/contact/", {"concern": "untergeschoben"})
    assert "untergeschoben" not in answer.content.decode()


def test_whoever_is_signed_in_already_is_led_home() -> None:
    client, holder = browser(), settled()
    form = Page(client.get("/")).form("Anmelden")
    another_tab(client, holder)
    assert form.press(client, "Anmelden", address=ADDRESS, password="x").headers["Location"] == "/"
