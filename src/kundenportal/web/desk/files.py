"""Lists taken along as files, row by row however long they are."""

from __future__ import annotations

import csv
import tempfile
from itertools import chain
from typing import TYPE_CHECKING

from django.http import FileResponse, StreamingHttpResponse
from django.utils.timezone import localtime

from kundenportal.kernel import clock
from kundenportal.kernel.text import inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = Sequence[str]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
IN_MEMORY = 1_000_000  # bytes; a longer workbook lies on the disk until it is sent


class _Echo:
    """A file that hands back every line it is given."""

    def write(self, line: str) -> str:
        return line


def csv_file(title: str, head: Row, rows: Iterable[Row]) -> StreamingHttpResponse:
    """A CSV file as German spreadsheets read it, sent while it is written."""
    writer = csv.writer(_Echo(), delimiter=";")

    def lines() -> Iterable[str]:
        # Excel takes a file for UTF-8 only if it begins with this mark.
        yield "\ufeff" + writer.writerow(head)
        for row in rows:
            yield writer.writerow([inert(cell) for cell in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{_dated(title)}.csv"'},
    )


def xlsx_file(title: str, head: Row, rows: Iterable[Row]) -> FileResponse:
    """A workbook; it is written as a whole before it is sent, so its rows should not be too many."""
    from . import workbooks  # noqa: PLC0415 - 5 MB, for which few processes ever have a use

    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    workbooks.write(target, title, chain((head,), rows))
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{_dated(title)}.xlsx", content_type=XLSX)


def _dated(title: str) -> str:
    return f"{title}-{localtime(clock.now()).date().isoformat()}"
