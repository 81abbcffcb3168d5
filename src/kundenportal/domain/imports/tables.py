"""Customers' tables, as they come: XLSX and CSV. A row is counted as a spreadsheet counts it, blank ones included.

What reads and writes workbooks is loaded with the first one: it takes 6 MB, and few processes ever see one.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

import csv
import io
import re
import zipfile
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.text import on_one_line

from .rules.columns import HEADING_WITHIN, columns_in
from .rules.runs import COLUMNS_AT_MOST, FILE_MAX_BYTES, ROWS_AT_MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from openpyxl.worksheet.worksheet import Worksheet
    from python_calamine import CalamineWorkbook

    Row = Sequence[str]

CELL_MAX_LENGTH = 300  # longer than anything that is imported, and enough to recognise the rest by
SEPARATORS = (";", ",", "\t")
SAMPLE = 64 * 1024
# More in one cell means that a quotation mark was opened and never closed.
LINE_BREAKS_IN_A_CELL = 25
UNPACKED_AT_MOST = 25 * FILE_MAX_BYTES
# Beyond that a workbook takes too long to be opened as it is; it comes back with its values only.
ROWS_KEPT_AS_THEY_LOOK = 5_000
_ENDS_LINES = ("\r\n", "\n", "\r")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and every workbook under a password
_BOMS = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}


class TableRefused(Refusal):
    """The file cannot be read as a table."""


class FileEmpty(TableRefused):
    """There is nothing in it."""


class NoRows(TableRefused):
    """There are no rows below its headings."""


class FileTooLarge(TableRefused):
    """It is larger than FILE_MAX_BYTES, or would be once unpacked."""


class NotATable(TableRefused):
    """It is neither XLSX nor CSV."""


class OldOrLocked(TableRefused):
    """It is a workbook of the old kind (.xls), or one under a password."""


class FileDamaged(TableRefused):
    """It begins like an XLSX file and cannot be opened."""


class EncodingUnknown(TableRefused):
    """Its text is neither UTF-8 nor Windows-1252."""


class QuoteNotClosed(TableRefused):
    """A quotation mark in it is opened and never closed."""


class TooManyRows(TableRefused):
    """It has more than ROWS_AT_MOST rows."""


class TooManyColumns(TableRefused):
    """It has more than COLUMNS_AT_MOST columns."""


@dataclass(frozen=True)
class Csv:
    """How a file of separated values is written."""

    encoding: str
    separator: str
    line_end: str


@dataclass(frozen=True)
class Table:
    """A table that can be read; its cells are text on one line."""

    content: bytes
    csv: Csv | None  # None: XLSX
    sheet: str = ""

    def rows(self) -> Iterator[Row]:
        """Every row from the first, blank ones included. Raises TooManyRows, TooManyColumns, QuoteNotClosed."""
        source = _csv_rows(self.content, self.csv) if self.csv else _sheet_rows(_workbook(self.content), self.sheet)
        for number, cells in enumerate(source, start=1):
            if number > ROWS_AT_MOST:
                raise TooManyRows
            if len(cells) > COLUMNS_AT_MOST and any(cells[COLUMNS_AT_MOST:]):
                raise TooManyColumns
            yield [on_one_line(cell)[:CELL_MAX_LENGTH] for cell in cells[:COLUMNS_AT_MOST]]

    def beginning(self) -> list[Row]:
        """Its first rows, enough to find the headings in."""
        return list(islice(self.rows(), HEADING_WITHIN))


def read(content: bytes) -> Table:
    """The table in a file, whatever the file is called; its rows are looked at only by `rows`. Raises TableRefused."""
    if len(content) > FILE_MAX_BYTES:
        raise FileTooLarge
    if not content.strip():
        raise FileEmpty
    if content.startswith(_OLD_OFFICE):
        raise OldOrLocked
    if content.startswith(b"PK\x03\x04"):
        return Table(content, None, _sheet_to_read(content))
    return Table(content, _csv_in(content))


def marked(table: Table, headings: tuple[str, str], heading_row: int, marks: Mapping[int, tuple[str, str]]) -> bytes:
    """The customer's own file, with two columns more: what stands in `marks` for each row, by its number."""
    inert = {number: (_inert(result), _inert(reason)) for number, (result, reason) in marks.items()}
    if heading_row:
        inert[heading_row] = headings
    if table.csv:
        return _marked_csv(table.content, table.csv, inert)
    number_of_rows = sum(1 for _ in table.rows())
    return (_marked_workbook if number_of_rows <= ROWS_KEPT_AS_THEY_LOOK else _marked_values)(table, inert)


def _inert(text: str) -> str:
    # What a spreadsheet would take for a formula is text to it with a mark in front.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _csv_in(content: bytes) -> Csv:
    encoding = _encoding_of(content)
    text = _decoded(content, encoding)
    if "\0" in text or text.lstrip().startswith(("<", "%PDF", "{\\rtf")):
        raise NotATable
    sample = text[:SAMPLE]
    line_end = next((end for end in _ENDS_LINES if end in sample), "\r\n")
    separator = max(SEPARATORS, key=lambda each: _worth(sample, each))
    return Csv(encoding, separator, line_end)


def _encoding_of(content: bytes) -> str:
    for encoding, bom in _BOMS.items():
        if content.startswith(bom):
            return encoding
    if b"\0" in content:
        raise NotATable
    for encoding in ("utf-8", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise EncodingUnknown


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as unreadable:
        raise EncodingUnknown from unreadable


def _worth(sample: str, separator: str) -> tuple[int, int]:
    """How well a separator explains the beginning of a file: headings it brings out, then columns it makes."""
    try:
        rows = list(islice(csv.reader(io.StringIO(sample, newline=""), delimiter=separator), HEADING_WITHIN))
    except csv.Error:
        return (0, 0)
    widths = [len(row) for row in rows if any(row)]
    typical = max(set(widths), key=widths.count) if widths else 0
    return (max((len(columns_in(row)) for row in rows), default=0), typical)


def _csv_rows(content: bytes, how: Csv) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(_decoded(content, how.encoding), newline=""), delimiter=how.separator)
    try:
        for row in reader:
            if any(cell.count("\n") > LINE_BREAKS_IN_A_CELL for cell in row):
                raise QuoteNotClosed
            yield [_without_trick(cell) for cell in row]
    except csv.Error as fault:  # a cell longer than any
        raise QuoteNotClosed from fault


def _without_trick(cell: str) -> str:
    # ="0123" is how a CSV file keeps a spreadsheet from dropping the zero.
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _sheet_to_read(content: bytes) -> str:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    _refuse_unfit_package(content)
    workbook = _workbook(content)
    names = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
    ]
    filled: list[tuple[int, str]] = []
    for name in names:
        beginning = list(islice(_sheet_rows(workbook, name), HEADING_WITHIN))
        if any(any(row) for row in beginning):
            filled.append((max(len(columns_in(row)) for row in beginning), name))
    if not filled:
        raise FileEmpty
    return max(filled, key=lambda each: each[0])[1]  # the first of the best


def _workbook(content: bytes) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as damaged:
        raise FileDamaged from damaged


def _refuse_unfit_package(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise NotATable
            if sum(part.file_size for part in parts) > UNPACKED_AT_MOST:
                raise FileTooLarge
            for part in parts:
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename):
                    _refuse_wide_sheet(package.read(part))
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zipfile.zlib.error) as damaged:  # type: ignore[attr-defined]
        raise FileDamaged from damaged


def _refuse_wide_sheet(xml: bytes) -> None:
    from openpyxl.utils import column_index_from_string

    # A sheet is spread out from its first cell to its last, so one stray cell far away would take all the memory.
    places = re.findall(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*[^/]>', xml)
    if any(column_index_from_string(letters.decode()) > COLUMNS_AT_MOST for letters in {place[0] for place in places}):
        raise TooManyColumns
    if places and max(int(place[1]) for place in places) > ROWS_AT_MOST:
        raise TooManyRows


def _sheet_rows(workbook: CalamineWorkbook, name: str) -> Iterator[list[str]]:
    from python_calamine import CalamineError

    try:
        sheet = workbook.get_sheet_by_name(name)
    except CalamineError as damaged:
        raise FileDamaged from damaged
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for row in sheet.iter_rows():
        yield left + [_text_of(value) for value in row]


def _text_of(value: object) -> str:
    """What a cell shows, or nearly so."""
    match value:
        case str():
            text = value
        case bool():
            text = "1" if value else "0"
        case float() if value.is_integer():
            text = str(int(value))
        case datetime() | date() | time():
            text = value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
        case timedelta() | _:
            text = str(value)
    return text


def _marked_csv(content: bytes, how: Csv, marks: Mapping[int, tuple[str, str]]) -> bytes:
    reader = csv.reader(io.StringIO(_decoded(content, how.encoding), newline=""), delimiter=how.separator)
    rows = list(reader)
    width = max((len(row) for number, row in enumerate(rows, start=1) if number in marks), default=0)
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=how.separator, lineterminator=how.line_end)
    for number, row in enumerate(rows, start=1):
        added = [*[""] * (width - len(row)), *marks[number]] if number in marks else []
        writer.writerow(row + added)
    return written.getvalue().encode(how.encoding, "replace")


def _marked_workbook(table: Table, marks: Mapping[int, tuple[str, str]]) -> bytes:
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(io.BytesIO(table.content))
        sheet: Worksheet = workbook[table.sheet]
    except Exception:  # noqa: BLE001 - it opens less than is read here, and says so in many ways
        return _marked_values(table, marks)
    free = sheet.max_column + 1
    for number, mark in marks.items():
        for offset, text in enumerate(mark):
            cell = sheet.cell(number, free + offset, text)
            cell.data_type = "s"
            beside = sheet.cell(number, max(1, free - 1))
            if beside.has_style and offset == 0:
                cell.font, cell.alignment = copy(beside.font), copy(beside.alignment)
    return _saved(workbook.save)


def _marked_values(table: Table, marks: Mapping[int, tuple[str, str]]) -> bytes:
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(table.sheet)
    source = _workbook(table.content).get_sheet_by_name(table.sheet)
    left = [""] * (source.start[1] if source.start else 0)
    for number, row in enumerate(source.iter_rows(), start=1):
        values = [*left, *row, *marks.get(number, ())]
        sheet.append([_harmless(sheet, value) for value in values])
    return _saved(workbook.save)


def _harmless(sheet: Worksheet, value: object) -> object:
    if not isinstance(value, str) or not value.startswith("="):
        return value
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


def _saved(save: Callable[[io.BytesIO], None]) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()
