"""A worker does the queued job, and every minute looks for what was left behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from factories.jobs import do_queued_jobs
from factories.notices import NOTICE, Notices, queued
from kundenportal.domain.credentials.operations import lockouts
from kundenportal.domain.mail import rules, tasks
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.operations import queue_many
from kundenportal.domain.mail.rules import State
from kundenportal.jobs.upkeep import settle_abandoned_guesses

if TYPE_CHECKING:
    from factories.mail_server import MailServer


@pytest.mark.django_db(transaction=True)
def test_a_worker_delivers_what_was_queued(mail_server: MailServer, notices: Notices) -> None:
    queued("anna@example.org", now=datetime.now(UTC))
    do_queued_jobs()
    assert len(mail_server.mails_to("anna@example.org")) == 1
    assert {job.status for job in ProcrastinateJob.objects.filter(queue_name="mail")} <= {"succeeded"}


@pytest.mark.django_db(transaction=True)
def test_a_sweep_delivers_what_no_job_is_left_for(mail_server: MailServer, notices: Notices) -> None:
    mail = queued("anna@example.org", now=datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    tasks.sweep(timestamp=0)
    assert OutgoingMail.objects.get(pk=mail.pk).state == State.HANDED_OVER


@pytest.mark.django_db(transaction=True)
def test_upkeep_does_not_wait_until_all_mails_are_gone(
    mail_server: MailServer, notices: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "TURN", timedelta(milliseconds=20))
    recipients = [f"{number}@example.org" for number in range(200)]
    queue_many(NOTICE, recipients=recipients, now=datetime.now(UTC))
    for _ in range(20):
        tasks.deliver.defer()
    # Only now, when a worker that does one thing at a time delivers already, and behind all those bells.
    upkeep = [settle_abandoned_guesses.configure(task_kwargs={"timestamp": 0}, queueing_lock="meanwhile")]

    def ask_for_upkeep_once(_: OutgoingMail) -> None:
        while upkeep:
            upkeep.pop().defer()

    notices.before_writing = ask_for_upkeep_once
    done_when: list[int] = []
    monkeypatch.setattr(lockouts, "settle_abandoned_guesses", lambda **_: done_when.append(still_waiting()))
    do_queued_jobs(("mail", "upkeep"))
    # The worker itself queues it, too, when it comes, and again each minute.
    meanwhile = [left for left in done_when if left < len(recipients)]
    assert meanwhile[0] > len(recipients) / 2
    assert still_waiting() == 0
    assert len(mail_server.received) == len(recipients)


def still_waiting() -> int:
    return OutgoingMail.objects.filter(state=State.WAITING).count()


def test_the_sweep_comes_every_minute_and_never_twice_at_a_time() -> None:
    (sweep,) = [task for task in app.tasks.values() if task.name == "mail.sweep"]
    assert (sweep.queue, sweep.queueing_lock) == ("mail", "mail.sweep")
    (periodic,) = [task for task in app.periodic_registry.periodic_tasks.values() if task.task is sweep]
    assert periodic.cron == "* * * * *"
