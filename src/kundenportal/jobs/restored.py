"""kundenportal restored: settles what a restore leaves, for the time between the backup and now happened without it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kundenportal.jobs.moments import NotUnderstood, instant_in, told

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

HELP = "settle what happened since, once the database was brought back to an earlier moment by other means than restore"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.epilog = (
        "Stop the portal on every machine first: its workers would send. `kundenportal restore` does all this."
    )
    parser.add_argument(
        "moment",
        metavar="TIME",
        help="the moment it was brought back to: 2026-12-24T18:00 or 24.12.2026 18:00, by the portal's time zone",
    )


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Settles it; 1 and one sentence if the moment makes no sense, or the portal runs."""
    from kundenportal.kernel.connections import others_are_connected

    try:
        made_at = instant_in(arguments.moment, now=now)
    except NotUnderstood as fault:
        print(fault, file=sys.stderr)
        return 1
    if others_are_connected():
        print("The portal is running on this database; stop it everywhere first.", file=sys.stderr)
        return 1
    if made_at > now:
        print(f"{told(made_at)} is still to come; say to which moment the database was brought back.", file=sys.stderr)
        return 1
    held = settle(made_at=made_at, now=now)
    print(f"The portal is what it was on {told(made_at)}; everybody has to sign in anew.")
    tell_of_held(held)
    return 0


def tell_of_held(number: int) -> None:
    """What becomes of mails that are held, if there are any."""
    if number:
        print(
            f"Mails that waited then and may have been sent since: {number}. They are held; the desk shows them as "
            "not delivered, and there somebody decides which are sent again."
        )


def settle(*, made_at: datetime, now: datetime) -> int:
    """What was ended, used or sent since the backup does not come back to life; how many mails are held for that."""
    from django.db import transaction

    from kundenportal.domain.accounts import operations as accounts
    from kundenportal.domain.audit import operations as audit
    from kundenportal.domain.audit.events import Event
    from kundenportal.domain.credentials.operations import caller_codes, resets
    from kundenportal.domain.imports import operations as imports
    from kundenportal.domain.mail import operations as mail
    from kundenportal.kernel.origin import COMMAND_LINE

    with transaction.atomic():
        accounts.end_every_session()
        resets.end_every_link(now=now)
        caller_codes.end_every_code()
        imports.cancel_under_way(now=now)
        held = mail.keep_back_due(now=now)
        audit.record(Event.BACKUP_RESTORED, now=now, origin=COMMAND_LINE, made_at=made_at.isoformat(), held=held)
    return held
