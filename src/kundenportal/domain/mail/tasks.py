from __future__ import annotations

from procrastinate.contrib.django import app

from kundenportal.kernel import clock
from kundenportal.kernel.connections import own_connection

from . import rules
from .delivery import deliver_due_mails

# However many mails wait and bells were rung for them: whatever else is to be done is taken up first.
AFTER_EVERYTHING_ELSE = -1


@app.task(queue="mail", name="mail.deliver_due_mails", priority=AFTER_EVERYTHING_ELSE)
def deliver() -> None:
    """Rings the bell: whatever is due goes out. The queue itself is the table of outgoing mails.

    Once its turn is over, it rings for another one, so that what waits for the worker meanwhile waits no longer.
    """
    turn_ends_at = clock.now() + rules.TURN
    with own_connection():
        deliver_due_mails(clock=clock.now, may_go_on=lambda: clock.now() < turn_ends_at)
        if clock.now() >= turn_ends_at:
            deliver.defer()


@app.periodic(cron="* * * * *")
@app.task(queue="mail", name="mail.sweep", queueing_lock="mail.sweep", priority=AFTER_EVERYTHING_ELSE)
def sweep(timestamp: int) -> None:
    """Every minute: mails whose pause is over, and mails a dead worker left behind."""
    deliver()
