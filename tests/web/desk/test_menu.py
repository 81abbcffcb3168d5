"""The desk's menu: what is needed daily at once, the rest under “More”, which is open where one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from web.pages import Page

if TYPE_CHECKING:
    from django.test import Client

    from web.pages import Element

pytestmark = pytest.mark.django_db


def _more(page: Page) -> Element:
    (more,) = [each for each in page.all("details") if each.all("summary")[0].text == "Mehr"]
    return more


def test_what_is_rare_stands_under_more(lead: Client) -> None:
    more = _more(Page(lead.get("/desk/")))
    assert [link.text for link in more.all("a")] == ["Wartung", "Fehlerseiten", "Einstellungen", "Protokoll"]
    assert "open" not in more.attributes


@pytest.mark.parametrize("path", ["maintenance/", "maintenance/plan/", "errors/", "settings/", "trail/"])
def test_more_is_open_where_one_is_there(lead: Client, path: str) -> None:
    more = _more(Page(lead.get(f"/desk/{path}")))
    assert "open" in more.attributes
    assert [link.attributes["aria-current"] for link in more.all("a") if "aria-current" in link.attributes]


def test_a_single_rare_thing_needs_no_more(desk: Client) -> None:
    page = Page(desk.get("/desk/"))
    assert page.links["Fehlerseiten"] == "/desk/errors/"
    assert "Mehr" not in [each.text for each in page.all("summary")]
