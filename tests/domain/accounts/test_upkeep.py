"""What the worker tidies up at night."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from procrastinate.contrib.django import app

from kundenportal.domain.accounts.tasks import clear_expired_sessions
from kundenportal.kernel import clock

pytestmark = pytest.mark.django_db


def test_sessions_that_have_ended_leave_the_database() -> None:
    now = clock.now()
    for key, expires_at in {"over": now - timedelta(seconds=1), "alive": now + timedelta(minutes=1)}.items():
        Session.objects.create(session_key=key, session_data="", expire_date=expires_at)
    clear_expired_sessions(timestamp=0)
    assert [session.session_key for session in Session.objects.all()] == ["alive"]


def test_the_worker_does_so_every_night() -> None:
    tidying = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert tidying["sessions.clear_expired"] == "23 3 * * *"
