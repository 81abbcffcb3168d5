"""Files as customers send them: every one is read, or refused in one sentence."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from factories.tables import csv, rows_of, xlsx
from kundenportal.domain.imports import tables, words, workbooks
from kundenportal.domain.imports.rules import files
from kundenportal.domain.imports.rules.runs import FILE_MAX_BYTES
from kundenportal.domain.imports.tables import CsvTable

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = (("E-Mail", "Name", "Einrichtung"), ("a@example.org", "Jörg Müßig", "Kita Straße"))
CELLS = [list(row) for row in ROWS]


def read(content: bytes) -> list[list[str]]:
    """Every row of the file."""
    return [list(row) for row in tables.read(content).rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_is_read_in_every_encoding_and_with_every_separator(encoding: str, separator: str) -> None:
    content = csv(ROWS, encoding=encoding, separator=separator)
    assert read(content) == CELLS
    assert tables.read(content) == CsvTable(content, encoding, separator, "\r\n")


def test_a_separator_within_the_cells_misleads_nobody() -> None:
    content = b'E-Mail;Name;Einrichtung\na@example.org;"Beispiel, Anna, Dr.";"Kita, Krippe, Hort"\n'
    assert read(content)[1] == ["a@example.org", "Beispiel, Anna, Dr.", "Kita, Krippe, Hort"]


def test_quoted_line_breaks_and_blank_lines_count_as_a_spreadsheet_counts_them() -> None:
    content = b'E-Mail,Name,Einrichtung\n\na@example.org,"Anna\nBeispiel",Kita\n'
    assert read(content) == [CELLS[0], [], ["a@example.org", "Anna Beispiel", "Kita"]]


def test_what_keeps_a_zero_is_left_out() -> None:
    assert read(b'E-Mail;Nr.\na@example.org;="0123"\n')[1][1] == "0123"


def test_a_workbook_is_read_from_its_first_row_and_column_with_numbers_and_dates_as_text() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    values = {
        "B3": "E-Mail",
        "C3": "Name",
        "B5": "a@example.org",
        "C5": 47,
        "D5": 1.5,
        "E5": date(2026, 11, 23),
        "F5": True,
    }
    for place, value in values.items():
        sheet[place] = value
    target = io.BytesIO()
    workbook.save(target)
    assert read(target.getvalue())[2][:3] == ["", "E-Mail", "Name"]
    assert read(target.getvalue())[4] == ["", "a@example.org", "47", "1.5", "2026-11-23", "1"]


def test_the_sheet_with_the_headings_is_read() -> None:
    workbook = openpyxl.Workbook()
    remarks, people = workbook.active, workbook.create_sheet("Zugänge")
    assert remarks is not None
    remarks.append(["Bitte bis Freitag"])
    for row in ROWS:
        people.append(row)
    target = io.BytesIO()
    workbook.save(target)
    assert read(target.getvalue()) == CELLS


def test_a_formula_counts_as_what_it_came_to_or_as_nothing() -> None:
    assert read(xlsx([ROWS[0], ("a@example.org", "=1+1", "Kita")]))[1] == ["a@example.org", "", "Kita"]


def packed(**parts: bytes) -> bytes:
    """A package that is no workbook, or a strange one."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


FAR_AWAY = b'<worksheet><sheetData><row r="1"><c r="XFD1" t="n"><v>1</v></c></row></sheetData></worksheet>'
FAR_BELOW = b'<worksheet><sheetData><row r="1"><c r="A1048576" t="n"><v>1</v></c></row></sheetData></worksheet>'
REFUSED = [
    (b"", files.FileEmpty),
    (b" \r\n\r\n", files.FileEmpty),
    (xlsx([]), files.FileEmpty),
    (b"x" * (FILE_MAX_BYTES + 1), files.FileTooLarge),
    (packed(**{"xl/workbook.xml": b"0" * (26 * FILE_MAX_BYTES)}), files.FileTooLarge),
    (b"%PDF-1.7 ...", files.NotATable),
    (b"<html><table>", files.NotATable),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", files.NotATable),
    (b"E-Mail;Name\0;x\n", files.NotATable),
    (packed(**{"word/document.xml": b"<x/>"}), files.NotATable),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, files.OldOrLocked),
    (b"PK\x03\x04 and no more", files.FileDamaged),
    (xlsx(ROWS)[:-200], files.FileDamaged),
    (packed(**{"xl/workbook.xml": b"<workbook"}), files.FileDamaged),
    ("E-Mail;Name\na@example.org;Müller\n".encode("cp437"), files.EncodingUnknown),
    (b"\xff\xfeE", files.EncodingUnknown),
    (b'E-Mail;Name\na@example.org;"Anna\n' + b"b@example.org;Bert\n" * 50, files.QuoteNotClosed),
    (b'E-Mail;Name\na@example.org;"Anna' + b"a" * 200_000, files.QuoteNotClosed),
    (b"a\n" * 200_001, files.TooManyRows),
    (b";" * 300 + b"x\n", files.TooManyColumns),
    (packed(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": FAR_AWAY}), files.TooManyColumns),
    (packed(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": FAR_BELOW}), files.TooManyRows),
]


@pytest.mark.parametrize(("content", "refusal"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_table_is_refused(content: bytes, refusal: type[files.TableRefused]) -> None:
    with pytest.raises(refusal):
        read(content)


def test_every_refusal_has_its_sentence_in_both_languages() -> None:
    for refusal in files.TableRefused.__subclasses__():
        with translation.override("en"):
            english = words.refusal_in_words(refusal())
        with translation.override("de"):
            assert words.refusal_in_words(refusal()) != english


@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    try:
        rows = read(content)
    except files.TableRefused:
        return
    assert all("\0" not in cell and "\n" not in cell for row in rows for cell in row)


MARKS = {2: ("neu", "Neuer Zugang.")}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ","])
def test_the_file_comes_back_as_it_was_with_two_columns_more(encoding: str, separator: str) -> None:
    table = tables.read(csv(ROWS, encoding=encoding, separator=separator))
    content = table.marked(("Ergebnis", "Begründung"), 1, MARKS)
    expected: Sequence[Sequence[object]] = ((*ROWS[0], "Ergebnis", "Begründung"), (*ROWS[1], "neu", "Neuer Zugang."))
    assert content == csv(expected, encoding=encoding, separator=separator)


@pytest.mark.parametrize("kept", [5_000, 0], ids=["as it looks", "values only"])
def test_a_workbook_comes_back_with_two_columns_more(monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    monkeypatch.setattr(workbooks, "ROWS_KEPT_AS_THEY_LOOK", kept)
    table = tables.read(xlsx(ROWS))
    content = table.marked(("Ergebnis", "Begründung"), 1, MARKS)
    assert rows_of(content) == [[*ROWS[0], "Ergebnis", "Begründung"], [*ROWS[1], "neu", "Neuer Zugang."]]


def test_what_is_added_is_never_a_formula() -> None:
    table = tables.read(csv(ROWS))
    content = table.marked(("a", "b"), 1, {2: ("=1+1", "@SUM(A1)")})
    assert content.decode().splitlines()[1].endswith(";'=1+1;'@SUM(A1)")


def test_a_customers_text_that_looks_like_a_formula_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "ROWS_KEPT_AS_THEY_LOOK", 0)
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["E-Mail", "Name"])
    sheet.append(["a@example.org", "x"])
    sheet["B2"].value, sheet["B2"].data_type = "=1+1", "s"
    target = io.BytesIO()
    workbook.save(target)
    marked = tables.read(target.getvalue()).marked(("a", "b"), 1, {2: ("neu", "x")})
    assert openpyxl.load_workbook(io.BytesIO(marked)).worksheets[0]["B2"].data_type == "s"


def test_what_reads_workbooks_is_loaded_with_the_first_one_only() -> None:
    program = (
        "import sys\n"
        "from kundenportal.domain.imports import tables\n"
        "def loaded():\n"
        "    return {'openpyxl', 'python_calamine'} & sys.modules.keys()\n"
        "tables.read(b'E-Mail;Name')\n"
        "assert not loaded()\n"
        "tables.read(sys.stdin.buffer.read())\n"
        "assert len(loaded()) == 2\n"
    )
    subprocess.run([sys.executable, "-c", program], input=xlsx(ROWS), check=True)
