"""A worker does the queued job, and every minute looks for what was left behind."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from factories.jobs import do_queued_jobs
from factories.notices import Notices, queued
from kundenportal.domain.mail import tasks
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State

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


def test_the_sweep_comes_every_minute_and_never_twice_at_a_time() -> None:
    (sweep,) = [task for task in app.tasks.values() if task.name == "mail.sweep"]
    assert (sweep.queue, sweep.queueing_lock) == ("mail", "mail.sweep")
    (periodic,) = [task for task in app.periodic_registry.periodic_tasks.values() if task.task is sweep]
    assert periodic.cron == "* * * * *"
