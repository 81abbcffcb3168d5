"""Background jobs, done by a real worker within the test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from asgiref.sync import sync_to_async
from django.db import connection, connections
from procrastinate.contrib.django import app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from procrastinate.contrib.django.django_connector import DjangoConnector


# Not the upkeep, which goes by the present time and would forget what a test has happen at another one.
OF_ANY_TIME = ("mail", "imports")


def do_queued_jobs(queues: Sequence[str] = OF_ANY_TIME) -> None:
    """Every job in these queues is done, one after the other; the worker then goes home."""
    kept_for = connection.settings_dict["CONN_MAX_AGE"]
    # The threads of this worker end with it, and must not leave their connections to nobody.
    connection.settings_dict["CONN_MAX_AGE"] = 0
    try:
        asyncio.run(_do_queued_jobs(queues))
    finally:
        connection.settings_dict["CONN_MAX_AGE"] = kept_for


async def _do_queued_jobs(queues: Sequence[str]) -> None:
    connector = cast("DjangoConnector", app.connector).get_worker_connector()
    async with app.with_connector(connector).open_async() as worker_app:
        await worker_app.run_worker_async(
            queues=list(queues), wait=False, install_signal_handlers=False, listen_notify=False
        )
        # The thread in which the worker itself has queued periodic jobs.
        await sync_to_async(connections.close_all)()
