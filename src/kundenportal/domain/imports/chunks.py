"""From a file to accounts, some hundred rows at a time, each chunk a transaction. Every step can be the last one:

claimed, not begun      the lease runs out and another worker goes on
within a chunk          nothing of that chunk has happened
between two chunks      the run says how far it has come, and the next worker goes on from there

A dry run that was cut off begins anew: it changes nothing but its own rows.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from django.db import DataError, IntegrityError, transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.accounts.operations import Correction, Newcomer
from kundenportal.domain.accounts.rules import Kind, Language
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.organisations import operations as organisations
from kundenportal.domain.organisations.queries import organisations_by_name
from kundenportal.kernel.copied import copy_in
from kundenportal.kernel.locks import wait_for_others
from kundenportal.kernel.origin import Origin
from kundenportal.kernel.refusal import Refusal

from . import queries
from .models import ImportRow, ImportRun
from .rules import entries
from .rules.columns import Column
from .rules.runs import FAULTS_BEFORE_GIVING_UP, Letters, RunState
from .rules.verdicts import Finding, Known, Reason, Verdict, Wish, decide, read, written

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from datetime import datetime

    from .rules.columns import Layout
    from .rules.files import Row

    Clock = Callable[[], datetime]

logger = logging.getLogger(__name__)

CHUNK = 500


class NotOursAnyMore(Exception):  # noqa: N818 - reads as what happened
    """Somebody has cancelled the run, changed its columns, or taken this worker for dead."""


@dataclass
class Claim:
    """A run that is this worker's own as long as it says so time and again."""

    run_id: int
    claimed_at: datetime


def work_on(run_id: int, *, clock: Clock, may_go_on: Callable[[], bool] = lambda: True) -> None:
    """Checks or imports until that is done, nobody else being at it; leaves the rest to others if it may not go on."""
    if claim := claim_run(run_id, now=clock()):
        go_on(claim, clock=clock, may_go_on=may_go_on)


def go_on(claim: Claim, *, clock: Clock, may_go_on: Callable[[], bool] = lambda: True) -> None:
    """The same, for whoever has the run already."""
    run = ImportRun.objects.get(pk=claim.run_id)
    steps = _checked(run, claim, clock=clock) if run.state == RunState.CHECKING else _imported(claim, clock=clock)
    try:
        for _ in steps:
            if not may_go_on():
                break
    except NotOursAnyMore:
        return
    finally:
        steps.close()
        _release(claim)


def claim_run(run_id: int, *, now: datetime) -> Claim | None:
    """The run, now this worker's own for rules.runs.LEASE; None if there is nothing to do or somebody does it.

    What was tried again and again without getting on is given up.
    """
    with transaction.atomic():
        waiting = queries.runs_waiting_for_work(now=now).select_for_update(skip_locked=True)
        run = waiting.filter(pk=run_id).first()
        if run is None:
            return None
        run.faults += 1
        if run.faults > FAULTS_BEFORE_GIVING_UP:
            end(run, RunState.FAILED, now=now)
            logger.error("import %s is given up after %s attempts", run.pk, FAULTS_BEFORE_GIVING_UP)
            return None
        run.claimed_at = now
        run.save(update_fields=["faults", "claimed_at"])
    return Claim(run_id, now)


def end(run: ImportRun, state: RunState, *, now: datetime) -> None:
    """Writes down how a run ended; what is imported stays."""
    run.state, run.ended_at, run.claimed_at = state, now, None
    if run.started_at:
        run.imported = queries.counts_of(run, done_only=True)
    run.save(update_fields=["state", "ended_at", "claimed_at", "imported", "faults"])


def _release(claim: Claim) -> None:
    ImportRun.objects.filter(pk=claim.run_id, claimed_at=claim.claimed_at).update(claimed_at=None)


@contextmanager
def _held(claim: Claim, state: RunState, *, now: datetime) -> Iterator[ImportRun]:
    """The run, which nobody else can change meanwhile; what is changed of it is kept."""
    with transaction.atomic():
        own = ImportRun.objects.filter(pk=claim.run_id, state=state, claimed_at=claim.claimed_at)
        run = own.select_for_update().first()
        if run is None:
            raise NotOursAnyMore
        run.claimed_at, run.faults = now, 0
        yield run
        run.save()
    claim.claimed_at = now


# The dry run


def _checked(run: ImportRun, claim: Claim, *, clock: Clock) -> Generator[None]:
    layout, table = queries.layout_of(run), queries.table_of(run)
    first_rows: dict[str, int] = {}
    with _held(claim, RunState.CHECKING, now=clock()) as held:
        ImportRow.objects.filter(run=run).delete()
        held.done = 0
    rows = filled_rows(table.rows(), layout) if table else iter(())
    while chunk := list(islice(rows, CHUNK)):
        wanted = [_row_of(run, number, cells, layout, first_rows) for number, cells in chunk]
        with _held(claim, RunState.CHECKING, now=clock()) as held:
            for row, verdict, reasons in _decided(wanted):
                row.verdict, row.reasons = verdict, written(reasons)
            copy_in(wanted)
            held.done += len(wanted)
        yield
    with _held(claim, RunState.CHECKING, now=clock()) as held:
        held.state, held.claimed_at = RunState.CHECKED, None
        held.row_count = held.done
        held.checked = queries.counts_of(run)


def filled_rows(rows: Iterable[Row], layout: Layout) -> Iterator[tuple[int, Row]]:
    """The rows below the headings that hold anything, with their numbers."""
    return ((number, row) for number, row in enumerate(rows, start=1) if number > layout.heading_row and any(row))


def _row_of(run: ImportRun, number: int, cells: Row, layout: Layout, first_rows: dict[str, int]) -> ImportRow:
    """What a row wants, and what is wrong or doubtful with it by itself."""

    def cell(column: Column) -> str:
        place = layout.columns.get(column, len(cells))
        return cells[place] if place < len(cells) else ""

    findings: list[Finding] = []
    address = _address(cell(Column.ADDRESS), number, first_rows, findings)
    kind, language = entries.kind_in(cell(Column.KIND)), entries.language_in(cell(Column.LANGUAGE))
    row = ImportRow(
        run=run,
        number=number,
        address=address,
        name=_name(f"{cell(Column.FIRST_NAME)} {cell(Column.NAME)}".strip(), findings),
        organisation=_organisation(cell(Column.ORGANISATION) or layout.organisation, findings),
        kind=kind or "",
        language=language or "",
        telephone=_telephone(cell(Column.TELEPHONE), findings),
    )
    if cell(Column.KIND) and not kind:
        findings.append(Finding(Reason.KIND_UNKNOWN))
    if not kind and entries.looks_like_an_office(address):
        findings.append(Finding(Reason.KIND_GUESSED))
    if cell(Column.LANGUAGE) and not language:
        findings.append(Finding(Reason.LANGUAGE_UNKNOWN))
    row.findings = written(findings)
    return row


def _address(cell: str, number: int, first_rows: dict[str, int], findings: list[Finding]) -> str:
    entry = entries.address_in(cell)
    if not entry:
        findings.append(Finding(Reason.ADDRESS_MISSING))
        return cell
    meant = entries.likely_meant(entry.lower())
    try:
        address = accounts.valid_address(entry)
    except accounts.AddressMalformed:
        findings.append(Finding(Reason.ADDRESS_MALFORMED, meant))
        return cell
    first = first_rows.setdefault(address, number)
    if first != number:
        findings.append(Finding(Reason.ADDRESS_REPEATED, str(first)))
    if meant:
        findings.append(Finding(Reason.ADDRESS_DOUBTFUL, meant))
    return address


def _name(entry: str, findings: list[Finding]) -> str:
    try:
        name = accounts.valid_name(entry)
    except accounts.NameMissing:
        findings.append(Finding(Reason.NAME_MISSING))
        return ""
    except accounts.NameTooLong:
        findings.append(Finding(Reason.NAME_TOO_LONG))
        return entry
    if entries.looks_garbled(name):
        findings.append(Finding(Reason.NAME_GARBLED))
    return name


def _telephone(entry: str, findings: list[Finding]) -> str:
    try:
        return accounts.valid_telephone(entry)
    except accounts.TelephoneMalformed:
        findings.append(Finding(Reason.TELEPHONE_UNKNOWN))
        return ""


def _organisation(entry: str, findings: list[Finding]) -> str:
    try:
        name = organisations.valid_name(entry)
    except organisations.OrganisationNameMissing:
        findings.append(Finding(Reason.ORGANISATION_MISSING))
        return ""
    except organisations.OrganisationNameTooLong:
        findings.append(Finding(Reason.ORGANISATION_TOO_LONG))
        return entry
    return name


# Verdicts, by the accounts there are


def _decided(
    rows: Sequence[ImportRow], known: dict[str, Account] | None = None
) -> list[tuple[ImportRow, Verdict, tuple[Finding, ...]]]:
    by_address = known if known is not None else _accounts_of(rows)
    named = organisations_by_name({row.organisation for row in rows if row.address in by_address})
    memberships = set(
        Membership.objects.filter(account__in=by_address.values()).values_list("account_id", "organisation_id")
        if by_address
        else ()
    )
    decided = []
    for row in rows:
        account, organisation = by_address.get(row.address), named.get(row.organisation)
        wish = Wish(row.name, row.kind, row.language, row.telephone)
        findings = read(row.findings)
        acts_for_it = bool(account and organisation and (account.pk, organisation.pk) in memberships)
        decided.append((row, *decide(findings, wish, _known(account, acts_for_it=acts_for_it))))
    return decided


def _accounts_of(rows: Sequence[ImportRow], *, hold: bool = False) -> dict[str, Account]:
    found = Account.objects.filter(address__in=[row.address for row in rows])
    if hold:
        found = found.select_for_update(no_key=True).order_by("pk")
    return {account.address: account for account in found}


def _known(account: Account | None, *, acts_for_it: bool) -> Known | None:
    if account is None:
        return None
    return Known(
        name=account.name,
        kind=account.kind,
        language=account.language,
        telephone=account.telephone,
        is_staff=account.is_staff_member,
        is_suspended=account.suspended_at is not None,
        has_signed_in=account.first_signed_in_at is not None,
        acts_for_it=acts_for_it,
    )


# The import


def _imported(claim: Claim, *, clock: Clock) -> Generator[None]:
    state = RunState.IMPORTING
    while state == RunState.IMPORTING:
        now = clock()
        with _held(claim, RunState.IMPORTING, now=now) as run:
            _wait_for_other_imports()
            rows = list(ImportRow.objects.filter(run=run, number__gt=run.last_row).order_by("number")[:CHUNK])
            if rows:
                _import(run, rows, now=now)
                run.done += len(rows)
                run.last_row = rows[-1].number
            else:
                end(run, RunState.FINISHED, now=now)
                audit.record(
                    Event.IMPORT_FINISHED,
                    actor=run.started_by,
                    now=now,
                    origin=_origin(run),
                    import_run=run.pk,
                    **run.imported,
                )
            state = RunState(run.state)
        yield


def _wait_for_other_imports() -> None:
    # Until the end of the chunk, so that two runs with the same addresses or organisations never wait for each other.
    wait_for_others(__name__)


def _import(run: ImportRun, rows: Sequence[ImportRow], *, now: datetime, is_second_try: bool = False) -> None:
    """Imports the rows; where the desk opens one of these accounts at the same instant, that row is decided anew."""
    try:
        with transaction.atomic():
            _apply(run, rows, now=now)
    except (IntegrityError, DataError, Refusal):
        if len(rows) > 1:
            for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
                _import(run, half, now=now)
        elif not is_second_try:
            _import(run, rows, now=now, is_second_try=True)
        else:
            logger.exception("row %s of import %s cannot be imported", rows[0].number, run.pk)
            _note([(rows[0], Verdict.ERROR, (Finding(Reason.FAULT),))])


def _apply(run: ImportRun, rows: Sequence[ImportRow], *, now: datetime) -> None:
    known = _accounts_of(rows, hold=True)
    decided = _decided(rows, known)
    to_do = [row for row, verdict, _ in decided if verdict not in (Verdict.ERROR, Verdict.UNCHANGED)]
    newcomers = [_newcomer(row) for row in to_do if row.address not in known]
    corrections = [_correction(row, known[row.address]) for row in to_do if row.address in known]
    by, origin = run.started_by, _origin(run)
    if newcomers and run.letters == Letters.NEVER:
        accounts.open_many(newcomers, opened_by=by, now=now, origin=origin, import_run=run.pk)
    elif newcomers:
        access.issue_access_to_many(
            newcomers, issued_by=by, now=now, origin=origin, not_before=run.letters_not_before, import_run=run.pk
        )
    if corrections:
        accounts.correct_many(corrections, corrected_by=by, now=now, origin=origin, import_run=run.pk)
    _note(decided)


def _note(decided: Iterable[tuple[ImportRow, Verdict, tuple[Finding, ...]]]) -> None:
    """Writes down what was done, where it is something else than the dry run said."""
    turned_out: dict[tuple[str, str], list[int]] = {}
    for row, verdict, reasons in decided:
        outcome = (verdict.value, written(reasons))
        if outcome != (row.verdict, row.reasons):
            turned_out.setdefault(outcome, []).append(row.pk)
    for (verdict_value, reasons_text), row_ids in turned_out.items():
        ImportRow.objects.filter(pk__in=row_ids).update(verdict=verdict_value, reasons=reasons_text)


def _newcomer(row: ImportRow) -> Newcomer:
    guessed = Kind.INSTITUTIONAL if Finding(Reason.KIND_GUESSED) in read(row.findings) else Kind.PERSONAL
    return Newcomer(
        address=row.address,
        name=row.name,
        organisation=row.organisation,
        kind=Kind(row.kind) if row.kind else guessed,
        language=Language(row.language) if row.language else Language.GERMAN,
        telephone=row.telephone,
    )


def _correction(row: ImportRow, account: Account) -> Correction:
    language = row.language if row.language and account.first_signed_in_at is None else account.language
    return Correction(
        account=account,
        name=row.name,
        kind=Kind(row.kind or account.kind),
        language=Language(language),
        organisation=row.organisation,
        telephone=row.telephone or account.telephone,
    )


def _origin(run: ImportRun) -> Origin:
    # Whoever starts an import without a name is the operator.
    return Origin(network_address=run.network_address, at_command_line=run.started_by_id is None)
