"""Staff import a customer's messy table: checked first, started once, watched, left, found again, and given back."""

from __future__ import annotations

import csv
import io
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from factories.messy import messy

from .browsing import follow, heading, press
from .letters import password_in
from .people import enter_with_initial_password, newcomer
from .readers import SCRIPTED_OR_PLAIN
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from factories.messy import Messy

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

ROWS = 500
SECONDS_TO_IMPORT = 120


def _upload(page: Page, table: Messy) -> None:
    follow(page, GERMAN.desk)
    follow(page, GERMAN.imports)
    follow(page, GERMAN.upload_a_file)
    page.get_by_label("Datei", exact=True).set_input_files(
        files={"name": "zugänge kirchenkreis.csv", "mimeType": "text/csv", "buffer": table.content}
    )
    press(page, GERMAN.upload)
    expect(heading(page, "Spalten")).to_be_visible()


def _results(page: Page) -> list[list[str]]:
    with page.expect_download() as download:
        follow(page, "Datei mit Ergebnissen herunterladen")
    assert download.value.suggested_filename == "zugänge kirchenkreis – Ergebnis.csv"
    content = Path(download.value.path()).read_bytes().decode("cp1252")
    return list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))


@SCRIPTED_OR_PLAIN
def test_a_messy_table_of_500_rows(portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool) -> None:
    table = messy(ROWS, token=f"k{secrets.token_hex(4)}")
    page = browsing.open(portal, GERMAN, javascript=javascript)
    enter_with_initial_password(page, newcomer(portal, mailbox, GERMAN, role="desk"))

    # The columns are told from their headings, and may be chosen otherwise.
    _upload(page, table)
    chosen = page.get_by_label("Einrichtung", exact=True).locator("option:checked")
    expect(chosen).to_have_text("Name der Einrichtung")
    expect(page.get_by_label("Vorname (freiwillig)", exact=True).locator("option:checked")).to_have_text("Vorname")
    expect(page.get_by_role("region", name="Die ersten Zeilen der Datei")).to_contain_text("Müßig")
    press(page, GERMAN.check_file)

    # The dry run: nothing has happened yet.
    _wait_for(page, "Die Datei ist geprüft")
    for label, count in (("bitte prüfen", table.doubtful), ("Fehler", table.refused)):
        expect(page.get_by_role("link", name=f"{label} {count}", exact=True)).to_be_visible()
    follow(page, f"Fehler {table.refused}")
    expect(page.get_by_role("cell", name="Das ist keine E-Mail-Adresse.").first).to_be_visible()
    assert not set(table.opened) & set(portal.accounts())

    # Started, left, and found again.
    press(page, GERMAN.start_import)
    follow(page, GERMAN.accounts)
    follow(page, GERMAN.imports)
    page.get_by_role("link", name="zugänge kirchenkreis.csv", exact=True).first.click()
    _wait_for(page, "Der Import ist abgeschlossen")
    assert set(table.opened) <= set(portal.accounts())

    # The customer's own file, with what became of each row.
    rows = _results(page)
    assert rows[3] == [
        "lfd. Nr.",
        "Name der Einrichtung",
        "Nachname",
        "Vorname",
        "E-Mail (dienstlich)",
        "Art",
        "Bemerkung",
        "Ergebnis",
        "Begründung",
    ]
    results = [row[7] for row in rows[4:] if len(row) > 7]
    assert results.count("Fehler") == table.refused
    assert results.count("neu") + results.count("bitte prüfen") == len(table.opened)

    # Whoever was imported can sign in.
    password = password_in(mailbox.wait_for(table.opened[0]))
    assert password
    # The same file again is nothing new.
    _upload(page, table)
    press(page, GERMAN.check_file)
    _wait_for(page, "Die Datei ist geprüft")
    expect(page.get_by_role("link", name=f"unverändert {len(table.opened)}", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=GERMAN.start_import)).to_have_count(0)


def _wait_for(page: Page, title: str) -> None:
    """The page comes by itself, or when whoever has no JavaScript asks for it."""
    for _ in range(SECONDS_TO_IMPORT):
        if heading(page, title).is_visible():
            return
        again = page.get_by_role("link", name="Stand anzeigen", exact=True)
        if again.count() and again.is_visible():
            again.click()
        page.wait_for_timeout(1000)
    expect(heading(page, title)).to_be_visible()


def test_an_import_under_way_can_be_cancelled(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    table = messy(25, token=f"k{secrets.token_hex(4)}")
    page = browsing.open(portal, GERMAN)
    enter_with_initial_password(page, newcomer(portal, mailbox, GERMAN, role="desk"))
    _upload(page, table)
    press(page, "Diesen Import abbrechen")
    expect(heading(page, "Der Import wurde abgebrochen")).to_be_visible()
    expect(page.get_by_text(re.compile("Nichts wurde importiert"))).to_be_visible()
    assert not set(table.opened) & set(portal.accounts())
