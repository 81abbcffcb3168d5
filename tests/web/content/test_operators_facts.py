"""Another operator's pages are right without anybody writing them anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.site import operations, queries
from kundenportal.domain.site.rules.settings import EXAMPLE, week_in
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from web.pages import Page
from web.residents import settled

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

PATHS = ("/sign-in/help/", "/legal/imprint/", "/legal/privacy/", "/legal/accessibility/")


def _another_operator() -> None:
    operations.change(
        replace(
            EXAMPLE,
            portal_name="Serviceportal Beispielhausen",
            operator_name="Beispielwerk e. V.",
            email="service@beispielwerk.example.org",
            telephone="05123 4567",
            week=week_in(["8:00–12:00"] * 4 + [""] * 3),
        ),
        version=queries.stand().version,
        changed_by=settled("leitung@example.org", role=Role.ADMIN).account,
        now=clock.now(),
        origin=COMMAND_LINE,
    )


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("path", PATHS)
def test_no_shipped_page_repeats_the_example_operator(path: str, language: str) -> None:
    _another_operator()
    page = Page(Client(headers={"Accept-Language": language}).get(path))
    assert "comramo" not in page.text.lower()
    assert "12401" not in page.text


def test_how_long_things_are_kept_is_what_the_portal_is_set_to_now(settings: Settings) -> None:
    settings.TRAIL_IS_KEPT_FOR, settings.INTAKES_ARE_KEPT_FOR = timedelta(days=730), timedelta(days=90)
    german, english = (
        Page(Client(headers={"Accept-Language": language}).get("/legal/privacy/")).main.text
        for language in ("de", "en")
    )
    assert "Was das Protokoll sagt, bleibt 2 Jahre gespeichert und wird dann gelöscht." in german
    assert "Worum Sie uns gebeten haben, wird 90 Tage nach der Erledigung gelöscht." in german
    assert "is deleted after 2 years." in english
    assert "is deleted 90 days after it was settled." in english


def test_the_facts_are_the_operators_and_in_the_language_of_the_page() -> None:
    _another_operator()
    imprint = Page(Client(headers={"Accept-Language": "de"}).get("/legal/imprint/")).main
    assert "Beispielwerk e. V." in imprint.text
    assert imprint.all("a", href="mailto:service@beispielwerk.example.org")
    assert imprint.all("a", href="tel:051234567")
    assert "Montag bis Donnerstag, 8:00 bis 12:00" in Page(Client().get("/sign-in/help/")).main.text
    english = Page(Client(headers={"Accept-Language": "en"}).get("/sign-in/help/")).main
    assert "Monday to Thursday, 8:00 to 12:00" in english.text
