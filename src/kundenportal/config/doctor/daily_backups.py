"""Whether a backup is made every night."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kundenportal.config.backups import nights
from kundenportal.config.doctor.findings import ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from kundenportal.config.doctor.findings import Finding
    from kundenportal.config.env import Environment

TOO_OLD = timedelta(hours=30)  # a night, and some hours for a machine that was off


def findings(environment: Environment, *, now: datetime) -> Iterator[Finding]:
    """What lies in the directory of backups says."""
    if not environment.daily_backups:
        yield ok("Backups", "The portal makes none; KUNDENPORTAL_DAILY_BACKUPS is 0.")
        return
    try:
        moments = sorted(nights.made(environment.backup_dir).values())
    except OSError as fault:
        advice = "Run the doctor as the user the portal runs as."
        yield problem("Backups", f"{environment.backup_dir}: {fault.strerror}.", advice)
        return
    believed = [moment for moment in moments if not nights.is_of_the_future(moment, now=now)]
    if len(believed) < len(moments):
        yield warning(
            "Backups",
            f"The newest says it was made on {moments[-1]:%Y-%m-%d}, which is yet to come: a clock ran ahead.",
            "Let chrony or systemd-timesyncd keep it right. It is not believed, and will be the first to go.",
        )
    if not believed:
        words = f"There is none of a night in {environment.backup_dir} yet."
        yield warning("Backups", words, "The worker makes one within an hour.")
    elif now - believed[-1] > TOO_OLD:
        yield problem(
            "Backups",
            f"The newest is of {believed[-1]:%Y-%m-%d %H:%M} UTC.",
            "The desk's start page or the worker's log says what is in the way; `kundenportal backup` makes one now.",
        )
    else:
        yield ok("Backups", f"The newest is of {believed[-1]:%Y-%m-%d %H:%M} UTC.")
