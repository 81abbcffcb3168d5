"""Words are found in every form they take, in the language of the page, by whoever may see it."""

from __future__ import annotations

import pytest
from django.test import Client

from factories.pages import article, help_page
from kundenportal.domain.accounts.rules import Language
from web.pages import Page
from web.residents import settled, sign_in

pytestmark = pytest.mark.django_db


def _found(client: Client, words: str) -> list[str]:
    page = Page(client.get("/search/", {"q": words}))
    return [name.text for name in page.main.all("span", **{"class": "ways__name"})]


@pytest.mark.parametrize("words", ["Bescheinigung", "bescheinigungen", "neue Bescheinigungen"])
def test_german_words_are_found_in_other_forms(words: str) -> None:
    article("Mitteilung", body=[("paragraph", "<p>Für neue Kolleginnen liegen die Bescheinigungen bereit.</p>")])
    article("Anderes")
    assert _found(sign_in(settled()), words) == ["Mitteilung"]


@pytest.mark.parametrize("words", ["certificate", "certificates", "preparing"])
def test_english_words_are_found_in_other_forms(words: str) -> None:
    text = "<p>We have prepared the certificates.</p>"
    article("Notice", language="en", body=[("paragraph", text)])
    assert _found(sign_in(settled(language=Language.ENGLISH)), words) == ["Notice"]


def test_the_help_is_searched_without_a_sign_in() -> None:
    assert "Wichtiges zur Registrierung und Anmeldung" in _found(Client(), "gesperrt")


def test_only_the_pages_own_words_are_marked_as_being_in_its_language() -> None:
    article("Mitteilung", summary="Neues in Kürze")
    page = Page(sign_in(settled(language=Language.ENGLISH)).get("/search/", {"q": "Mitteilung"}))
    in_german = [each.text for each in page.main.walk() if each.attributes.get("lang") == "de"]
    assert in_german == ["Mitteilung", "Neues in Kürze"]


def test_help_and_news_are_searched_together() -> None:
    article("Krankmeldung im Dezember")
    help_page("Krankmeldungen")
    assert len(_found(sign_in(settled()), "Krankmeldung")) == 2


def test_what_was_unpublished_is_found_no_more() -> None:
    news = article("Vorübergehendes")
    client = sign_in(settled())
    assert _found(client, "Vorübergehendes") == ["Vorübergehendes"]
    news.unpublish()
    assert _found(client, "Vorübergehendes") == []


@pytest.mark.parametrize(
    "words", ["", " ", "'", '"', "a & | !", "<script>", "%", "\\", "x" * 5000, "\0", "der die das"]
)
def test_whatever_is_typed_gets_an_answer(words: str) -> None:
    assert Client().get("/search/", {"q": words}).status_code == 200
