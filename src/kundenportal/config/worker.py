"""The worker: takes background jobs from the database's queue and does them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import psycopg
from django.db import connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

from kundenportal.config.postgres import DatabaseUnavailable
from kundenportal.domain.machinery.rules import WORKER_GIVEN_UP_AFTER

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from procrastinate import App

JOBS_AT_A_TIME = 4
SECONDS_TO_FINISH_JOBS = 4
SECONDS_BETWEEN_SIGNS_OF_LIFE = 5
SECONDS_UNTIL_GIVEN_UP = WORKER_GIVEN_UP_AFTER.total_seconds()
SECONDS_TO_GET_A_CONNECTION = 10


def work() -> int:
    """Do jobs until told to stop; refused once the database is lost."""
    # A database that is not there from the start is refused with the reason, as by any other command.
    connection.ensure_connection()
    connection.close()
    # Each job is done on one of several threads, and what one of them kept until its next job would take 4 MB.
    connection.settings_dict["CONN_MAX_AGE"] = 0
    _tell_the_loss_of_the_database_only_once()
    try:
        asyncio.run(_work())
    except (psycopg.OperationalError, ConnectorException):
        # Whoever starts this process again leaves nothing half-done behind: a job whose end could not be
        # written down would otherwise stay with a worker that lives and has forgotten it.
        raise DatabaseUnavailable("The worker has lost the database and ends.") from None
    return 0


async def _work() -> None:
    # A connection that is kept, so that even the shortest absence of the database is noticed.
    async with await psycopg.AsyncConnection.connect(**connector_params(), autocommit=True) as kept:
        # The app itself stays with Django's connection: what a job queues belongs to that job's transaction.
        connector = PsycopgConnector(kwargs=connector_params(), timeout=SECONDS_TO_GET_A_CONNECTION, min_size=1)
        async with app.with_connector(connector).open_async() as queue:
            await _first_to_end(_do_jobs(queue), _take_over_abandoned_jobs(queue, kept))


async def _do_jobs(queue: App) -> None:
    await queue.run_worker_async(
        concurrency=JOBS_AT_A_TIME,
        shutdown_graceful_timeout=SECONDS_TO_FINISH_JOBS,
        update_heartbeat_interval=SECONDS_BETWEEN_SIGNS_OF_LIFE,
        stalled_worker_timeout=SECONDS_UNTIL_GIVEN_UP,
    )


async def _take_over_abandoned_jobs(queue: App, kept: psycopg.AsyncConnection) -> None:
    while True:
        await kept.execute("SELECT 1")
        for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=SECONDS_UNTIL_GIVEN_UP):
            await queue.job_manager.retry_job(job)
        await asyncio.sleep(SECONDS_BETWEEN_SIGNS_OF_LIFE)


def _tell_the_loss_of_the_database_only_once() -> None:
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    for name in ("asyncio", "procrastinate.utils", "procrastinate.worker.worker"):
        logging.getLogger(name).addFilter(
            lambda record: not (record.exc_info and isinstance(record.exc_info[1], ConnectorException))
        )


async def _first_to_end(*works: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.create_task(work) for work in works]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()
