from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from procrastinate.contrib.django import app


@app.periodic(cron="23 3 * * *")
@app.task(queue="upkeep", name="sessions.clear_expired")
def clear_expired_sessions(timestamp: int) -> None:
    """Every night: sessions that have ended leave the database."""
    SessionStore.clear_expired()
