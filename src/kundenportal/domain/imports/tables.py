"""Customers' tables, as they come: XLSX and CSV. A row is counted as a spreadsheet counts it, blank ones included."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from .rules.columns import HEADING_WITHIN, columns_in
from .rules.files import EncodingUnknown, FileEmpty, FileTooLarge, NotATable, OldOrLocked, QuoteNotClosed, Table
from .rules.runs import FILE_MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .rules.files import Marks

SEPARATORS = (";", ",", "\t")
SAMPLE = 64 * 1024
# More in one cell means that a quotation mark was opened and never closed.
LINE_BREAKS_IN_A_CELL = 25
_ENDS_LINES = ("\r\n", "\n", "\r")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and every workbook under a password
_BOMS = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}


def read(content: bytes) -> Table:
    """The table in a file, whatever the file is called; its rows are looked at only by `rows`. Raises TableRefused."""
    if len(content) > FILE_MAX_BYTES:
        raise FileTooLarge
    if not content.strip():
        raise FileEmpty
    if content.startswith(_OLD_OFFICE):
        raise OldOrLocked
    if content.startswith(b"PK\x03\x04"):
        from . import workbooks  # noqa: PLC0415 - 6 MB, for which few processes ever have a use

        return workbooks.read(content)
    return _csv_in(content)


@dataclass(frozen=True)
class CsvTable(Table):
    """A file of separated values, and how it is written."""

    content: bytes
    encoding: str
    separator: str
    line_end: str

    def _cells(self) -> Iterator[list[str]]:
        try:
            for row in self._as_written():
                if any(cell.count("\n") > LINE_BREAKS_IN_A_CELL for cell in row):
                    raise QuoteNotClosed
                yield [_without_trick(cell) for cell in row]
        except csv.Error as fault:  # a cell longer than any
            raise QuoteNotClosed from fault

    def _with(self, marks: Marks) -> bytes:
        rows = list(self._as_written())
        width = max((len(row) for number, row in enumerate(rows, start=1) if number in marks), default=0)
        written = io.StringIO(newline="")
        writer = csv.writer(written, delimiter=self.separator, lineterminator=self.line_end)
        for number, row in enumerate(rows, start=1):
            added = [*[""] * (width - len(row)), *marks[number]] if number in marks else []
            writer.writerow(row + added)
        return written.getvalue().encode(self.encoding, "replace")

    def _as_written(self) -> Iterator[list[str]]:
        text = io.StringIO(_decoded(self.content, self.encoding), newline="")
        return csv.reader(text, delimiter=self.separator)


def _csv_in(content: bytes) -> CsvTable:
    encoding = _encoding_of(content)
    text = _decoded(content, encoding)
    if "\0" in text or text.lstrip().startswith(("<", "%PDF", "{\\rtf")):
        raise NotATable
    sample = text[:SAMPLE]
    line_end = next((end for end in _ENDS_LINES if end in sample), "\r\n")
    separator = max(SEPARATORS, key=lambda each: _worth(sample, each))
    return CsvTable(content, encoding, separator, line_end)


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


def _without_trick(cell: str) -> str:
    # ="0123" is how a CSV file keeps a spreadsheet from dropping the zero.
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
