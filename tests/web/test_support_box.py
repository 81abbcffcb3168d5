"""On every page, at the same place: how the service desk is reached, and whether somebody is there now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from factories.accounts import AT_HOME, NOW
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.site import operations
from kundenportal.domain.site.rules.hours import hours_in
from kundenportal.domain.site.rules.settings import EXAMPLE, week_in
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from django.test import Client
    from time_machine import TimeMachineFixture

    from web.pages import Element, Response

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
NOTE = "Hinterlassen Sie uns Ihr Anliegen"


def box(response: Response) -> Element:
    """The support box of a page, of which there is one."""
    (found,) = Page(response).all("aside")
    return found


@pytest.mark.parametrize(
    ("now", "german", "english"),
    [
        ("2026-11-23 16:59", "Jetzt erreichbar bis 17:00 Uhr", "You can reach us now, until 17:00"),
        ("2026-11-23 06:59", "Wieder erreichbar heute 7:00 Uhr", "You can reach us again today 7:00"),
        ("2026-11-27 17:00", "Wieder erreichbar Montag 7:00 Uhr", "You can reach us again Monday 7:00"),
        ("2026-10-30 17:00", "Wieder erreichbar Montag 7:00 Uhr", "You can reach us again Monday 7:00"),
        ("2025-10-31 09:00", "Heute geschlossen: Reformationstag", "Closed today: Reformation Day"),
    ],
)
def test_the_box_says_whether_somebody_is_there(
    client: Client, time_machine: TimeMachineFixture, now: str, german: str, english: str
) -> None:
    time_machine.move_to(datetime.fromisoformat(now).replace(tzinfo=BERLIN), tick=False)
    for language, words in (("de", german), ("en", english)):
        found = box(client.get("/", headers={"Accept-Language": language})).text
        assert words in found
        assert ("hr@comramo.de" in found, "+49 511 12401-769" in found) == (True, True)


def test_outside_the_hours_it_offers_to_take_a_request_down(client: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 9, tzinfo=BERLIN), tick=False)
    assert NOTE not in box(client.get("/")).text
    time_machine.move_to(datetime(2026, 11, 23, 19, tzinfo=BERLIN), tick=False)
    assert Page(client.get("/")).links[NOTE] == "/contact/"


def test_more_than_six_days_ahead_the_date_is_said(client: Client, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 23, 9, tzinfo=BERLIN), tick=False)
    sunday_mornings = replace(EXAMPLE, week=week_in([""] * 6 + ["8–9"]))
    operations.change(sunday_mornings, version=0, changed_by=None, now=NOW, origin=AT_HOME)
    assert "Wieder erreichbar Sonntag 8:00 Uhr" in box(client.get("/")).text
    time_machine.move_to(datetime(2026, 11, 22, 9, tzinfo=BERLIN), tick=False)
    assert "Wieder erreichbar Sonntag, 29. November 2026, 8:00 Uhr" in box(client.get("/")).text


def test_the_box_says_what_an_editor_says(client: Client) -> None:
    week = (hours_in("7–17"), hours_in("7–17"), hours_in("8–12, 13–15"), (), hours_in("8–12"), (), ())
    site = replace(EXAMPLE, email="service@example.org", telephone="0511 1234", week=week, charges_de="Gratis.")
    operations.change(site, version=0, changed_by=None, now=NOW, origin=AT_HOME)
    found = box(client.get("/"))
    for words in (
        "service@example.org",
        "Montag und Dienstag, 7:00 bis 17:00 Uhr",
        "Mittwoch, 8:00 bis 12:00 und 13:00 bis 15:00 Uhr",
        "Freitag, 8:00 bis 12:00 Uhr",
        "Gratis.",
    ):
        assert words in found.text
    assert Page(client.get("/")).links["0511 1234"] == "tel:05111234"


def test_the_box_is_on_every_page() -> None:
    desk = sign_in(settled(role=Role.ADMIN))
    for path in ("/", "/profile/", "/desk/", "/desk/settings/", "/contact/", "/no-such-page/", "/sign-in/help/"):
        assert "hr@comramo.de" in box(desk.get(path)).text, path
