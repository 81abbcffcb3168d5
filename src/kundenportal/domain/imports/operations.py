from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.organisations import operations as organisations
from kundenportal.kernel.chunks import some_of
from kundenportal.kernel.connections import leave_connection
from kundenportal.kernel.origin import BY_ITSELF
from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.text import on_one_line

from . import chunks, queries, tables, tasks
from .models import FILE_NAME_MAX_LENGTH, ImportFile, ImportRow, ImportRun
from .rules import columns, runs
from .rules.columns import Layout
from .rules.files import NoRows
from .rules.runs import Letters, RunState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, timedelta

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.origin import Origin

    from .chunks import Claim
    from .rules.columns import Column
    from .rules.files import Table


class ColumnsMissing(Refusal):
    """No row can be imported without these columns; `missing` names them."""

    def __init__(self, missing: list[Column]) -> None:
        super().__init__()
        self.missing = missing


class NoSuchRow(Refusal):
    """The headings stand in none of the first rows of the file."""


class DayGone(Refusal):
    """Letters cannot go out on the morning of a day that has gone by."""


class NotThere(Refusal):
    """The run has got on meanwhile, or somebody has ended it; `run` says how it stands."""

    def __init__(self, run: ImportRun) -> None:
        super().__init__()
        self.run = run


class CheckedOtherwise(Refusal):
    """Somebody has had it checked with another layout since its starter looked at it."""


def upload(content: bytes, *, file_name: str, uploaded_by: Account | None, now: datetime, origin: Origin) -> ImportRun:
    """A run whose columns are recognised and may be chosen otherwise; nothing of it is checked yet.

    Raises a refusal of `rules.files`.
    """
    leave_connection()  # a large table takes seconds to read
    table = tables.read(content)
    layout = columns.layout_of(table.beginning())
    row_count = _number_of_rows(table, layout)
    with transaction.atomic():
        run = ImportRun(
            file_name=on_one_line(file_name)[-FILE_NAME_MAX_LENGTH:],
            row_count=row_count,
            uploaded_at=now,
            uploaded_by=uploaded_by,
        )
        _lay_out(run, layout)
        run.save(force_insert=True)
        ImportFile.objects.create(run=run, content=content)
        audit.record(
            Event.IMPORT_UPLOADED, actor=uploaded_by, now=now, origin=origin, import_run=run.pk, rows=row_count
        )
    return run


def choose_headings(run: ImportRun, heading_row: int) -> None:
    """The headings stand in this row, or nowhere (0); the columns are recognised anew, and a dry run is forgotten.

    Raises NoSuchRow, NotThere or NoRows.
    """
    with transaction.atomic():
        _hold(run, wanted=RunState.UPLOADED)
    # It is not held while its table is read: whoever sends the same once more would wait for that as well.
    table = queries.table_of(run)
    beginning = table.beginning() if table else []
    if table is None or not 0 <= heading_row <= len(beginning):
        raise NoSuchRow
    layout = columns.layout_below(beginning, heading_row)
    row_count = _number_of_rows(table, layout)
    with transaction.atomic():
        _hold(run, wanted=RunState.UPLOADED)
        run.row_count = row_count
        _lay_out(run, replace(layout, organisation=run.organisation))
        run.state, run.claimed_at = RunState.UPLOADED, None
        run.save()


def check(
    run: ImportRun, *, chosen: Mapping[Column, int], organisation: str = "", now: datetime, claimed: bool = False
) -> Claim:
    """The dry run begins, with these columns; an earlier one is forgotten. No account is touched, no mail is queued.

    The worker does it, unless the caller wants to do so itself (`claimed`). Raises ColumnsMissing, NotThere or a
    refusal of `organisations`.
    """
    name = organisations.valid_name(organisation) if organisation.strip() else ""
    layout = Layout(run.heading_row, chosen, name)
    if layout.missing:
        raise ColumnsMissing(layout.missing)
    with transaction.atomic():
        _hold(run, wanted=RunState.CHECKING)
        _lay_out(run, layout)
        run.state, run.done, run.faults = RunState.CHECKING, 0, 0
        return _hand_on(run, now=now, claimed=claimed)


def start(
    run: ImportRun,
    *,
    letters: Letters,
    on: date | None = None,
    seen: str | None = None,
    started_by: Account | None,
    now: datetime,
    origin: Origin,
    claimed: bool = False,
) -> Claim:
    """The import begins, once however many start it; `seen` is the digest of the layout somebody saw checked.

    Raises DayGone, NotThere or CheckedOtherwise.
    """
    refuse_day_gone(letters, on, now=now)
    with transaction.atomic():
        _hold(run, wanted=RunState.IMPORTING)
        if seen is not None and seen != queries.layout_of(run).digest:
            raise CheckedOtherwise
        run.state, run.done, run.last_row, run.faults = RunState.IMPORTING, 0, 0, 0
        run.letters = letters
        run.letters_not_before = runs.letters_go_out_at(on) if on and letters is Letters.ON_A_DATE else None
        run.started_at, run.started_by, run.network_address = now, started_by, origin.network_address
        audit.record(
            Event.IMPORT_STARTED, actor=started_by, now=now, origin=origin, import_run=run.pk, letters=letters.value
        )
        return _hand_on(run, now=now, claimed=claimed)


def refuse_day_gone(letters: Letters, on: date | None, *, now: datetime) -> None:
    """Raises DayGone if letters cannot go out then."""
    if letters is Letters.ON_A_DATE and (on is None or not runs.is_a_day_to_come(on, now=now)):
        raise DayGone


def cancel(run: ImportRun, *, cancelled_by: Account | None, now: datetime, origin: Origin) -> None:
    """Nothing more is done; the chunk being imported is finished, and what is imported stays. Raises NotThere."""
    with transaction.atomic():
        _hold(run, wanted=RunState.CANCELLED)
        chunks.end(run, RunState.CANCELLED, now=now)
        audit.record(
            Event.IMPORT_CANCELLED, actor=cancelled_by, now=now, origin=origin, import_run=run.pk, **run.imported
        )


def cancel_if_not_ended(run: ImportRun, *, cancelled_by: Account | None, now: datetime, origin: Origin) -> None:
    """The same for whoever gives up and does not mind if it is over already."""
    with suppress(NotThere):
        cancel(run, cancelled_by=cancelled_by, now=now, origin=origin)


def cancel_under_way(*, now: datetime) -> int:
    """After a restore: imports do not go on by themselves, because they may have done so; how many that were."""
    runs_under_way = list(ImportRun.objects.filter(state=RunState.IMPORTING))
    for run in runs_under_way:
        cancel(run, cancelled_by=None, now=now, origin=BY_ITSELF)
    return len(runs_under_way)


def ring_for_waiting_runs(*, now: datetime) -> int:
    """A worker is called for every run nobody works on; how many there are."""
    waiting = list(queries.runs_waiting_for_work(now=now).values_list("pk", flat=True))
    for run_id in waiting:
        tasks.work_on.defer(run_id=run_id)
    return len(waiting)


def empty_old_runs(*, now: datetime) -> int:
    """The files and rows of imports of long ago leave the database, their counts stay; how many imports that were."""
    emptied = 0
    for run in queries.runs_kept_long_enough(now=now):
        with transaction.atomic():
            if not run.ended_at:
                cancel(run, cancelled_by=None, now=now, origin=BY_ITSELF)
            ImportFile.objects.filter(run=run).delete()
            ImportRow.objects.filter(run=run).delete()
            ImportRun.objects.filter(pk=run.pk).update(emptied_at=now)
        emptied += 1
    return emptied


def forget_old_runs(*, keep_for: timedelta, now: datetime) -> int:
    """Imports that ended long ago leave the list, a chunk at a time; how many rows that was."""
    old = ImportRun.objects.filter(ended_at__lt=now - keep_for, emptied_at__isnull=False)
    deleted, _ = some_of(old).delete()
    return deleted


def _hold(run: ImportRun, *, wanted: RunState) -> None:
    """Makes the run up to date, and nobody else's until the transaction ends; raises NotThere."""
    run.refresh_from_db(from_queryset=ImportRun.objects.select_for_update())
    if not runs.may_become(RunState(run.state), wanted):
        raise NotThere(run)


def _number_of_rows(table: Table, layout: Layout) -> int:
    row_count = sum(1 for _ in chunks.filled_rows(table.rows(), layout))
    if not row_count:
        raise NoRows
    return row_count


def _lay_out(run: ImportRun, layout: Layout) -> None:
    run.heading_row, run.organisation = layout.heading_row, layout.organisation
    run.columns = {column.value: place for column, place in layout.columns.items()}


def _hand_on(run: ImportRun, *, now: datetime, claimed: bool) -> Claim:
    run.claimed_at = now if claimed else None
    run.save()
    if not claimed:
        tasks.work_on.defer(run_id=run.pk)
    return chunks.Claim(run.pk, now)
