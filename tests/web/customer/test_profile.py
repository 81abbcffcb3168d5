"""The profile page as rule R5 has it, pressed through without JavaScript."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.accounts import AT_HOME, OWN_PASSWORD
from factories.trail import events_of
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.operations import Details
from kundenportal.domain.accounts.rules import ColourScheme, Kind, Language, Role
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import attempt, newcomer, settled, sign_in

if TYPE_CHECKING:
    from django.test import Client
    from time_machine import TimeMachineFixture

    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

PATH = "/profile/"
SAVE = "Profil aktualisieren"
NEW = "Neues Passwort erstellen"
NEW_PASSWORD = "Ganz-Anderes-Kennwort-77"
EVERYTHING = {"colour_scheme": "nordsee", "name": "Büro Musterland-Süd", "language": "en"}


def _opened(client: Client, **typed: str) -> Page:
    """The page after the button for a new password was pressed."""
    return Page(Page(client.get(PATH)).form(SAVE).press(client, NEW, typed))


def _kept(account: Account) -> tuple[str, str, str, str]:
    account.refresh_from_db()
    return account.colour_scheme, account.name, account.language, account.password


def _typed(page: Page) -> dict[str, str]:
    return {name: value for name, value in page.form("save").fields.items() if name in EVERYTHING}


def test_the_page_shows_how_the_account_stands() -> None:
    holder = settled(language=Language.ENGLISH)
    page = Page(sign_in(holder).get(PATH))
    assert _typed(page) == {"colour_scheme": "device", "name": "Büro Musterland", "language": "en"}
    assert holder.address in page.main.text


def test_the_names_on_the_page_are_those_of_the_help_page() -> None:
    page = Page(sign_in(settled()).get(PATH))
    assert page.heading == "Profil"
    assert next(heading.text for heading in page.all("h2")) == "Farbschema"
    form = page.form(SAVE)
    assert form.has_button(NEW)
    opened = Page(form.press(sign_in(settled("kita@probstadt.example.org")), NEW))
    assert "Schwaches Passwort bestätigen" in {label.text for label in opened.all("label")}


def test_every_colour_scheme_is_offered_the_devices_own_first() -> None:
    page = Page(sign_in(settled()).get(PATH))
    offers = [each.attributes["value"] for each in page.all("input", name="colour_scheme")]
    assert offers == [scheme.value for scheme in ColourScheme]
    for name in ("Wie das Gerät", "Hell", "Dunkel", "Hoher Kontrast"):
        assert name in page.main.text


def test_enter_saves_because_saving_is_the_forms_first_button() -> None:
    form = Page(sign_in(settled()).get(PATH)).form(SAVE)
    assert form.buttons[0].attributes["value"] == "save"


@pytest.mark.parametrize("scheme", ColourScheme)
def test_every_colour_scheme_can_be_chosen(scheme: ColourScheme) -> None:
    holder = settled()
    client = sign_in(holder)
    assert Page(client.get(PATH)).form(SAVE).press(client, SAVE, colour_scheme=scheme.value).status_code == 302
    (html,) = Page(client.get("/")).all("html")
    assert html.attributes["data-colour-scheme"] == scheme
    holder.account.refresh_from_db()
    assert holder.account.colour_scheme == scheme


def test_everything_is_saved_at_once() -> None:
    holder = newcomer()
    client = sign_in(holder)
    response = _opened(client).form(SAVE).press(client, SAVE, EVERYTHING, new_password=NEW_PASSWORD)
    assert response.headers["Location"] == PATH
    page = Page(client.get(PATH))
    assert page.notices == ["Your profile has been updated. From now on you sign in with your new password."]
    assert _typed(page) == EVERYTHING
    assert attempt(client, holder.address, holder.password).status_code == 200
    assert attempt(client, holder.address, NEW_PASSWORD).status_code == 302


def test_without_a_new_password_the_old_one_stays() -> None:
    holder = settled()
    client = sign_in(holder)
    before = _kept(holder.account)[-1]
    Page(client.get(PATH)).form(SAVE).press(client, SAVE, EVERYTHING)
    assert Page(client.get(PATH)).notices == ["Your profile has been updated."]
    assert _kept(holder.account) == ("nordsee", "Büro Musterland-Süd", "en", before)


@pytest.mark.parametrize("button", ["", NEW])
def test_what_was_left_alone_stays_as_the_desk_corrected_it_meanwhile(button: str) -> None:
    holder = settled()
    client = sign_in(holder)
    form = Page(client.get(PATH)).form(SAVE)
    corrected(holder.account, "Büro Musterland-Nord")
    if button:
        form = Page(form.press(client, button, colour_scheme="nordsee")).form(SAVE)
    page = Page(form.press(client, SAVE, {"name": "", "colour_scheme": "nordsee"}))
    assert set(page.errors) >= {"id_name"}
    changed = {"name": "Büro Musterland", "colour_scheme": "nordsee"}
    assert page.form(SAVE).press(client, SAVE, changed).status_code == 302
    assert _kept(holder.account)[:3] == ("nordsee", "Büro Musterland-Nord", "de")


def test_what_was_changed_is_saved_whatever_the_desk_corrected_meanwhile() -> None:
    holder = settled()
    client = sign_in(holder)
    form = Page(client.get(PATH)).form(SAVE)
    corrected(holder.account, "Büro Musterland-Nord")
    form.press(client, SAVE, EVERYTHING)
    assert _kept(holder.account)[:3] == ("nordsee", "Büro Musterland-Süd", "en")


@pytest.mark.parametrize("seen", ["", "not-of-our-making"])
def test_a_page_that_does_not_say_what_it_showed_is_saved_as_it_is(seen: str) -> None:
    holder = settled()
    client = sign_in(holder)
    form = Page(client.get(PATH)).form(SAVE)
    corrected(holder.account, "Büro Musterland-Nord")
    client.post(PATH, {**form.unchanged(SAVE), "seen": seen})
    assert _kept(holder.account)[1] == "Büro Musterland"


def corrected(account: Account, name: str) -> None:
    """Somebody at the desk has corrected the name."""
    clerk = settled("hr@example.org", role=Role.DESK).account
    accounts.change_details(
        account, Details(name, Kind(account.kind)), changed_by=clerk, now=clock.now(), origin=AT_HOME
    )


def test_the_owner_is_told_by_mail_that_the_password_was_changed() -> None:
    holder = settled()
    client = sign_in(holder)
    deliver_due_mails(clock=clock.now)
    mail.outbox.clear()
    _opened(client).form(SAVE).press(client, SAVE)
    deliver_due_mails(clock=clock.now)
    assert [letter.to for letter in mail.outbox] == [[holder.address]]
    assert "Ihr Passwort wurde geändert" in mail.outbox[0].subject
    assert events_of(holder.account)[-1] == "password.changed"
    assert "profile.updated" not in events_of(holder.account)


@pytest.mark.parametrize(
    ("typed", "faulty"),
    [
        ({"name": " "}, {"id_name"}),
        ({"name": "x" * 151}, {"id_name"}),
        ({"name": "\u200b\u200b"}, {"id_name"}),
        ({"new_password": "kurz"}, {"id_new_password"}),
        ({"new_password": "passwort"}, {"id_new_password"}),
        ({"new_password": "Büro Musterland"}, {"id_new_password"}),
        ({"new_password": ""}, {"id_new_password"}),
        ({"new_password": "x" * 1001}, {"id_new_password"}),
        ({"new_password": "Schützenverein1"}, {"id_confirm_weak"}),
        ({"name": " ", "new_password": ""}, {"id_name", "id_new_password"}),
    ],
)
def test_if_anything_is_refused_nothing_is_saved_and_nothing_typed_is_lost(
    typed: dict[str, str], faulty: set[str]
) -> None:
    holder = settled()
    client = sign_in(holder)
    before = _kept(holder.account)
    entries = {**EVERYTHING, "new_password": NEW_PASSWORD, **typed}
    page = Page(_opened(client).form(SAVE).press(client, SAVE, entries))
    assert page.status == 200
    assert set(page.errors) == faulty
    assert _kept(holder.account) == before
    assert _typed(page) == {name: entries[name] for name in EVERYTHING}
    assert page.control("new_password").attributes["value"] == entries["new_password"]


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u2060"])
def test_a_name_that_nobody_sees_is_missing_without_a_new_password_too(name: str) -> None:
    client = sign_in(settled())
    page = Page(Page(client.get(PATH)).form(SAVE).press(client, SAVE, name=name))
    assert page.errors == {"id_name": "Bitte geben Sie an, mit welchem Namen wir Sie ansprechen dürfen."}


@pytest.mark.parametrize("field", ["colour_scheme", "language"])
@pytest.mark.parametrize("value", ["", "kariert"])
def test_a_choice_that_is_not_offered_is_refused_at_its_field(field: str, value: str) -> None:
    holder = settled()
    client = sign_in(holder)
    before = _kept(holder.account)
    form = Page(client.get(PATH)).form(SAVE)
    page = Page(client.post(PATH, {**form.unchanged(SAVE), field: value}))
    assert set(page.errors) == {f"id_{field}"}
    assert _kept(holder.account) == before


def test_every_fault_is_listed_on_top_with_a_link_to_its_field() -> None:
    client = sign_in(settled())
    page = Page(_opened(client).form(SAVE).press(client, SAVE, name="", new_password=""))
    (summary,) = page.all("div", role="alert")
    targets = {link.attributes["href"].removeprefix("#") for link in summary.all("a")}
    assert targets == {"id_name", "id_new_password"}
    assert targets <= {each.attributes.get("id") for each in page.walk()}
    (title,) = page.all("title")
    assert title.text.startswith("Fehler:")


@pytest.mark.parametrize("name", ["Büro Musterland-Süd", "", "x" * 500])
def test_opening_the_password_part_keeps_everything_typed_and_finds_no_fault(name: str) -> None:
    holder = settled()
    client = sign_in(holder)
    before = _kept(holder.account)
    entries = {**EVERYTHING, "name": name}
    page = _opened(client, **entries)
    assert _typed(page) == entries
    assert page.errors == {}
    assert len(page.control("new_password").attributes["value"]) >= 16
    assert _kept(holder.account) == before


def test_another_suggestion_keeps_everything_typed_beside_it() -> None:
    client = sign_in(settled())
    first = _opened(client, **EVERYTHING)
    second = Page(first.form(SAVE).press(client, "another-suggestion", name="Anders"))
    assert _typed(second) == {**EVERYTHING, "name": "Anders"}
    suggestions = {page.control("new_password").attributes["value"] for page in (first, second)}
    assert len(suggestions) == 2


def test_keeping_the_present_password_closes_the_part_and_keeps_everything_typed() -> None:
    holder = settled()
    client = sign_in(holder)
    page = Page(_opened(client).form(SAVE).press(client, "keep-password", EVERYTHING))
    assert _typed(page) == EVERYTHING
    assert page.form(SAVE).has_button(NEW)
    assert not page.all("input", name="new_password")
    page.form(SAVE).press(client, SAVE)
    assert attempt(client, holder.address, OWN_PASSWORD).status_code == 302


def test_a_button_nobody_offered_saves_nothing() -> None:
    holder = settled()
    client = sign_in(holder)
    before = _kept(holder.account)
    client.post(PATH, {**EVERYTHING, "new_password": NEW_PASSWORD, "action": "something-else"})
    assert _kept(holder.account) == before


def test_a_suggestion_is_strong_and_the_meter_says_so() -> None:
    page = _opened(sign_in(settled()))
    (meter,) = page.all("meter")
    assert meter.attributes["value"] == "4"
    assert "Stark: Schwer zu erraten." in page.main.text


def test_a_weak_password_needs_the_tick() -> None:
    holder = settled()
    client = sign_in(holder)
    page = Page(_opened(client).form(SAVE).press(client, SAVE, new_password="Schützenverein1"))
    assert set(page.errors) == {"id_confirm_weak"}
    assert "Schwach:" in page.main.text
    response = page.form(SAVE).press(client, SAVE, confirm_weak="on")
    assert response.headers["Location"] == PATH
    assert attempt(client, holder.address, "Schützenverein1").status_code == 302


def test_the_tick_stays_set_while_something_else_is_corrected() -> None:
    client = sign_in(settled())
    form = _opened(client).form(SAVE)
    page = Page(form.press(client, SAVE, new_password="Schützenverein1", confirm_weak="on", name=""))
    assert "checked" in page.control("confirm_weak").attributes


def test_a_refused_password_is_not_taken_with_the_tick_either() -> None:
    client = sign_in(settled())
    page = Page(_opened(client).form(SAVE).press(client, SAVE, new_password="passwort", confirm_weak="on"))
    assert set(page.errors) == {"id_new_password"}


@pytest.mark.parametrize("role", [Role.DESK, Role.EDITOR, Role.ADMIN])
def test_staff_cannot_confirm_a_weak_password(role: Role) -> None:
    holder = settled(role=role)
    client = sign_in(holder)
    form = _opened(client).form(SAVE)
    assert not form.element.all("input", name="confirm_weak")
    forged = {**form.unchanged(SAVE), "new_password": "Schützenverein1", "confirm_weak": "on"}
    assert set(Page(client.post(PATH, forged)).errors) == {"id_new_password"}
    assert attempt(client, holder.address, OWN_PASSWORD).status_code == 302


class TestAfterAQuarterOfAnHour:
    """Whoever signed in longer ago proves again who they are, but only to change the password."""

    def test_the_field_is_not_there_before(self, time_machine: TimeMachineFixture) -> None:
        client, begin = sign_in(settled()), clock.now()
        time_machine.move_to(begin + timedelta(minutes=14, seconds=50), tick=False)
        assert not _opened(client).all("input", name="current_password")

    def test_the_field_is_there_afterwards(self, time_machine: TimeMachineFixture) -> None:
        client, begin = sign_in(settled()), clock.now()
        time_machine.move_to(begin + timedelta(minutes=15), tick=False)
        field = _opened(client).control("current_password")
        assert field.attributes["type"] == "password"
        assert field.attributes["autocomplete"] == "current-password"

    def test_it_appears_when_the_time_passed_while_the_page_was_open(self, time_machine: TimeMachineFixture) -> None:
        holder = settled()
        client, begin = sign_in(holder), clock.now()
        opened = _opened(client)
        before = _kept(holder.account)
        time_machine.move_to(begin + timedelta(minutes=16))
        page = Page(opened.form(SAVE).press(client, SAVE, EVERYTHING, new_password=NEW_PASSWORD))
        assert set(page.errors) == {"id_current_password"}
        assert _typed(page) == EVERYTHING
        assert page.control("new_password").attributes["value"] == NEW_PASSWORD
        assert _kept(holder.account) == before
        response = page.form(SAVE).press(client, SAVE, current_password=OWN_PASSWORD)
        assert response.headers["Location"] == PATH
        assert attempt(client, holder.address, NEW_PASSWORD).status_code == 302

    def test_a_wrong_one_is_refused_and_not_shown_again(self, time_machine: TimeMachineFixture) -> None:
        holder = settled()
        client, begin = sign_in(holder), clock.now()
        before = _kept(holder.account)
        time_machine.move_to(begin + timedelta(minutes=15))
        page = Page(_opened(client).form(SAVE).press(client, SAVE, current_password="falsch-und-geheim"))
        assert page.errors == {"id_current_password": "Das ist nicht Ihr bisheriges Passwort."}
        assert "falsch-und-geheim" not in client.get(PATH).content.decode()
        assert "value" not in page.control("current_password").attributes
        assert _kept(holder.account) == before

    def test_it_is_not_asked_for_anything_else(self, time_machine: TimeMachineFixture) -> None:
        holder = settled()
        client, begin = sign_in(holder), clock.now()
        time_machine.move_to(begin + timedelta(minutes=16))
        Page(client.get(PATH)).form(SAVE).press(client, SAVE, EVERYTHING)
        assert _kept(holder.account)[:3] == ("nordsee", "Büro Musterland-Süd", "en")

    def test_signing_in_again_is_as_good(self, time_machine: TimeMachineFixture) -> None:
        holder = settled()
        client, begin = sign_in(holder), clock.now()
        time_machine.move_to(begin + timedelta(minutes=16))
        sign_in(holder, client)
        assert not _opened(client).all("input", name="current_password")

    def test_the_password_that_was_sent_counts_as_the_current_one(self, time_machine: TimeMachineFixture) -> None:
        holder = newcomer()
        client, begin = sign_in(holder), clock.now()
        time_machine.move_to(begin + timedelta(minutes=16))
        current = holder.password.replace("-", "")
        response = _opened(client).form(SAVE).press(client, SAVE, current_password=current)
        assert response.headers["Location"] == PATH


class TestWithHtmx:
    """With JavaScript the same buttons bring only the part of the page that changes."""

    def test_the_part_is_where_the_buttons_look_for_it(self) -> None:
        client = sign_in(settled())
        for page in (Page(client.get(PATH)), _opened(client)):
            for button in page.all("button"):
                if "hx-target" in button.attributes:
                    target = button.attributes["hx-target"].removeprefix("#")
                    assert len([each for each in page.walk() if each.attributes.get("id") == target]) == 1


@pytest.mark.usefixtures("remembered_as_in_a_process")
def test_the_page_asks_the_database_for_little() -> None:
    client = sign_in(settled())
    client.get(PATH)
    with CaptureQueriesContext(connection) as queries:
        client.get(PATH)
    assert len(queries) <= 3
    with CaptureQueriesContext(connection) as queries:
        _opened(client)
    assert len(queries) <= 8
