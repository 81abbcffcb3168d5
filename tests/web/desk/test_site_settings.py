"""An editor says on screen what every page and every mail says of the portal and its operator."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.site import queries
from kundenportal.domain.site.rules.settings import EXAMPLE
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from web.pages import Form, Response

pytestmark = pytest.mark.django_db

PATH = "/desk/settings/"
YELLOW = "#ffd400"


@pytest.fixture
def editor() -> Client:
    """A browser in which an editor sits."""
    return sign_in(settled("redaktion@example.org", name="Redaktion", organisation="Vorführung", role=Role.EDITOR))


def form_of(client: Client) -> Form:
    """The settings as they are now."""
    return Page(client.get(PATH)).form("Speichern")


def save(client: Client, form: Form | None = None, /, **entries: str) -> Response:
    """The answer to having changed these."""
    return (form or form_of(client)).press(client, "Speichern", entries)


def test_an_editor_finds_the_page_and_sees_what_holds(editor: Client) -> None:
    home = Page(editor.get("/"))
    assert home.links["Portal-Einstellungen"] == PATH
    fields = form_of(editor).fields
    assert fields["portal_name"] == "Kundenportal COMRAMO"
    assert (fields["monday"], fields["sunday"], fields["state"]) == ("7:00–17:00", "", "NI")


def test_what_an_editor_changes_stands_on_every_page_and_says_who_did_it(editor: Client) -> None:
    response = save(
        editor, portal_name="Portal der Musterkasse", operator_name="Musterkasse", telephone="0511 1234", friday="7–12"
    )
    assert response.headers["Location"] == PATH
    page = Page(editor.get(PATH))
    assert page.notices
    assert "Redaktion" in page.main.text
    start = Client().get("/")
    text = Page(start).text
    for words in ("Portal der Musterkasse", "Musterkasse", "0511 1234", "Freitag, 7:00 bis 12:00 Uhr"):
        assert words in text
    assert "COMRAMO" not in text
    assert "<title>" in start.content.decode()
    assert "– Portal der Musterkasse" in " ".join(start.content.decode().split())
    lead = sign_in(settled("leitung@example.org", role=Role.DESK_LEAD))
    trail = Page(lead.get("/desk/trail/")).main.text
    for words in ("Portal-Einstellungen geändert", "Betreiber", "vorher: COMRAMO", "jetzt: Musterkasse", "Redaktion"):
        assert words in trail


def test_days_that_differ_are_added_changed_and_taken_away(editor: Client) -> None:
    entries = {"day": "2026-12-24", "every_year": "on", "hours": "7-12", "reason": "Heiligabend"}
    first = {f"days-0-{name}": entry for name, entry in entries.items()}
    assert save(editor, None, **first).status_code == 302
    form = form_of(editor)
    assert form.fields["days-0-hours"] == "7:00–12:00"
    assert form.fields["days-0-day"].endswith("-12-24")
    assert save(editor, form, **{"days-1-day": "2027-01-02", "days-1-reason": "Inventur"}).status_code == 302
    trail = Page(sign_in(settled("leitung@example.org", role=Role.DESK_LEAD)).get("/desk/trail/")).main.text
    assert "vorher: – · jetzt: 24.12. 7:00–12:00 Heiligabend" in trail
    assert "vorher: – · jetzt: 02.01.2027 – Inventur" in trail
    assert [(day.reason, day.every_year, bool(day.hours)) for day in queries.current().special_days] == [
        ("Heiligabend", True, True),
        ("Inventur", False, False),
    ]
    form = form_of(editor)
    cleared = form.unchanged("Speichern") | {"days-0-day": "", "days-0-hours": "", "days-0-reason": ""}
    assert editor.post(PATH, cleared).status_code == 302
    assert [day.reason for day in queries.current().special_days] == ["Inventur"]


def test_more_rows_cost_nothing_of_what_was_entered(editor: Client) -> None:
    page = Page(form_of(editor).press(editor, "Weitere Zeilen", {"telephone": "0511 99", "days-0-reason": "Inventur"}))
    fields = page.form("Speichern").fields
    assert (fields["telephone"], fields["days-0-reason"], fields["days-TOTAL_FORMS"]) == ("0511 99", "Inventur", "4")
    assert queries.stand().version == 0


@pytest.mark.parametrize(
    ("entries", "wrong"),
    [
        ({"portal_name": ""}, "id_portal_name"),
        ({"email": "hr"}, "id_email"),
        ({"telephone": "anrufen"}, "id_telephone"),
        ({"monday": "morgens"}, "id_monday"),
        ({"colour_light": "blau"}, "id_colour_light"),
        ({"days-0-day": "irgendwann"}, "id_days-0-day"),
        ({"days-0-hours": "7–12"}, "id_days-0-day"),
        ({"days-0-day": "2026-12-24", "days-0-hours": "früh"}, "id_days-0-hours"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    editor: Client, entries: dict[str, str], wrong: str
) -> None:
    page = Page(save(editor, None, **{"operator_name": "Musterkasse", **entries}))
    assert list(page.errors) == [wrong]
    assert page.all("title")[0].text.startswith("Fehler: ")
    fields = page.form("Speichern").fields
    assert {name: fields[name] for name in entries} == entries
    assert fields["operator_name"] == "Musterkasse"
    assert page.all("div", role="alert")
    assert queries.stand().version == 0


def test_of_two_editors_the_second_is_told_and_loses_nothing(editor: Client) -> None:
    lead = sign_in(settled("leitung@example.org", name="Leitung", role=Role.DESK_LEAD))
    hers = form_of(lead)
    save(editor, telephone="0511 1", operator_name="Musterkasse")
    page = Page(save(lead, hers, telephone="0511 2"))
    assert "Redaktion" in page.main.text
    assert "0511 1" in page.main.text
    assert page.form("Speichern").fields["telephone"] == "0511 2"
    assert queries.current().telephone == "0511 1"
    # Sent once more, it is knowingly.
    assert save(lead, page.form("Speichern"), operator_name="Musterkasse").status_code == 302
    site = queries.current()
    assert (site.telephone, site.operator_name) == ("0511 2", "Musterkasse")


def test_a_preview_shows_the_page_as_it_would_be_and_saves_nothing(editor: Client) -> None:
    response = form_of(editor).press(
        editor, "Erst ansehen", portal_name="Portal der Musterkasse", telephone="0511 99", colour_light="#13604b"
    )
    page = Page(response)
    assert "Portal der Musterkasse" in page.all("header")[0].text
    assert "0511 99" in page.all("aside")[0].text
    assert "brand/13604b-own-" in response.content.decode()
    assert page.form("Speichern").fields["telephone"] == "0511 99"
    assert queries.stand().version == 0


def test_a_colour_nobody_could_read_is_refused_and_the_nearest_is_one_click_away(editor: Client) -> None:
    page = Page(save(editor, colour_light=YELLOW, operator_name="Musterkasse"))
    assert set(page.errors) == {"id_colour_light"}
    assert queries.stand().version == 0
    (offer,) = [each for each in page.form("Speichern").buttons if each.attributes.get("name") == "take_colour_light"]
    shade = offer.attributes["value"]
    assert shade in page.errors["id_colour_light"]
    assert page.form("Speichern").press(editor, shade).status_code == 302
    assert (queries.current().colour_light, queries.current().operator_name) == (shade, "Musterkasse")


def test_the_colours_are_a_style_sheet_of_their_own_that_is_kept_for_good(editor: Client) -> None:
    save(editor, colour_light="#13604b", colour_dark="#9fe0c0")
    (link,) = [
        each for each in Page(editor.get("/")).all("link", rel="stylesheet") if "/brand/" in each.attributes["href"]
    ]
    for client in (Client(), editor):
        sheet = client.get(link.attributes["href"])
        assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
        assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "--accent:light-dark(#13604b,#9fe0c0);" in sheet.content.decode()
    assert not [each for each in Page(Client().get("/")).walk() if "style" in each.attributes]


@pytest.mark.parametrize("name", ["ffd400-own-00000000", "13604b-own-00000000", "own-own", "x-y-z", "1-2-3-4"])
def test_a_style_sheet_nobody_made_is_not_there(client: Client, name: str) -> None:
    assert client.get(f"/brand/{name}.css").status_code == 404


def picture() -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (300, 100), "#13604b").save(file, "JPEG")
    return SimpleUploadedFile("logo.jpg", file.getvalue(), "image/jpeg")


def test_a_logo_stands_before_the_name_and_can_be_taken_away(editor: Client) -> None:
    entries = form_of(editor).unchanged("Speichern") | {"logo_file": picture()}
    assert editor.post(PATH, entries).status_code == 302
    start = Page(Client().get("/"))
    (shown,) = start.all("img")
    assert shown.attributes["alt"] == ""
    assert "Kundenportal COMRAMO" in start.all("header")[0].text
    answer = Client().get(shown.attributes["src"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert save(editor, no_logo="on").status_code == 302
    assert not Page(Client().get("/")).all("img")
    assert Client().get(shown.attributes["src"]).status_code == 200  # on pages that are still open


def test_a_logo_is_not_lost_when_something_else_is_wrong(editor: Client) -> None:
    entries = form_of(editor).unchanged("Speichern") | {"logo_file": picture(), "portal_name": ""}
    page = Page(editor.post(PATH, entries))
    assert set(page.errors) == {"id_portal_name"}
    assert save(editor, page.form("Speichern"), portal_name="Portal").status_code == 302
    assert queries.current().logo.endswith(".png")


def test_a_file_that_is_no_picture_is_refused(editor: Client) -> None:
    script = SimpleUploadedFile("logo.svg", b"<svg onload='alert(1)'/>", "image/svg+xml")
    page = Page(editor.post(PATH, form_of(editor).unchanged("Speichern") | {"logo_file": script}))
    assert set(page.errors) == {"id_logo_file"}
    assert queries.current() == EXAMPLE


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"version": "-1"},
        {"version": "9" * 40},
        {"days-TOTAL_FORMS": "x"},
        {"days-TOTAL_FORMS": "9999", "action": "more"},
        {"days-0-day": "2026-02-31", "days-0-every_year": "on"},
        {"days-0-day": "2024-02-29", "days-0-every_year": "on"},
        {"logo": "nobody.png"},
        {"logo": "\0"},
        {"take_colour_light": "red"},
    ],
)
def test_whatever_is_sent_is_no_fault(editor: Client, entries: dict[str, str]) -> None:
    whole = form_of(editor).unchanged("Speichern") if entries else {}
    assert editor.post(PATH, whole | entries).status_code in {200, 302}
    assert editor.get(PATH).status_code == 200
