"""Whether the portal's machinery runs: its database, its tables, its queue of background jobs and their workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.contrib.django.utils import connector_params

from kundenportal.kernel.reasons import first_line

from .rules import PATIENCE_WITH_DATABASE, WORKER_GIVEN_UP_AFTER, NotReady, Queue

if TYPE_CHECKING:
    from datetime import datetime


class Seen:
    """What was true once and remains so for this process: tables do not become older than its code."""

    tables_up_to_date = False


def not_ready() -> NotReady | None:
    """Why pages cannot be answered; None if they can."""
    if database_fault():
        return NotReady.DATABASE_AWAY
    Seen.tables_up_to_date = Seen.tables_up_to_date or tables_are_up_to_date()
    return None if Seen.tables_up_to_date else NotReady.TABLES_BEHIND


def database_fault() -> str:
    """Why the database does not let us in, in its words; empty if it does.

    Asked by a connection of its own: those of the pages may all be in use.
    """
    seconds = int(PATIENCE_WITH_DATABASE.total_seconds())
    patience = {"connect_timeout": seconds, "tcp_user_timeout": seconds * 1000}
    try:
        with psycopg.connect(**connector_params() | patience) as asked:
            asked.execute("SELECT 1")
    except psycopg.OperationalError as fault:
        return first_line(fault)
    return ""


def tables_are_up_to_date() -> bool:
    """Whether every migration this code comes with has been applied; others may have been, by newer code."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def database_version() -> str:
    """Which PostgreSQL answers, such as 18.4."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT split_part(current_setting('server_version'), ' ', 1)")
        version: str = cursor.fetchone()[0]
        return version


def database_time() -> datetime:
    """The instant at which the database answers, by its own clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
        return instant


def workers_alive(*, now: datetime) -> int:
    """How many workers have given a sign of life lately."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=now - WORKER_GIVEN_UP_AFTER).count()


def queues(*, now: datetime) -> list[Queue]:
    """Every queue, by its name; also those in which nothing is."""
    due = Q(status="todo") & (Q(scheduled_at__isnull=True) | Q(scheduled_at__lte=now))
    found = (
        ProcrastinateJob.objects.filter(status__in=("todo", "doing", "failed"))
        .values("queue_name")
        .annotate(
            # A job has several events, each a row of its own here.
            waiting=Count("pk", filter=due, distinct=True),
            at_work=Count("pk", filter=Q(status="doing"), distinct=True),
            failed=Count("pk", filter=Q(status="failed"), distinct=True),
            waiting_since=Min("procrastinateevent__at", filter=due),
        )
    )
    filled = {row["queue_name"]: Queue(name=row.pop("queue_name"), **row) for row in found}
    names = {task.queue for task in app.tasks.values()}
    return [filled.get(name) or Queue(name) for name in sorted(names | filled.keys())]
