"""What the database says of the portal at this moment; the same on every machine that is asked.

What happened lately is counted over five minutes: the trail is long, and never counted as a whole.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error
from prometheus_client.core import GaugeMetricFamily

from kundenportal.domain.audit import queries as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.operations.sign_in import AccountIsSuspended, InitialPasswordExpired
from kundenportal.domain.imports import queries as imports
from kundenportal.domain.inbox import queries as inbox
from kundenportal.domain.machinery import queries as machinery
from kundenportal.domain.mail import queries as mail
from kundenportal.domain.worklist import queries as worklist
from kundenportal.domain.worklist.rules import Kind
from kundenportal.kernel import clock, replica

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

LATELY = timedelta(minutes=5)
OUTCOMES = {
    (Event.SIGNED_IN, None): "succeeded",
    (Event.SIGN_IN_REFUSED, None): "wrong",
    (Event.SIGN_IN_REFUSED, InitialPasswordExpired.reason): "expired",
    (Event.SIGN_IN_REFUSED, AccountIsSuspended.reason): "suspended",
    (Event.FIRST_SIGN_IN, None): "first",
}


class Figures:
    """Everything the database is asked for; without it, that it is away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures, each asked for once."""
        found, now = [], clock.now()
        answers = not machinery.database_fault()
        if answers:
            try:
                found = [
                    *_lately(now),
                    *_waiting(now),
                    *_mails(now),
                    *_jobs(now),
                    *_imports(now),
                    *_mailbox(now),
                    *_backups(now),
                    *_replica(),
                ]
            except Error:  # it went away meanwhile, or its tables are not those we know
                answers = False
        yield GaugeMetricFamily("kundenportal_database_up", "Whether the database answers: 1 or 0.", value=int(answers))
        yield from found


def _lately(now: datetime) -> Iterator[GaugeMetricFamily]:
    counted = audit.how_often({event for event, _ in OUTCOMES} | {Event.LOCKOUT_BEGUN}, since=now - LATELY)
    yield _family(
        "kundenportal_sign_ins_lately",
        "Sign-ins of the last five minutes by outcome; first ones have succeeded, too.",
        ("outcome",),
        (((outcome,), counted.get(key, 0)) for key, outcome in OUTCOMES.items()),
    )
    yield GaugeMetricFamily(
        "kundenportal_lockouts_lately",
        "Lockouts that began in the last five minutes, of names nobody has included.",
        value=sum(number for (event, _), number in counted.items() if event == Event.LOCKOUT_BEGUN),
    )


def _waiting(now: datetime) -> Iterator[GaugeMetricFamily]:
    counts = worklist.counts(now=now)
    oldest = {kind: worklist.waiting_page(kind=kind, now=now, size=1).rows for kind in Kind}
    yield _family(
        "kundenportal_desk_waiting",
        "What waits at the service desk, by kind: checks, lockouts and so on.",
        ("kind",),
        (((kind.value,), number) for kind, number in counts.items()),
    )
    yield _family(
        "kundenportal_desk_waiting_oldest_seconds",
        "For how long the first of it has waited.",
        ("kind",),
        (((kind.value,), _age(rows[0].place.since if rows else None, now)) for kind, rows in oldest.items()),
    )


def _mails(now: datetime) -> Iterator[GaugeMetricFamily]:
    piles = mail.piles(now=now)
    yield _family(
        "kundenportal_mails",
        "Outgoing mails that are not handed over, by state.",
        ("state",),
        (((pile.value,), stack.number) for pile, stack in piles.items()),
    )
    yield _family(
        "kundenportal_mails_oldest_seconds",
        "For how long the first of them is due, deferred or being sent.",
        ("state",),
        (((pile.value,), _age(stack.since, now)) for pile, stack in piles.items() if pile in mail.UNFINISHED),
    )


def _jobs(now: datetime) -> Iterator[GaugeMetricFamily]:
    queues = machinery.queues(now=now)
    yield _family(
        "kundenportal_jobs",
        "Background jobs by queue and state.",
        ("queue", "state"),
        (
            ((queue.name, state), number)
            for queue in queues
            for state, number in (("waiting", queue.waiting), ("at_work", queue.at_work), ("failed", queue.failed))
        ),
    )
    yield _family(
        "kundenportal_jobs_oldest_seconds",
        "For how long the first job of a queue has waited.",
        ("queue",),
        (((queue.name,), _age(queue.waiting_since, now)) for queue in queues),
    )
    yield GaugeMetricFamily(
        "kundenportal_workers", "Workers that give signs of life.", value=machinery.workers_alive(now=now)
    )


def _imports(now: datetime) -> Iterator[GaugeMetricFamily]:
    runs = imports.runs_at_work()
    yield _family(
        "kundenportal_import_rows",
        "Rows of the imports at work.",
        ("number", "state"),
        (((str(run.pk), run.state), run.row_count) for run in runs),
    )
    yield _family(
        "kundenportal_import_rows_done",
        "Those of them that have been checked or imported.",
        ("number", "state"),
        (((str(run.pk), run.state), run.done) for run in runs),
    )
    yield GaugeMetricFamily(
        "kundenportal_imports_abandoned",
        "Imports that should go on and that no worker is at work on.",
        value=imports.runs_waiting_for_work(now=now).count(),
    )


def _mailbox(now: datetime) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily(
        "kundenportal_mailbox_unread_seconds",
        "For how long the mailbox could not be read, or nobody did; 0 if it is read, or if there is none.",
        value=_unread(settings.MAILBOX.name, now) if settings.MAILBOX else 0,
    )


def _unread(name: str, now: datetime) -> float:
    state = inbox.mailbox(name)
    if state is None or not (state.read_at or state.unread_since):
        return math.inf
    return _age(state.neglected_since(now), now)


def _backups(now: datetime) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily(
        "kundenportal_backup_failed",
        "Whether the last backup failed: 1 or 0.",
        value=int(audit.failed_backup(now=now) is not None),
    )
    newest = audit.newest_backup()
    if newest is not None:
        yield GaugeMetricFamily(
            "kundenportal_backup_age_seconds", "How old the newest backup is.", value=_age(newest.happened_at, now)
        )


def _replica() -> Iterator[GaugeMetricFamily]:
    """Where none is set there is nothing to tell."""
    if not replica.is_set():
        return
    behind = replica.seconds_behind()
    yield GaugeMetricFamily(
        "kundenportal_replica_up",
        "Whether the read replica answers and follows the database: 1 or 0.",
        value=int(behind is not None),
    )
    if behind is not None:
        yield GaugeMetricFamily(
            "kundenportal_replica_lag_seconds", "How far the read replica is behind the database.", value=behind
        )


def _family(
    name: str, meaning: str, labels: tuple[str, ...], figures: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for values, number in figures:
        family.add_metric(values, number)
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
