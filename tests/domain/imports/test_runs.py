"""A run has one worker at a time, goes on where another has left off, can be cancelled, and is emptied in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.accounts import AT_HOME, NOW
from factories.tables import checked, csv, imported, people, uploaded
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.imports import chunks, operations, queries, words
from kundenportal.domain.imports.models import ImportFile, ImportRow, ImportRun
from kundenportal.domain.imports.rules.runs import FAULTS_BEFORE_GIVING_UP, KEPT_FOR, LEASE, Letters, RunState

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def start(run: ImportRun, *, claimed: bool = False) -> chunks.Claim:
    """The import begins."""
    return operations.start(run, letters=Letters.NOW, started_by=None, now=NOW, origin=AT_HOME, claimed=claimed)


def test_an_import_starts_once() -> None:
    run = checked(csv(people(1)))
    twin = ImportRun.objects.get(pk=run.pk)
    start(run)
    with pytest.raises(operations.NotThere):
        start(twin)
    assert Entry.objects.filter(event="import.started").count() == 1


def test_nothing_is_imported_that_was_not_checked() -> None:
    with pytest.raises(operations.NotThere):
        start(uploaded(csv(people(1))))


def test_a_run_has_one_worker_until_that_is_taken_for_dead() -> None:
    run = checked(csv(people(1)))
    start(run)
    assert chunks.claim_run(run.pk, now=NOW) is not None
    assert chunks.claim_run(run.pk, now=NOW + LEASE - SECOND) is None
    assert queries.runs_waiting_for_work(now=NOW + LEASE).get() == run
    assert chunks.claim_run(run.pk, now=NOW + LEASE) is not None


def test_who_was_taken_for_dead_does_nothing_more() -> None:
    run = checked(csv(people(1)))
    dead = start(run, claimed=True)
    assert chunks.claim_run(run.pk, now=NOW + LEASE)
    chunks.go_on(dead, clock=lambda: NOW + LEASE)
    assert not Account.objects.exists()


def test_what_does_not_get_on_is_given_up() -> None:
    run = checked(csv(people(1)))
    start(run)
    instants = [NOW + LEASE * number for number in range(FAULTS_BEFORE_GIVING_UP + 1)]
    assert [chunks.claim_run(run.pk, now=now) is not None for now in instants] == [True] * FAULTS_BEFORE_GIVING_UP + [
        False
    ]
    run.refresh_from_db()
    assert (run.state, run.ended_at) == (RunState.FAILED, instants[-1])


def test_a_worker_told_to_end_leaves_the_rest_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    run = checked(csv(people(5)))
    chunks.go_on(start(run, claimed=True), clock=lambda: NOW, may_go_on=lambda: False)
    run.refresh_from_db()
    assert (run.state, run.done, run.claimed_at) == (RunState.IMPORTING, 2, None)
    chunks.work_on(run.pk, clock=lambda: NOW)
    run.refresh_from_db()
    assert (run.state, run.done, Account.objects.count()) == (RunState.FINISHED, 5, 5)


def test_cancelling_stops_after_the_chunk_and_what_is_imported_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 2)
    run = checked(csv(people(5)))

    def cancel() -> bool:
        operations.cancel(ImportRun.objects.get(pk=run.pk), cancelled_by=None, now=NOW, origin=AT_HOME)
        return True

    chunks.go_on(start(run, claimed=True), clock=lambda: NOW, may_go_on=cancel)
    run.refresh_from_db()
    assert (run.state, run.done, Account.objects.count()) == (RunState.CANCELLED, 2, 2)
    assert run.imported["new"] == 2
    content = queries.marked_file(run, headings=("Result", "Reason"), word=words.result_in_words)
    assert content is not None
    results = [line.split(";")[5] for line in content.decode().splitlines()[1:]]
    assert results == ["neu", "neu", *["nicht importiert"] * 3]


def test_before_it_is_started_an_import_is_cancelled_without_a_trace_in_the_accounts() -> None:
    for run in (uploaded(csv(people(1))), checked(csv(people(1)))):
        operations.cancel(run, cancelled_by=None, now=NOW, origin=AT_HOME)
        with pytest.raises(operations.NotThere):
            start(run)
        with pytest.raises(operations.NotThere):
            operations.cancel(run, cancelled_by=None, now=NOW, origin=AT_HOME)
    assert not Account.objects.exists()


def test_after_thirty_days_the_file_and_its_rows_are_gone_and_the_counts_stay() -> None:
    finished, forgotten = imported(csv(people(2))), uploaded(csv(people(1)))
    recent = imported(csv(people(2, begin=7)), now=NOW + SECOND)
    assert operations.empty_old_runs(now=NOW + KEPT_FOR) == 2
    assert operations.empty_old_runs(now=NOW + KEPT_FOR) == 0
    assert set(ImportFile.objects.values_list("run", flat=True)) == {recent.pk}
    assert set(ImportRow.objects.values_list("run", flat=True)) == {recent.pk}
    finished.refresh_from_db()
    forgotten.refresh_from_db()
    assert (finished.imported["new"], finished.emptied_at) == (2, NOW + KEPT_FOR)
    assert forgotten.state == RunState.CANCELLED
    assert queries.marked_file(finished, headings=("", ""), word=words.result_in_words) is None


def test_a_chunk_costs_as_many_statements_whether_it_is_large_or_small() -> None:
    few, many = checked(csv(people(3))), checked(csv(people(300, begin=1000)))
    counts = []
    for run in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as statements:
            chunks.go_on(start(run, claimed=True), clock=lambda: NOW)
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 2
