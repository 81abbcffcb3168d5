from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, transaction

from kundenportal.kernel.chunks import some_of
from kundenportal.kernel.composed import Statement
from kundenportal.kernel.origin import BY_ITSELF

from .events import Event
from .models import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from django.contrib.auth.base_user import AbstractBaseUser

    from kundenportal.kernel.origin import Origin

CHUNK = 5_000
# What entries have in common is written out once: imports add two for each of their rows.
ADDED = Statement(
    """
    INSERT INTO audit_entry (happened_at, event, actor_id, subject_id, network_address, details)
    SELECT %s::timestamptz, event, %s::bigint, subject, %s, %s::jsonb
    FROM unnest(%s::text[], %s::bigint[]) AS entry (event, subject)
    """
)


def record(
    event: Event,
    *,
    now: datetime,
    subject: AbstractBaseUser | None = None,
    actor: AbstractBaseUser | None = None,
    origin: Origin = BY_ITSELF,
    **details: str | int | None,
) -> None:
    """Adds one entry to the trail; `details` must never hold a secret."""
    _write([(event, subject)], now=now, actor=actor, origin=origin, details=details)


def record_all(
    events: Iterable[Event],
    *,
    now: datetime,
    subject: AbstractBaseUser | None = None,
    actor: AbstractBaseUser | None = None,
    origin: Origin = BY_ITSELF,
) -> None:
    """Adds one entry for each of several events that happened at once, in their order, like `record`."""
    _write([(event, subject) for event in events], now=now, actor=actor, origin=origin, details={})


def record_many(
    event: Event,
    *,
    subjects: Iterable[AbstractBaseUser],
    now: datetime,
    actor: AbstractBaseUser | None = None,
    origin: Origin = BY_ITSELF,
    **details: str | int | None,
) -> None:
    """Adds one entry for each subject, like `record`."""
    entries = [(event, subject) for subject in subjects]
    _write(entries, now=now, actor=actor, origin=origin, details=details)


def note_export(number: int, *, exported_by: AbstractBaseUser, now: datetime, origin: Origin) -> None:
    """The trail says who took so many of its entries along as a file; not by what they were sought."""
    record(Event.TRAIL_EXPORTED, actor=exported_by, now=now, origin=origin, number=number)


def forget_account(number: int) -> None:
    """What is left of an account that is gone is its number: neither its former addresses nor where it was used.

    The trigger of the table allows this for accounts that are gone, and nothing else.
    """
    with _forgetting(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE audit_entry SET
                network_address = CASE WHEN coalesce(actor_id, subject_id) = %(gone)s THEN '' ELSE network_address END,
                details = CASE WHEN event = %(moved)s AND subject_id = %(gone)s THEN details - 'before' ELSE details END
            WHERE (subject_id = %(gone)s OR actor_id = %(gone)s) AND (
                (network_address <> '' AND coalesce(actor_id, subject_id) = %(gone)s)
                OR (event = %(moved)s AND subject_id = %(gone)s AND details ? 'before')
            )
            """,
            {"gone": number, "moved": Event.ADDRESS_CORRECTED.value},
        )


def forget_old(*, keep_for: timedelta, now: datetime) -> int:
    """Entries of long ago leave the trail, a chunk at a time; how many that was."""
    old = Entry.objects.filter(happened_at__lt=now - keep_for)
    with _forgetting():
        deleted, _ = some_of(old, size=CHUNK).delete()
    return deleted


@contextmanager
def _forgetting() -> Iterator[None]:
    """Meanwhile the trigger of the table lets through what it may; everywhere else it lets through nothing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL kundenportal.trail_forgets = 'on'")
        yield
        cursor.execute("SET LOCAL kundenportal.trail_forgets = 'off'")  # a transaction may do more than this


def _write(
    entries: Sequence[tuple[Event, AbstractBaseUser | None]],
    *,
    now: datetime,
    actor: AbstractBaseUser | None,
    origin: Origin,
    details: dict[str, str | int | None],
) -> None:
    if not entries:
        return
    if origin.at_command_line:
        details = details | {"at_command_line": True}
    ADDED.changed(
        now,
        actor.pk if actor else None,
        origin.network_address,
        json.dumps(details),
        [event.value for event, _ in entries],
        [subject.pk if subject else None for _, subject in entries],
    )
