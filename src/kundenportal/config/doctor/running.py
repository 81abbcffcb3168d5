"""The database, and what is done by means of it; Django is set up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kundenportal.config.backups import dumps
from kundenportal.config.backups.failures import BackupTrouble
from kundenportal.config.doctor import replica
from kundenportal.config.doctor.findings import ok, problem, warning
from kundenportal.config.postgres import DatabaseUnavailable
from kundenportal.domain.inbox import queries as inbox
from kundenportal.domain.machinery import queries as machinery
from kundenportal.domain.machinery.rules import FAILED_JOBS_ARE_KEPT
from kundenportal.domain.mail import queries as mail
from kundenportal.domain.mail.rules import Pile
from kundenportal.domain.site import queries as site

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import datetime

    from kundenportal.config.addresses import DatabaseAddress
    from kundenportal.config.doctor.findings import Finding
    from kundenportal.config.env import Environment

TOO_LONG = timedelta(minutes=10)
CLOCKS_MAY_DIFFER_BY = timedelta(seconds=5)


def findings(environment: Environment, *, now: datetime) -> Generator[Finding, None, str | None]:
    """What the database says, as far as it can be asked; the address letters come from where no other is set."""
    if fault := machinery.database_fault():
        yield problem("Database", f"It does not let us in: {fault}.", "Start it, or correct KUNDENPORTAL_DATABASE_URL.")
        return None
    yield ok("Database", f"PostgreSQL {machinery.database_version()} answers.")
    if not machinery.tables_are_up_to_date():
        yield problem("Tables", "They are older than this version of the portal.", "Run: kundenportal migrate")
        return None
    yield ok("Tables", "They are those this version of the portal expects.")
    if environment.database is not None:
        yield _programs_for_backups(environment.database, environment)
    if environment.database_replica is not None:
        yield replica.finding()
    yield _clocks(machinery.database_time() - now)
    yield _workers(now)
    yield from _queues(now)
    yield from _mails(now)
    if environment.mailbox is not None:
        yield _mailbox(environment.mailbox.name, now)
    return site.current().email


def _programs_for_backups(address: DatabaseAddress, environment: Environment) -> Finding:
    try:
        dumps.standing_of(address, programs=environment.postgres_programs)
    except (BackupTrouble, DatabaseUnavailable) as trouble:
        level = problem if environment.daily_backups else warning
        return level("Backups", f"The portal can make none. {trouble}", "docs/operating.md, “Backup”, says more.")
    return ok("Backups", "The portal has programs that can make them.")


def _clocks(difference: timedelta) -> Finding:
    seconds = abs(difference.total_seconds())
    if abs(difference) > CLOCKS_MAY_DIFFER_BY:
        return problem(
            "Clocks",
            f"The database's clock and this machine's differ by {seconds:.0f} seconds.",
            "Let both be kept right by the same time servers.",
        )
    return ok("Clocks", "The database and this machine agree what time it is.")


def _workers(now: datetime) -> Finding:
    alive = machinery.workers_alive(now=now)
    if not alive:
        return problem(
            "Workers",
            "None gives signs of life, so no letter goes out.",
            "Start `kundenportal serve`, or `kundenportal worker` on any machine.",
        )
    return ok("Workers", f"Signs of life come from {alive}.")


def _queues(now: datetime) -> Iterator[Finding]:
    queues = machinery.queues(now=now)
    late = [queue for queue in queues if queue.waiting_since and now - queue.waiting_since > TOO_LONG]
    for queue in late:
        yield problem(
            "Jobs",
            f"Of {queue.waiting} in the queue “{queue.name}” the first has waited since {_time(queue.waiting_since)}.",
            "Look whether the workers are busy or stuck, and start more of them.",
        )
    for queue in queues:
        if queue.failed:
            yield warning(
                "Jobs",
                f"In the queue “{queue.name}” {queue.failed} have failed.",
                f"The worker's log says why; they are forgotten after {FAILED_JOBS_ARE_KEPT.days} days.",
            )
    if not late:
        yield ok("Jobs", "None has waited long.")


def _mails(now: datetime) -> Iterator[Finding]:
    piles = mail.piles(now=now)
    due, deferred = piles[Pile.DUE], piles[Pile.DEFERRED]
    if due.since is not None and now - due.since > TOO_LONG:
        yield problem(
            "Mails",
            f"Of {due.number} that are due the first has waited since {_time(due.since)}.",
            "Look at the workers first and then at the mail server.",
        )
    elif deferred.number:
        yield warning(
            "Mails",
            f"Of {deferred.number} that the mail server did not take yet the first is of {_time(deferred.since)}.",
            "The desk's list of mails says what it answered.",
        )
    else:
        yield ok("Mails", "None has waited long.")


def _mailbox(name: str, now: datetime) -> Finding:
    state = inbox.mailbox(name)
    advice = "Look at `kundenportal mailbox --once`, which says what is in the way."
    if state is None or state.read_at is None:
        return warning("Mailbox", "It has never been read.", advice)
    if state.unread_since is not None:
        return problem("Mailbox", f"It cannot be read since {_time(state.unread_since)}.", advice)
    if state.neglected_since(now):
        return problem(
            "Mailbox", f"Nobody has read it since {_time(state.read_at)}.", "Start `kundenportal serve` or `mailbox`."
        )
    return ok("Mailbox", "It is read.")


def _time(instant: datetime | None) -> str:
    return f"{instant.astimezone():%Y-%m-%d %H:%M}" if instant else "a time nobody knows"
