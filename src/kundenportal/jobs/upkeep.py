"""What happens by itself at certain times; each a call or two into the domain."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from procrastinate.builtin_tasks import remove_old_jobs
from procrastinate.contrib.django import app

from kundenportal.domain.machinery.rules import FAILED_JOBS_ARE_KEPT
from kundenportal.kernel.connections import own_connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from procrastinate import JobContext

CHUNKS_A_NIGHT = 500


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", name="upkeep.settle_abandoned_guesses", queueing_lock="upkeep.settle_abandoned_guesses")
def settle_abandoned_guesses(timestamp: int) -> None:
    """Every minute: password checks whose processes died, and lockouts whose owners were not told."""
    from kundenportal.domain.credentials.operations import lockouts
    from kundenportal.kernel import clock

    with own_connection():
        now = clock.now()
        lockouts.settle_abandoned_guesses(now=now)
        lockouts.tell_owners_not_told(now=now)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="upkeep", name="upkeep.remind", queueing_lock="upkeep.remind")
def remind(timestamp: int) -> None:
    """Every ten minutes: who has not signed in yet is reminded before the initial password ends."""
    from kundenportal.domain.credentials.operations.reminders import queue_due_reminders
    from kundenportal.kernel import clock

    with own_connection():
        queue_due_reminders(now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", name="upkeep.go_on_with_imports", queueing_lock="upkeep.go_on_with_imports")
def go_on_with_imports(timestamp: int) -> None:
    """Every minute: imports whose workers died, or were told to end."""
    from kundenportal.domain.imports import operations as imports
    from kundenportal.kernel import clock

    with own_connection():
        imports.ring_for_waiting_runs(now=clock.now())


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", name="upkeep.follow_maintenance", queueing_lock="upkeep.follow_maintenance")
def follow_maintenance(timestamp: int) -> None:
    """Every minute: windows that have come near are announced by mail, and countdowns wait for those that overrun."""
    from kundenportal.domain.credentials.operations import countdowns
    from kundenportal.domain.maintenance import operations as maintenance
    from kundenportal.kernel import clock

    with own_connection():
        now = clock.now()
        maintenance.announce_due(now=now)
        countdowns.follow_windows(now=now)


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", name="upkeep.publish_scheduled", queueing_lock="upkeep.publish_scheduled")
def publish_scheduled(timestamp: int) -> None:
    """Every minute: pages whose time has come are shown, and those whose time is over are not."""
    from django.core.management import call_command

    with own_connection():
        call_command("publish_scheduled")


@app.periodic(cron="7 * * * *")
@app.task(queue="upkeep", name="upkeep.forget", queueing_lock="upkeep.forget")
def forget(timestamp: int) -> None:
    """Every hour: what is of long ago: wrong entries, requests, letters, intakes, imported files, browsers, faults."""
    from kundenportal.domain.credentials.operations import browsers, lockouts, resets
    from kundenportal.domain.faults import operations as faults
    from kundenportal.domain.imports import operations as imports
    from kundenportal.domain.inbox import operations as inbox
    from kundenportal.domain.support import operations as intakes
    from kundenportal.kernel import clock

    with own_connection():
        now = clock.now()
        lockouts.forget_quiet_names(now=now)
        browsers.forget_unused(now=now)
        resets.forget_old_requests(now=now)
        inbox.forget_old_texts(now=now)
        intakes.forget_settled(keep_for=settings.INTAKES_ARE_KEPT_FOR, now=now)
        imports.empty_old_runs(now=now)
        faults.forget_old(now=now)


@app.periodic(cron="37 * * * *")
@app.task(queue="upkeep", name="upkeep.delete_accounts", queueing_lock="upkeep.delete_accounts")
def delete_accounts(timestamp: int) -> None:
    """Every hour: accounts whose deletion nobody has taken back in time."""
    from kundenportal.domain.privacy import operations as privacy
    from kundenportal.kernel import clock

    with own_connection():
        privacy.delete_due(now=clock.now())


@app.periodic(cron="23 3 * * *")
@app.task(queue="upkeep", name="upkeep.clear_ended_sessions", queueing_lock="upkeep.clear_ended_sessions")
def clear_ended_sessions(timestamp: int) -> None:
    """Every night: sessions that have ended leave the database."""
    from kundenportal.domain.accounts.sessions import SessionStore

    with own_connection():
        SessionStore.clear_expired()


@app.periodic(cron="17 * * * *")
@app.task(queue="upkeep", name="upkeep.forget_old_work", queueing_lock="upkeep.forget_old_work")
def forget_old_work(timestamp: int) -> None:
    """Every hour: what somebody at the desk took up long ago is in nobody's hands."""
    from kundenportal.domain.worklist import operations as worklist
    from kundenportal.kernel import clock

    with own_connection():
        worklist.forget_old(now=clock.now())


@app.periodic(cron="41 3 * * *")
@app.task(queue="upkeep", name="upkeep.forget_words", queueing_lock="upkeep.forget_words")
def forget_words(timestamp: int) -> None:
    """Every night: words of names that nobody has any more."""
    from kundenportal.domain.directory import operations as directory

    with own_connection():
        directory.forget_words()


@app.periodic(cron="47 3 * * *")
@app.task(
    queue="upkeep",
    name="upkeep.forget_failed_jobs",
    queueing_lock="upkeep.forget_failed_jobs",
    pass_context=True,
)
async def forget_failed_jobs(context: JobContext, timestamp: int) -> None:
    """Every night: jobs that failed so long ago that nobody will look into them any more."""
    await remove_old_jobs(context, max_hours=FAILED_JOBS_ARE_KEPT // timedelta(hours=1), remove_failed=True)


@app.periodic(cron="53 3 * * *")
@app.task(queue="upkeep", name="upkeep.forget_history", queueing_lock="upkeep.forget_history")
def forget_history(timestamp: int) -> None:
    """Every night: what was done so long ago that it is kept no longer; how long is set by the operator."""
    from kundenportal.domain.audit import operations as audit
    from kundenportal.domain.credentials.operations import history
    from kundenportal.domain.imports import operations as imports
    from kundenportal.domain.inbox import operations as inbox
    from kundenportal.domain.mail import operations as mail
    from kundenportal.domain.maintenance import operations as maintenance
    from kundenportal.kernel import clock

    with own_connection():
        now = clock.now()
        # The mails last: what holds on to them goes first.
        for forget_some in (maintenance.forget_old_news, history.forget_old, inbox.forget_old_senders, mail.forget_old):
            _bit_by_bit(forget_some, keep_for=settings.MAIL_LOG_IS_KEPT_FOR, now=now)
        _bit_by_bit(imports.forget_old_runs, keep_for=settings.IMPORTS_ARE_KEPT_FOR, now=now)
        _bit_by_bit(audit.forget_old, keep_for=settings.TRAIL_IS_KEPT_FOR, now=now)


def _bit_by_bit(forget_some: Callable[..., int], *, keep_for: timedelta, now: datetime) -> None:
    """Each chunk is a transaction of its own; what is too much for one night waits for the next."""
    for _ in range(CHUNKS_A_NIGHT):
        if not forget_some(keep_for=keep_for, now=now):
            return
