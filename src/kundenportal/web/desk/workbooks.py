"""Lists as workbooks; what writes them is loaded with this module, so only where one is asked for (`files`)."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openpyxl.worksheet.worksheet import Worksheet


def write(target: IO[bytes], title: str, rows: Iterable[Sequence[str]]) -> None:
    """A workbook of one sheet, whose first row stays where it is; each cell is text."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_text(sheet, cell) for cell in row])
    workbook.save(target)


def _text(sheet: Worksheet, cell: str) -> WriteOnlyCell:
    written = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", cell))
    written.data_type = "s"  # never a formula, whatever it begins with
    return written
