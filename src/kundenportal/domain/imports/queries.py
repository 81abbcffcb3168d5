from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q
from django.db.models.functions import Lower

from kundenportal.domain.organisations.queries import organisations_by_name
from kundenportal.kernel.connections import leave_connection
from kundenportal.kernel.leafing import newest_first, oldest_first

from . import tables
from .models import ImportFile, ImportRow, ImportRun
from .rules.columns import Column, Layout
from .rules.runs import AT_WORK, KEPT_FOR, LEASE
from .rules.verdicts import Verdict, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.kernel.leafing import Page

    from .rules.files import Table
    from .rules.verdicts import Finding

PAGE_SIZE = 50
ROWS_IN_A_PREVIEW = 5
ORGANISATIONS_NAMED = 12


def runs_page(*, after: int | None = None, before: int | None = None) -> Page[ImportRun]:
    """Every import, the newest first."""
    runs = ImportRun.objects.select_related("uploaded_by", "started_by")
    return newest_first(runs, after=after, before=before, size=PAGE_SIZE)


def run_numbered(number: int) -> ImportRun | None:
    """The import of that number."""
    return ImportRun.objects.select_related("uploaded_by", "started_by").filter(pk=number).first()


def runs_at_work() -> list[ImportRun]:
    """The imports whose rows are being checked or imported."""
    return list(ImportRun.objects.filter(state__in=sorted(AT_WORK)).order_by("pk"))


def runs_waiting_for_work(*, now: datetime) -> QuerySet[ImportRun]:
    """The imports nobody works on, though somebody should; among them those whose worker is taken for dead."""
    return ImportRun.objects.filter(
        Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - LEASE), state__in=sorted(AT_WORK)
    )


def runs_kept_long_enough(*, now: datetime) -> QuerySet[ImportRun]:
    """The imports whose file and rows have had their time, whether or not anybody has brought them to an end."""
    return ImportRun.objects.filter(
        Q(ended_at__lte=now - KEPT_FOR) | Q(ended_at__isnull=True, uploaded_at__lte=now - KEPT_FOR),
        emptied_at__isnull=True,
    ).exclude(state__in=sorted(AT_WORK))


def layout_of(run: ImportRun) -> Layout:
    """Which column holds what."""
    columns = {Column(name): place for name, place in run.columns.items()}
    return Layout(run.heading_row, columns, run.organisation)


def table_of(run: ImportRun) -> Table | None:
    """The file of an import, as a table; None once it has been emptied."""
    file = ImportFile.objects.filter(run=run).first()
    if file is None:
        return None
    leave_connection()  # a large one takes seconds to read
    return tables.read(bytes(file.content))


@dataclass(frozen=True)
class Preview:
    """The beginning of a file: what the columns are called, where else that might stand, and the first rows below."""

    headings: Sequence[str]
    heading_rows: Sequence[tuple[int, Sequence[str]]]
    rows: Sequence[tuple[int, Sequence[str]]]


def preview_of(run: ImportRun) -> Preview:
    """The beginning of the file, every row as wide as the widest."""
    table = table_of(run)
    rows = list(enumerate(table.beginning(), start=1)) if table else []
    width = max((len(row) for _, row in rows), default=0)
    padded = [(number, [*row, *[""] * (width - len(row))]) for number, row in rows]
    headings = next((row for number, row in padded if number == run.heading_row), [""] * width)
    below = [(number, row) for number, row in padded if number > run.heading_row and any(row)]
    return Preview(headings, [(number, row) for number, row in rows if any(row)], below[:ROWS_IN_A_PREVIEW])


def rows_page(
    run: ImportRun, *, verdict: Verdict | None = None, after: int | None = None, before: int | None = None
) -> Page[ImportRow]:
    """Rows of an import in their order, those with that verdict only if one is given."""
    rows = ImportRow.objects.filter(run=run, **({"verdict": verdict} if verdict else {}))
    return oldest_first(rows, after=after, before=before, size=PAGE_SIZE, key="number")


def rows_in_error(run: ImportRun) -> QuerySet[ImportRow]:
    """The rows that are not imported."""
    return ImportRow.objects.filter(run=run, verdict=Verdict.ERROR).order_by("number")


def counts_of(run: ImportRun, *, done_only: bool = False) -> dict[str, int]:
    """How many rows have which verdict; none is left out."""
    rows = ImportRow.objects.filter(run=run, **({"number__lte": run.last_row} if done_only else {}))
    counted = dict(rows.order_by().values_list("verdict").annotate(Count("pk")))
    return {verdict.value: counted.get(verdict.value, 0) for verdict in Verdict}


def new_organisations(run: ImportRun) -> tuple[list[str], int]:
    """Some of the organisations a run would add, and how many they are."""
    importable = ImportRow.objects.filter(run=run).exclude(verdict=Verdict.ERROR)
    # Each in one of the spellings that the database sees as one.
    each = importable.order_by().values(lower_name=Lower("organisation")).annotate(name=Min("organisation"))
    names = set(each.values_list("name", flat=True))
    unknown = sorted(names - organisations_by_name(names).keys())
    return unknown[:ORGANISATIONS_NAMED], len(unknown)


def marked_file(
    run: ImportRun,
    *,
    headings: tuple[str, str],
    word: Callable[[Verdict, bool, Sequence[Finding]], tuple[str, str]],
) -> bytes | None:
    """The customer's own file with what became of each row, as `word` words it; None once it has been emptied."""
    table = table_of(run)
    if table is None:
        return None
    rows = ImportRow.objects.filter(run=run).values_list("number", "verdict", "reasons")
    marks = {
        number: word(Verdict(verdict), run.has_done(number), read(reasons))
        for number, verdict, reasons in rows.iterator(chunk_size=5000)
    }
    leave_connection()  # as long again
    return table.marked(headings, run.heading_row, marks)
