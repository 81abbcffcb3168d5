from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from .models import Fault
from .rules import KEPT_FOR, NAME_MAX_LENGTH

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser


def note(
    reference: str, *, status: int, page: str, error: str, account: AbstractBaseUser | None, now: datetime
) -> None:
    """Staff can look up what is behind the reference somebody reads out to them."""
    with transaction.atomic():
        Fault.objects.create(
            reference=reference,
            happened_at=now,
            status=status,
            page=page[:NAME_MAX_LENGTH],
            error=error[:NAME_MAX_LENGTH],
            account_id=account.pk if account else None,
        )


def forget_old(*, now: datetime) -> None:
    """Nobody asks about a page they saw weeks ago."""
    Fault.objects.filter(happened_at__lte=now - KEPT_FOR).delete()
