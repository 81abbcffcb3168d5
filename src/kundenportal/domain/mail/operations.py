from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from . import tasks
from .models import OutgoingMail

if TYPE_CHECKING:
    from datetime import datetime


def queue(kind: str, *, recipient: str, now: datetime) -> OutgoingMail:
    """A mail to go out as soon as the surrounding transaction is committed, and only if it is."""
    with transaction.atomic():
        mail = OutgoingMail.objects.create(kind=kind, recipient=recipient, queued_at=now, next_attempt_at=now)
        tasks.deliver.defer()
    return mail
