from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from . import tasks
from .models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


def queue(kind: str, *, recipient: str, now: datetime) -> OutgoingMail:
    """A mail to go out as soon as the surrounding transaction is committed, and only if it is."""
    with transaction.atomic():
        mail = OutgoingMail.objects.create(kind=kind, recipient=recipient, queued_at=now, next_attempt_at=now)
        tasks.deliver.defer()
    return mail


def queue_many(kind: str, *, recipients: Sequence[str], now: datetime) -> list[OutgoingMail]:
    """One mail for each recipient, in their order, like `queue`; however many there are, the bell rings once."""
    with transaction.atomic():
        mails = OutgoingMail.objects.bulk_create(
            OutgoingMail(kind=kind, recipient=recipient, queued_at=now, next_attempt_at=now) for recipient in recipients
        )
        tasks.deliver.defer()
    return mails
