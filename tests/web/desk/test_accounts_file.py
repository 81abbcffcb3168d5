"""The desk's list of accounts as a file: what is in it, who may take it along, and what the trail says of that."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import openpyxl
import pytest

from kundenportal.domain.audit.models import Entry
from web.pages import Page
from web.residents import issue, letter_holder, suspend

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from web.pages import Response

pytestmark = pytest.mark.django_db

LIST = "/desk/accounts/"
FILE = f"{LIST}export/"


def _csv(response: Response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";"))


def _xlsx(response: Response) -> list[list[str]]:
    content = io.BytesIO(response.getvalue())
    sheet = openpyxl.load_workbook(content).active
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize(("file_format", "read"), [("csv", _csv), ("xlsx", _xlsx)])
def test_the_file_holds_what_was_wanted_in_its_order_and_nothing_else(
    lead: Client, file_format: str, read: Callable[[Response], list[list[str]]]
) -> None:
    for number in range(70):
        issue(f"kita-{number:03}@example.org", name=f"Kita {number:03}", organisation="=1+1")
    suspend(letter_holder())
    page = Page(lead.get(LIST, {"q": "kita", "sort": "-name"}))
    label = {"csv": "Als CSV-Datei speichern", "xlsx": "Als Excel-Datei speichern"}[file_format]
    head, *rows = read(lead.get(page.links[label]))
    assert head[:3] == ["Name", "E-Mail-Adresse", "Einrichtung"]
    assert [row[0] for row in rows] == [f"Kita {number:03}" for number in reversed(range(70))]
    assert {row[2] for row in rows} == {"'=1+1" if file_format == "csv" else "=1+1"}
    assert {row[4] for row in rows} == {"ausgestellt"}


def test_no_cell_of_the_workbook_is_a_formula(lead: Client) -> None:
    issue("=cmd@example.org", name='=HYPERLINK("http://evil.example.org")')
    response = lead.get(FILE, {"format": "xlsx"})
    content = io.BytesIO(response.getvalue())
    cells = [cell for row in openpyxl.load_workbook(content).active.iter_rows() for cell in row]
    assert '=HYPERLINK("http://evil.example.org")' in {cell.value for cell in cells}
    assert {cell.data_type for cell in cells if cell.value} == {"s"}


def test_the_trail_says_who_took_the_accounts_along_and_how_many(lead: Client) -> None:
    letter_holder()
    lead.get(FILE, {"format": "csv", "q": "büro"})
    entry = Entry.objects.get(event="accounts.exported")
    assert entry.details == {"number": 1, "file_format": "csv"}
    assert entry.actor is not None
    assert entry.actor.address == "leitung@example.org"


def test_whoever_only_asks_what_would_be_sent_takes_nothing_along(lead: Client) -> None:
    assert lead.head(FILE, {"format": "csv"}).status_code == 200
    assert lead.head("/desk/trail/export/").status_code == 200
    assert not Entry.objects.filter(event__in=["accounts.exported", "trail.exported"]).exists()


def test_a_workbook_that_would_be_too_long_is_offered_as_csv(lead: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kundenportal.web.desk.accounts.XLSX_ROWS_AT_MOST", 1)
    letter_holder()
    assert len(_xlsx(lead.get(FILE, {"format": "xlsx", "state": "issued"}))) == 2  # with its head
    response = lead.get(FILE, {"format": "xlsx"}, follow=True)
    assert "CSV-Datei" in " ".join(Page(response).notices)
    assert Entry.objects.filter(event="accounts.exported").count() == 1


def test_only_whoever_leads_the_desk_is_offered_the_file(desk: Client) -> None:
    assert not [link for link in Page(desk.get(LIST)).links if "speichern" in link]
    assert desk.get(FILE, {"format": "csv"}).status_code == 403
