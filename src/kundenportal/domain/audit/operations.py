from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.kernel.origin import COMMAND_LINE

from .models import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser

    from kundenportal.kernel.origin import Origin

    from .events import Event


def record(
    event: Event,
    *,
    now: datetime,
    subject: AbstractBaseUser | None = None,
    actor: AbstractBaseUser | None = None,
    origin: Origin = COMMAND_LINE,
    **details: str | int | None,
) -> None:
    """Adds one entry to the trail; `details` must never hold a secret."""
    Entry.objects.create(
        happened_at=now,
        event=event,
        actor_id=actor.pk if actor else None,
        subject_id=subject.pk if subject else None,
        network_address=origin.network_address,
        details=details,
    )
