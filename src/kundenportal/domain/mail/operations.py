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


def queue_many(
    kind: str, *, recipients: Sequence[str], now: datetime, not_before: datetime | None = None
) -> list[OutgoingMail]:
    """One mail for each recipient, in their order, like `queue`; however many there are, the bell rings once.

    A mail that is not to go out before some instant is queued as of then: only from there on is it retried and given
    up. Whoever waits for a single mail, such as a link, does not wait for these.
    """
    due_at = max(now, not_before or now)
    with transaction.atomic():
        mails = OutgoingMail.objects.bulk_create(
            OutgoingMail(kind=kind, recipient=recipient, queued_at=due_at, next_attempt_at=due_at, is_one_of_many=True)
            for recipient in recipients
        )
        if due_at == now:  # the sweep finds the others
            tasks.deliver.defer()
    return mails
