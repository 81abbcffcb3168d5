from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.kernel.origin import COMMAND_LINE

from .models import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    _entry(event, subject, now=now, actor=actor, origin=origin, details=details).save(force_insert=True)


def record_many(
    event: Event,
    *,
    subjects: Iterable[AbstractBaseUser],
    now: datetime,
    actor: AbstractBaseUser | None = None,
    origin: Origin = COMMAND_LINE,
    **details: str | int | None,
) -> None:
    """Adds one entry for each subject, like `record`."""
    Entry.objects.bulk_create(
        _entry(event, subject, now=now, actor=actor, origin=origin, details=details) for subject in subjects
    )


def _entry(
    event: Event,
    subject: AbstractBaseUser | None,
    *,
    now: datetime,
    actor: AbstractBaseUser | None,
    origin: Origin,
    details: dict[str, str | int | None],
) -> Entry:
    return Entry(
        happened_at=now,
        event=event,
        actor_id=actor.pk if actor else None,
        subject_id=subject.pk if subject else None,
        network_address=origin.network_address,
        details=details,
    )
