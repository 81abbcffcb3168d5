"""What happens by itself at certain times; each a call into the domain."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", name="upkeep.settle_abandoned_guesses", queueing_lock="upkeep.settle_abandoned_guesses")
def settle_abandoned_guesses(timestamp: int) -> None:
    """Every minute: password checks whose processes died."""
    from kundenportal.domain.credentials.operations import lockouts
    from kundenportal.kernel import clock

    lockouts.settle_abandoned_guesses(now=clock.now())


@app.periodic(cron="7 * * * *")
@app.task(queue="upkeep", name="upkeep.forget_quiet_names", queueing_lock="upkeep.forget_quiet_names")
def forget_quiet_names(timestamp: int) -> None:
    """Every hour: counts of wrong entries, and browsers nobody has used for half a year."""
    from kundenportal.domain.credentials.operations import browsers, lockouts
    from kundenportal.kernel import clock

    now = clock.now()
    lockouts.forget_quiet_names(now=now)
    browsers.forget_unused(now=now)
