"""What a restore leaves for the portal itself to settle: the time between the backup and now happened without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


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
        held = mail.hold_due(now=now)
        audit.record(Event.BACKUP_RESTORED, now=now, origin=COMMAND_LINE, made_at=made_at.isoformat(), held=held)
    return held
