"""What was done for accounts long ago, and who was told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, Q

from kundenportal.domain.credentials.models import (
    AccessLetter,
    AddressChange,
    CallerCode,
    Deletion,
    EntitlementCheck,
    Lockout,
    Reminder,
)
from kundenportal.domain.credentials.queries.letters import newer_letters
from kundenportal.kernel.chunks import some_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from typing import Any

    from django.db.models import QuerySet


def forget_old(*, keep_for: timedelta, now: datetime) -> int:
    """What is over since long leaves the database with whatever says who was told, a chunk at a time; how many rows.

    The newest letter of each account stays as long as the account.
    """
    return sum(some_of(rows).delete()[0] for rows in _over_before(now - keep_for))


def _over_before(moment: datetime) -> Iterator[QuerySet[Any]]:
    yield Reminder.objects.filter(mail__queued_at__lt=moment)
    yield AccessLetter.objects.filter(Exists(newer_letters()), keyed_hash="", issued_at__lt=moment)
    yield EntitlementCheck.objects.filter(decided_at__lt=moment)
    yield Lockout.objects.filter(lifted_at__lt=moment)
    yield AddressChange.objects.filter(changed_at__lt=moment)
    yield CallerCode.objects.filter(Q(expires_at__lt=moment) | Q(expires_at=None, mail__queued_at__lt=moment))
    # Shown on screen, then used or withdrawn: nothing says when that was, and nobody asks.
    yield CallerCode.objects.filter(expires_at=None, mail=None)
    yield Deletion.objects.filter(taken_back_at__lt=moment)
