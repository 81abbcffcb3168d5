"""Tables as customers send them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import openpyxl

from kundenportal.domain.imports import chunks, operations, queries
from kundenportal.domain.imports.rules.runs import Letters

from .accounts import AT_HOME, NOW

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.imports.models import ImportRun

HEADINGS = ("E-Mail", "Name", "Einrichtung", "Art", "Sprache")


def csv(rows: Sequence[Sequence[object]], *, encoding: str = "utf-8", separator: str = ";") -> bytes:
    """The rows as separated values; nothing in them needs quotes."""
    return "".join(separator.join(map(str, row)) + "\r\n" for row in rows).encode(encoding)


def xlsx(rows: Sequence[Sequence[object]], *, title: str = "Zugänge") -> bytes:
    """The rows as a workbook."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def rows_of(content: bytes) -> list[list[Any]]:
    """What stands in the first sheet of a workbook."""
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    return [list(row) for row in workbook.worksheets[0].iter_rows(values_only=True)]


def people(count: int, *, begin: int = 1, organisation: str = "Kirchenkreis Musterland") -> list[Sequence[object]]:
    """Headings, and a row for each of so many people nobody doubts."""
    return [
        HEADINGS,
        *(
            (f"anna.beispiel{number}@musterland.example.org", f"Anna Beispiel {number}", organisation, "Person", "de")
            for number in range(begin, begin + count)
        ),
    ]


def uploaded(
    content: bytes, *, file_name: str = "zugaenge.csv", by: Account | None = None, now: datetime = NOW
) -> ImportRun:
    """A run nobody has looked at yet."""
    return operations.upload(content, file_name=file_name, uploaded_by=by, now=now, origin=AT_HOME)


def checked(content: bytes, *, by: Account | None = None, organisation: str = "", now: datetime = NOW) -> ImportRun:
    """A run after its dry run, with the columns as recognised."""
    run = uploaded(content, by=by, now=now)
    chosen = queries.layout_of(run).columns
    claim = operations.check(run, chosen=chosen, organisation=organisation, now=now, claimed=True)
    chunks.go_on(claim, clock=lambda: now)
    run.refresh_from_db()
    return run


def imported(
    content: bytes, *, letters: Letters = Letters.NOW, by: Account | None = None, now: datetime = NOW, **options: Any
) -> ImportRun:
    """A run that has come to its end."""
    run = checked(content, by=by, now=now)
    claim = operations.start(run, letters=letters, started_by=by, now=now, origin=AT_HOME, claimed=True, **options)
    chunks.go_on(claim, clock=lambda: now)
    run.refresh_from_db()
    return run
