"""Whoever acts for several organisations reads for all of them, or for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories.pages import article, download
from kundenportal.domain.accounts.models import Membership
from kundenportal.domain.organisations.operations import organisation_named
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

CHURCH, NURSERY, STRANGERS = "Kirchenkreis Musterland", "Kita Probstadt", "Kita Regenbogen"
NARROWED = ("/", "/news/", "/downloads/")


def _reader_of_two() -> Client:
    holder = settled(organisation=CHURCH)
    Membership.objects.create(account=holder.account, organisation=organisation_named(NURSERY, now=clock.now()))
    for name in (CHURCH, NURSERY):
        article(f"Neues für {name}", name)
        download(f"Dokument für {name}", name)
    article("Neues für beide", CHURCH, NURSERY, STRANGERS)
    article("Neues für jedermann")
    return sign_in(holder)


def _choose(client: Client, name: str, page: str = "news") -> str:
    chosen = str(organisation_named(name, now=clock.now()).pk) if name else ""
    answer = client.post("/organisation/", {"organisation": chosen, "page": page})
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_at_first_everything_is_shown_and_says_whom_it_is_for() -> None:
    client = _reader_of_two()
    page = Page(client.get("/news/"))
    assert [option.text for option in page.all("option")] == ["Alle Einrichtungen", CHURCH, NURSERY]
    for title in (f"Neues für {CHURCH}", f"Neues für {NURSERY}", "Neues für beide", "Neues für jedermann"):
        assert title in page.main.text
    assert f"Für {CHURCH}, {NURSERY}" in page.main.text
    assert f"Für {NURSERY}" in Page(client.get("/downloads/")).main.text


def test_of_organisations_one_does_not_act_for_nothing_is_told() -> None:
    client = _reader_of_two()
    for path in NARROWED:
        assert STRANGERS not in Page(client.get(path)).text


def test_with_one_chosen_the_others_pages_are_left_out_and_everybodys_stay() -> None:
    client = _reader_of_two()
    assert _choose(client, NURSERY) == "/news/"
    page = Page(client.get("/news/"))
    assert f"Neues für {CHURCH}" not in page.main.text
    for title in (f"Neues für {NURSERY}", "Neues für beide", "Neues für jedermann"):
        assert title in page.main.text
    assert [option.text for option in page.all("option", selected="")] == [NURSERY]
    assert "1 Dokument für Sie" in Page(client.get("/")).main.text
    assert f"Dokument für {CHURCH}" not in Page(client.get("/downloads/")).main.text
    _choose(client, "")
    assert "2 Dokumente für Sie" in Page(client.get("/")).main.text


def test_marking_everything_as_read_leaves_what_is_not_shown() -> None:
    client = _reader_of_two()
    _choose(client, NURSERY)
    client.post("/news/read/")
    _choose(client, "")
    assert "Neuigkeiten: 1 ist neu für Sie" in Page(client.get("/")).main.text


def test_a_link_to_news_for_another_organisation_of_ones_own_still_leads_there() -> None:
    client = _reader_of_two()
    _choose(client, NURSERY)
    path = article("Nachzügler", CHURCH).address()
    assert client.get(path).status_code == 200


def test_nobody_chooses_an_organisation_that_is_not_theirs_or_a_page_that_is_none() -> None:
    client = _reader_of_two()
    assert _choose(client, STRANGERS, page="https://example.org/") == "/"
    page = Page(client.get("/news/"))
    assert page.all("option", selected="") == []
    assert f"Neues für {CHURCH}" in page.main.text
    assert client.post("/organisation/", {"organisation": "\0", "page": "\0"}).status_code == 302


def test_whoever_acts_for_one_organisation_has_nothing_to_choose() -> None:
    client = sign_in(settled())
    article("Neues", CHURCH)
    for path in NARROWED:
        page = Page(client.get(path))
        assert page.all("select") == []
        assert f"Für {CHURCH}" not in page.main.text


def test_whoever_no_longer_acts_for_the_one_they_chose_reads_for_all() -> None:
    client = _reader_of_two()
    _choose(client, NURSERY)
    Membership.objects.get(organisation__name=NURSERY).delete()
    assert f"Neues für {CHURCH}" in Page(client.get("/news/")).main.text
    assert "1 Dokument für Sie" in Page(client.get("/")).main.text
    assert f"Neues für {NURSERY}" not in Page(client.get("/news/")).main.text
