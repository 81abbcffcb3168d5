from __future__ import annotations

from django.db import close_old_connections
from procrastinate.contrib.django import app

from kundenportal.kernel import clock

from .delivery import deliver_due_mails


@app.task(queue="mail", name="mail.deliver_due_mails")
def deliver() -> None:
    """Rings the bell: whatever is due goes out. The queue itself is the table of outgoing mails."""
    close_old_connections()
    try:
        deliver_due_mails(clock=clock.now)
    finally:
        close_old_connections()


@app.periodic(cron="* * * * *")
@app.task(queue="mail", name="mail.sweep", queueing_lock="mail.sweep")
def sweep(timestamp: int) -> None:
    """Every minute: mails whose pause is over, and mails a dead worker left behind."""
    deliver()
