"""Customers' workbooks; what reads and writes them is loaded with this module, so only with the first one."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import column_index_from_string
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from .rules.columns import HEADING_WITHIN, columns_in
from .rules.files import FileDamaged, FileEmpty, FileTooLarge, NotATable, Table, TooManyColumns, TooManyRows
from .rules.runs import COLUMNS_AT_MOST, FILE_MAX_BYTES, ROWS_AT_MOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openpyxl.worksheet.worksheet import Worksheet

    from .rules.files import Marks

UNPACKED_AT_MOST = 25 * FILE_MAX_BYTES
# Beyond that a workbook takes too long to be opened as it is; it comes back with its values only.
ROWS_KEPT_AS_THEY_LOOK = 5_000


def read(content: bytes) -> Table:
    """The sheet in which people are most likely. Raises TableRefused."""
    _refuse_unfit_package(content)
    workbook = _opened(content)
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
    return SheetTable(content, max(filled, key=lambda each: each[0])[1])  # the first of the best


@dataclass(frozen=True)
class SheetTable(Table):
    """A sheet of a workbook."""

    content: bytes
    sheet: str

    def _cells(self) -> Iterator[list[str]]:
        return _sheet_rows(_opened(self.content), self.sheet)

    def _with(self, marks: Marks) -> bytes:
        number_of_rows = sum(1 for _ in self.rows())
        return self._as_it_looks(marks) if number_of_rows <= ROWS_KEPT_AS_THEY_LOOK else self._values_only(marks)

    def _as_it_looks(self, marks: Marks) -> bytes:
        try:
            workbook = openpyxl.load_workbook(io.BytesIO(self.content))
            sheet: Worksheet = workbook[self.sheet]
        except Exception:  # noqa: BLE001 - it opens less than is read here, and says so in many ways
            return self._values_only(marks)
        free = sheet.max_column + 1
        for number, mark in marks.items():
            for offset, text in enumerate(mark):
                cell = sheet.cell(number, free + offset, text)
                cell.data_type = "s"
                beside = sheet.cell(number, max(1, free - 1))
                if beside.has_style and offset == 0:
                    cell.font, cell.alignment = copy(beside.font), copy(beside.alignment)
        return _saved(workbook.save)

    def _values_only(self, marks: Marks) -> bytes:
        workbook = openpyxl.Workbook(write_only=True)
        sheet = workbook.create_sheet(self.sheet)
        source = _opened(self.content).get_sheet_by_name(self.sheet)
        left = [""] * (source.start[1] if source.start else 0)
        for number, row in enumerate(source.iter_rows(), start=1):
            values = [*left, *row, *marks.get(number, ())]
            sheet.append([_harmless(sheet, value) for value in values])
        return _saved(workbook.save)


def _opened(content: bytes) -> CalamineWorkbook:
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
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error) as damaged:
        raise FileDamaged from damaged


def _refuse_wide_sheet(xml: bytes) -> None:
    # A sheet is spread out from its first cell to its last, so one stray cell far away would take all the memory.
    places = re.findall(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*[^/]>', xml)
    if any(column_index_from_string(letters.decode()) > COLUMNS_AT_MOST for letters in {place[0] for place in places}):
        raise TooManyColumns
    if places and max(int(place[1]) for place in places) > ROWS_AT_MOST:
        raise TooManyRows


def _sheet_rows(workbook: CalamineWorkbook, name: str) -> Iterator[list[str]]:
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
        case _:
            text = str(value)
    return text


def _harmless(sheet: Worksheet, value: object) -> object:
    if not isinstance(value, str) or not value.startswith("="):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


def _saved(save: Callable[[io.BytesIO], None]) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()
