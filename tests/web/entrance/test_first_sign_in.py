"""After a first sign-in an own password is asked for: offered, or compulsory, as the operator wants it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import get_resolver

from factories.accounts import AT_HOME, OWN_PASSWORD, chooses
from kundenportal.domain.accounts.operations import change_role
from kundenportal.domain.accounts.rules import Role
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import ADDRESS, Holder, attempt, issue, letter_holder, newcomer, settled, sign_in

if TYPE_CHECKING:
    from pytest_django import Settings
    from time_machine import TimeMachineFixture

    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

PATH = "/sign-in/first/"


def test_the_page_greets_by_name_and_suggests_a_strong_password() -> None:
    page = Page(sign_in(letter_holder()).get(PATH))
    assert page.heading == "Willkommen, Büro Musterland"
    assert page.control("new_password").attributes["type"] == "text"
    assert len(page.control("new_password").attributes["value"]) >= 16
    (meter,) = page.all("meter")
    assert meter.attributes["value"] == "4"


def test_every_look_at_the_page_and_every_press_brings_another_suggestion() -> None:
    client = sign_in(letter_holder())
    first, second = Page(client.get(PATH)), Page(client.get(PATH))
    third = Page(second.form("save").press(client, "another-suggestion"))
    assert len({page.control("new_password").attributes["value"] for page in (first, second, third)}) == 3


def test_the_suggestion_is_the_password_once_it_is_saved() -> None:
    client = sign_in(letter_holder())
    page = Page(client.get(PATH))
    suggestion = page.control("new_password").attributes["value"]
    assert page.form("save").press(client, "save").headers["Location"] == "/"
    assert "Ihr eigenes Passwort ist jetzt aktiv." in Page(client.get("/")).text
    assert attempt(client, "buero@musterland.example.org", suggestion).headers["Location"] == "/"


def test_saving_ends_the_notice_and_the_password_that_was_sent() -> None:
    holder = letter_holder()
    client = sign_in(holder)
    Page(client.get(PATH)).form("save").press(client, "save", new_password=OWN_PASSWORD)
    assert "noch mit dem Passwort an, das wir Ihnen" not in Page(client.get("/")).text
    assert client.get(PATH).headers["Location"] == "/"
    assert attempt(client, holder.address, holder.password).status_code == 200
    assert attempt(client, holder.address, OWN_PASSWORD).status_code == 302


def test_later_is_an_answer_and_leaves_a_notice() -> None:
    holder = letter_holder()
    client = sign_in(holder)
    assert Page(client.get(PATH)).links["Später"] == "/"
    notice = Page(client.get("/"))
    assert "noch mit dem Passwort an, das wir Ihnen" in notice.main.text
    assert "/profile/#password" in notice.links.values()
    assert attempt(client, holder.address, holder.password).headers["Location"] == PATH


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ("", "id_new_password"),
        ("kurz", "id_new_password"),
        ("passwort", "id_new_password"),
        ("Musterland", "id_new_password"),
        ("x" * 129, "id_new_password"),
        ("x" * 1001, "id_new_password"),
        ("Schützenverein1", "id_confirm_weak"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_keeps_the_old_password(entry: str, field: str) -> None:
    holder = letter_holder()
    client = sign_in(holder)
    page = Page(Page(client.get(PATH)).form("save").press(client, "save", new_password=entry))
    assert set(page.errors) == {field}
    assert page.control("new_password").attributes["value"] == entry
    assert attempt(client, holder.address, holder.password).status_code == 302


def test_a_weak_password_is_taken_with_the_tick_and_a_refused_one_is_not() -> None:
    client = sign_in(letter_holder())
    form = Page(client.get(PATH)).form("save")
    refused = form.press(client, "save", new_password="passwort", confirm_weak="on")
    assert set(Page(refused).errors) == {"id_new_password"}
    taken = form.press(client, "save", new_password="Schützenverein1", confirm_weak="on")
    assert taken.headers["Location"] == "/"


def test_whoever_waited_a_quarter_of_an_hour_enters_the_old_password_as_well(
    time_machine: TimeMachineFixture,
) -> None:
    holder = letter_holder()
    client = sign_in(holder)
    form = Page(client.get(PATH)).form("save")
    time_machine.move_to(clock.now() + timedelta(minutes=15))
    again = Page(form.press(client, "save", new_password=OWN_PASSWORD))
    assert set(again.errors) == {"id_current_password"}
    assert again.control("new_password").attributes["value"] == OWN_PASSWORD
    wrong = Page(again.form("save").press(client, "save", current_password="falsch"))
    assert set(wrong.errors) == {"id_current_password"}
    assert "value" not in wrong.control("current_password").attributes
    right = wrong.form("save").press(client, "save", current_password=holder.password)
    assert right.headers["Location"] == "/"


def test_whoever_has_an_own_password_is_not_asked() -> None:
    client = sign_in(settled())
    assert client.get(PATH).headers["Location"] == "/"
    response = client.post(PATH, {"action": "save", "new_password": "Ganz-Anderes-Kennwort-77"})
    assert response.headers["Location"] == "/"
    assert attempt(client, "buero@musterland.example.org", OWN_PASSWORD).status_code == 302


class TestWhereAnOwnPasswordIsCompulsory:
    @pytest.fixture(autouse=True)
    def _required(self, settings: Settings) -> None:
        settings.OWN_PASSWORD_REQUIRED = True

    def test_later_is_no_answer(self) -> None:
        holder = letter_holder()
        client = sign_in(holder)
        page = Page(client.get(PATH))
        assert "Später" not in page.links
        assert client.get("/").headers["Location"] == PATH
        assert attempt(client, holder.address, holder.password).status_code == 302

    @pytest.mark.parametrize("role", [Role.CUSTOMER, Role.ADMIN])
    @pytest.mark.usefixtures("demonstration")
    def test_every_page_leads_there_until_one_is_chosen(self, role: Role) -> None:
        client = sign_in(newcomer(role=role))
        open_before = {
            *("first-sign-in", "password-strength", "session-prolong"),
            *("sign-out", "language", "sign-in-help"),
        }
        open_before |= {"reset-link", "reset-choose", "reset-strength", "reset-done"}
        open_before |= {"brand", "logo", "contact", "contact-taken"}
        open_before |= {"legal", "mails-we-send", "media"}
        open_before |= {"maintenance", "maintenance-mails", "maintenance-calendar"}
        for pattern in get_resolver().url_patterns:
            path = "/" + re.sub(r"<(int|str|slug):\w+>", "1", str(pattern.pattern))
            if getattr(pattern, "name", None) not in open_before:
                assert client.get(path).headers.get("Location") == PATH, path
                assert client.post(path).headers.get("Location") == PATH, path
        assert client.get("/sign-in/help/").status_code == 200
        assert client.get("/no-such-page/").status_code == 404
        Page(client.get(PATH)).form("save").press(client, "save", new_password=OWN_PASSWORD)
        assert client.get("/").status_code == 200
        assert client.get("/profile/").status_code == 200

    def test_the_meter_works_meanwhile(self) -> None:
        client = sign_in(newcomer())
        assert client.post("/password/strength/", {"new_password": OWN_PASSWORD}).status_code == 200

    def test_the_language_can_be_switched_meanwhile(self) -> None:
        client = sign_in(newcomer())
        help_page = Page(client.get("/sign-in/help/"))
        assert help_page.form("English").press(client, "English").headers["Location"] == "/sign-in/help/"
        (html,) = Page(client.get(PATH)).all("html")
        assert html.attributes["lang"] == "en"

    def test_one_can_sign_out_meanwhile(self) -> None:
        client = sign_in(newcomer())
        Page(client.get(PATH)).form("Abmelden").press(client, "Abmelden")
        assert Page(client.get("/")).form("Anmelden").has_button("Anmelden")

    def test_whoever_has_one_notices_nothing(self) -> None:
        assert sign_in(settled()).get("/").status_code == 200


class TestACustomerWithAWeakPasswordWhoBecomesStaff:
    WEAK = "gartenzaun7"

    def test_has_to_choose_a_strong_one_before_anything_else(self) -> None:
        holder = newcomer()
        chooses(holder.account, self.WEAK, now=clock.now())
        client = sign_in(Holder(holder.account, self.WEAK))
        assert client.get("/profile/").status_code == 200
        promoted(holder.account)
        for path in ("/", "/desk/", "/profile/"):
            assert client.get(path).headers["Location"] == PATH, path
        assert attempt(Client(), ADDRESS, self.WEAK).headers["Location"] == PATH
        page = Page(client.get(PATH))
        assert "Dafür ist Ihr Passwort zu schwach" in page.main.text
        assert "Später" not in page.links
        client.post(PATH, {"action": "save", "new_password": self.WEAK, "confirm_weak": "on"})
        assert client.get("/desk/").headers["Location"] == PATH
        page.form("save").press(client, "save", new_password=OWN_PASSWORD)
        assert client.get("/desk/").status_code == 200

    def test_is_let_in_at_once_with_a_strong_one_and_with_the_one_we_sent(self) -> None:
        for holder in (settled("a@example.org"), newcomer("b@example.org")):
            client = sign_in(holder)
            promoted(holder.account)
            assert client.get("/desk/").status_code == 200


def promoted(account: Account) -> None:
    """The account becomes the desk's, by whoever may give that role."""
    lead = issue(f"leitung-{account.pk}@example.org", role=Role.DESK_LEAD)
    change_role(account, Role.DESK, changed_by=lead, now=clock.now(), origin=AT_HOME)
