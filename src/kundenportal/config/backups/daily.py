"""A backup a day, made by the worker, and the oldest ones forgotten."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from procrastinate.contrib.django import app

from kundenportal.config.backups import making, nights, places
from kundenportal.config.backups.failures import BackupTrouble
from kundenportal.config.env import read_environment
from kundenportal.config.postgres import DatabaseUnavailable
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.kernel import clock
from kundenportal.kernel.connections import own_connection

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.config.env import Environment

logger = logging.getLogger(__name__)


@app.periodic(cron="41 * * * *")
@app.task(queue="upkeep", name="upkeep.back_up", lock="upkeep.back_up", queueing_lock="upkeep.back_up")
def back_up(timestamp: int) -> None:
    """Every hour: the backup of this night, unless it is there."""
    with own_connection():
        back_up_if_due(read_environment(), now=clock.now())


def back_up_if_due(environment: Environment, *, now: datetime) -> None:
    """Makes the backup of this night if it is missing; the desk and the log are told if that fails."""
    if not environment.daily_backups:
        return
    directory = environment.backup_dir
    if not nights.is_due(list(nights.made(directory).values()), now=now):
        return
    target = directory / places.named(places.DAILY, now=now)
    try:
        made = making.make(environment, target, keys=making.keys_of(environment), now=now)
    except (BackupTrouble, DatabaseUnavailable, OSError) as fault:
        logger.error("The daily backup could not be made: %s", fault)  # noqa: TRY400 - a sentence, not a fault of ours
        audit.record(Event.BACKUP_FAILED, now=now, trouble=str(fault))
        return
    audit.record(Event.BACKUP_MADE, now=now, size=made.size)
    nights.forget_oldest(directory, kept=environment.daily_backups, now=now)
