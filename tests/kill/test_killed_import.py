"""A worker may be killed at any step of an import: the next one goes on, and every row is imported once."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW
from factories.tables import checked, csv, people, uploaded
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.imports import chunks, operations, queries
from kundenportal.domain.imports.models import ImportRow, ImportRun
from kundenportal.domain.imports.rules.runs import LEASE, Letters, RunState
from kundenportal.domain.mail.models import OutgoingMail

from .workers import DYING_IMPORT, Nursery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.addresses import DatabaseAddress

pytestmark = pytest.mark.usefixtures("database")

ROWS = 35
SECONDS_TO_GO_ON = 30


@pytest.fixture(scope="module")
def import_nursery(shared_database: DatabaseAddress) -> Iterator[Nursery]:
    """Where workers come from that are to be killed while they import."""
    assert sys.platform != "win32"
    with Nursery(shared_database, DYING_IMPORT) as nursery:
        yield nursery


def go_on(run: ImportRun) -> None:
    """The next worker comes when the lease of the dead one is over."""
    deadline = time.monotonic() + SECONDS_TO_GO_ON
    wanted = {RunState.CHECKED, RunState.FINISHED}
    while run.state not in wanted:
        # The database may take a moment to notice that a client is dead, and until then keep what it had locked.
        assert time.monotonic() < deadline, run
        chunks.work_on(run.pk, clock=lambda: NOW + LEASE)
        run.refresh_from_db()
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("step", "nth", "done"),
    [
        ("claimed", 1, 0),
        ("between two chunks", 1, 0),
        ("between two chunks", 3, 20),
        ("rows chosen", 2, 10),
        ("rows decided", 2, 10),
        ("accounts opened, not committed", 2, 10),
        ("mails queued, not committed", 2, 10),
        ("letters queued, not committed", 2, 10),
        ("results noted, not committed", 4, 30),
        ("ended, not committed", 1, ROWS),
    ],
)
def test_after_a_kill_at_any_step_every_row_is_imported_once(
    import_nursery: Nursery, step: str, nth: int, done: int
) -> None:
    run = checked(csv(people(ROWS)))
    operations.start(run, letters=Letters.NOW, started_by=None, now=NOW, origin=AT_HOME)
    assert import_nursery.import_and_die(step, nth=nth, now=NOW, run_id=run.pk) == -signal.SIGKILL
    assert Account.objects.count() == done

    run.refresh_from_db()
    go_on(run)
    assert run.imported == {"new": ROWS, "changed": 0, "unchanged": 0, "warning": 0, "error": 0}
    addresses = [str(address) for address, *_ in people(ROWS)[1:]]
    assert sorted(Account.objects.values_list("address", flat=True)) == sorted(addresses)
    assert sorted(OutgoingMail.objects.values_list("recipient", flat=True)) == sorted(addresses)
    assert AccessLetter.objects.values("account").distinct().count() == ROWS
    events = Counter(Entry.objects.values_list("event", flat=True))
    assert (events["account.opened"], events["access.issued"], events["import.finished"]) == (ROWS, ROWS, 1)


@pytest.mark.parametrize(("step", "nth"), [("claimed", 1), ("rows decided", 2), ("rows written, not committed", 2)])
def test_a_dry_run_that_was_cut_off_begins_anew(import_nursery: Nursery, step: str, nth: int) -> None:
    run = uploaded(csv(people(ROWS)))
    operations.check(run, chosen=queries.layout_of(run).columns, now=NOW)
    assert import_nursery.import_and_die(step, nth=nth, now=NOW, run_id=run.pk) == -signal.SIGKILL

    run.refresh_from_db()
    go_on(run)
    assert run.checked == {"new": ROWS, "changed": 0, "unchanged": 0, "warning": 0, "error": 0}
    assert ImportRow.objects.filter(run=run).count() == ROWS
    assert not Account.objects.exists()
