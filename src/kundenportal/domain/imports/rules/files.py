"""What a file must be to be read as a table, and what is read of it and written into it, whatever kind it is of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import islice
from typing import TYPE_CHECKING

from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.text import inert, on_one_line

from .columns import HEADING_WITHIN
from .runs import COLUMNS_AT_MOST, ROWS_AT_MOST

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Row = Sequence[str]
    Marks = Mapping[int, tuple[str, str]]

CELL_MAX_LENGTH = 300  # longer than anything that is imported, and enough to recognise the rest by


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


class Table(ABC):
    """A table that can be read; its cells are text on one line."""

    def rows(self) -> Iterator[Row]:
        """Every row from the first, blank ones included. Raises TooManyRows, TooManyColumns, QuoteNotClosed."""
        for number, cells in enumerate(self._cells(), start=1):
            if number > ROWS_AT_MOST:
                raise TooManyRows
            if len(cells) > COLUMNS_AT_MOST and any(cells[COLUMNS_AT_MOST:]):
                raise TooManyColumns
            yield [on_one_line(cell)[:CELL_MAX_LENGTH] for cell in cells[:COLUMNS_AT_MOST]]

    def beginning(self) -> list[Row]:
        """Its first rows, enough to find the headings in."""
        return list(islice(self.rows(), HEADING_WITHIN))

    def marked(self, headings: tuple[str, str], heading_row: int, marks: Marks) -> bytes:
        """The customer's own file, with two columns more: what stands in `marks` for each row, by its number."""
        harmless = {number: (inert(result), inert(reason)) for number, (result, reason) in marks.items()}
        if heading_row:
            harmless[heading_row] = headings
        return self._with(harmless)

    @abstractmethod
    def _cells(self) -> Iterator[list[str]]:
        """The cells of every row as they are, as text."""

    @abstractmethod
    def _with(self, marks: Marks) -> bytes:
        """The file with these marks."""
