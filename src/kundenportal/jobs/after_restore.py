"""kundenportal after-restore: settles what a restore leaves, for the time since happened without what is there now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kundenportal.jobs.moments import NotUnderstood, instant_in, told

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

HELP = "end and hold what must not come back to life, once other means than `restore` have brought the database back"
TIMES = (
    "It is written 2026-12-24T18:00, '2026-12-24 18:00:30' or 2026-12-24T17:00Z; without Z by the portal's time zone."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.epilog = f"{TIMES} First stop the portal on every machine, for its workers would send."
    parser.add_argument("moment", metavar="TIME", help="the moment the database was brought back to")


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Settles it; 1 and one sentence if that cannot be, and nothing has changed."""
    from kundenportal.domain.machinery.queries import tables_are_up_to_date
    from kundenportal.kernel.connections import others_are_connected

    try:
        made_at = instant_in(arguments.moment, now=now, written=TIMES)
    except NotUnderstood as fault:
        return _refuse(str(fault))
    if made_at > now:
        return _refuse(f"{told(made_at)} is still to come; say to which moment the database was brought back.")
    if others_are_connected():
        return _refuse("Somebody is still connected to this database; stop the portal everywhere first.")
    if not tables_are_up_to_date():
        return _refuse("Its tables are those of an older version; run `kundenportal migrate` first.")
    tell(held=settle(made_at=made_at, now=now), moment=told(made_at))
    return 0


def tell(*, held: int, moment: str) -> None:
    """Says to whoever has restored it how the portal is now, and what becomes of mails that are held."""
    print(f"The portal is what it was on {moment}; everybody has to sign in anew.")
    if held:
        print(
            f"Mails that waited then and may have been sent since: {held}. They are held; the desk shows them as "
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


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
