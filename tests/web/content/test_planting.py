"""A new portal has its pages, in both languages; what editors make of them stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from wagtail.models import Page as AnyPage

from kundenportal.domain.accounts.rules import Role
from kundenportal.web.content.models import HelpPage, LegalPage
from kundenportal.web.content.planting import plant
from kundenportal.web.content.screenshots import FOLDER, SCREENSHOTS
from web.pages import Page
from web.residents import settled, sign_in

pytestmark = pytest.mark.django_db

# The operator's own help page, question by question.
QUESTIONS = [
    "Wie registriere ich mich im Kundenportal?",
    "Was mache ich, wenn ich vergessen habe, mich anzumelden?",
    "Wie kann ich mir ein eigenes Passwort geben?",
    "Wer hilft mir, wenn der Login nicht funktioniert?",
]
LEGAL = {"imprint": "Impressum", "privacy": "Datenschutz", "accessibility": "Erklärung zur Barrierefreiheit"}


def _english() -> Client:
    client = Client()
    client.post("/language/", {"language": "en"})
    return client


def test_planting_again_changes_nothing() -> None:
    before = list(AnyPage.objects.order_by("path").values())
    plant()
    assert list(AnyPage.objects.order_by("path").values()) == before


def test_what_an_editor_has_changed_or_removed_stays_so() -> None:
    imprint = LegalPage.objects.get(slug="imprint", locale__language_code="de")
    imprint.title = "Wer wir sind"
    imprint.save_revision().publish()
    HelpPage.objects.all().delete()
    plant()
    assert Page(Client().get("/legal/imprint/")).heading == "Wer wir sind"
    assert not HelpPage.objects.exists()


@pytest.mark.parametrize("path", ["/sign-in/help/", "/help/registration/"])
def test_the_help_for_signing_in_answers_every_question_without_a_sign_in(path: str) -> None:
    page = Page(Client().get(path))
    assert page.heading == "Wichtiges zur Registrierung und Anmeldung"
    headings = [each.text for each in page.main.all("h2")]
    assert headings[: len(QUESTIONS)] == QUESTIONS


def test_every_question_can_be_linked_to() -> None:
    page = Page(Client().get("/sign-in/help/"))
    anchors = {each.attributes["id"] for each in page.main.walk() if each.attributes.get("id", "").startswith("frage-")}
    links = {link.removeprefix("#") for link in page.links.values() if link.startswith("#frage-")}
    assert anchors == links
    assert len(anchors) == len(QUESTIONS)


def test_the_start_page_leads_to_it() -> None:
    assert Page(Client().get("/")).links["Hilfe zur Anmeldung"] == "/sign-in/help/"


def test_it_is_as_complete_in_english() -> None:
    german, english = Page(Client().get("/sign-in/help/")), Page(_english().get("/sign-in/help/"))
    assert english.heading == "Registration and signing in: what you need to know"
    for tag in ("h2", "img", "li", "section"):
        assert len(german.main.all(tag)) == len(english.main.all(tag)), tag
    assert {each.attributes["id"] for each in german.main.all("h2")} == {
        each.attributes["id"] for each in english.main.all("h2")
    }


@pytest.mark.parametrize("slug", LEGAL)
def test_legal_pages_are_there_in_both_languages_without_a_sign_in(slug: str) -> None:
    german, english = Page(Client().get(f"/legal/{slug}/")), Page(_english().get(f"/legal/{slug}/"))
    assert german.heading == LEGAL[slug]
    assert english.heading not in {"", german.heading}


def test_what_the_operator_has_to_fill_in_is_told_to_editors_only() -> None:
    editor = sign_in(settled("redaktion@example.org", role=Role.EDITOR))
    wanted = "Vertretungsberechtigte Personen"
    assert wanted in Page(editor.get("/legal/imprint/")).main.text
    assert wanted not in Page(Client().get("/legal/imprint/")).main.text
    assert wanted not in Page(sign_in(settled()).get("/legal/imprint/")).main.text


@pytest.mark.parametrize("path", ["/", "/sign-in/help/", "/no-such-page/", "/password/forgotten/"])
def test_legal_pages_are_one_click_away_from_every_page(path: str) -> None:
    links = set(Page(Client().get(path)).links.values())
    assert {f"/legal/{slug}/" for slug in LEGAL} <= links


def test_every_picture_of_the_portal_has_been_taken_in_both_languages() -> None:
    files = {str(file.relative_to(FOLDER)) for file in Path(FOLDER).rglob("*.webp")}
    assert files == {f"{language}/{name}.webp" for language in ("de", "en") for name in SCREENSHOTS}


def test_the_help_shows_every_picture_there_is() -> None:
    shown = [image.attributes for image in Page(Client().get("/sign-in/help/")).main.all("img")]
    assert len(shown) == len(SCREENSHOTS)
    assert all(image["alt"] and int(image["width"]) and int(image["height"]) for image in shown)


def test_no_heading_stands_above_nothing() -> None:
    editor = sign_in(settled("redaktion@example.org", role=Role.EDITOR))
    of_readers, of_editors = (
        {each.text for each in Page(client.get("/legal/imprint/")).main.all("h2")} for client in (Client(), editor)
    )
    assert of_editors - of_readers == {"Vertretung und Register"}
    assert {"Anbieter", "Kontakt"} <= of_readers
