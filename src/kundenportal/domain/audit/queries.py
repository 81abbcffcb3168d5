from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count

from kundenportal.kernel import replica
from kundenportal.kernel.leafing import newest_first

from .events import BACKUP_ATTEMPTS, Event
from .models import Entry
from .rules import BACKUP_IS_GIVEN_UP_AFTER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.kernel.leafing import Page

PAGE_SIZE = 50


@dataclass(frozen=True)
class Sought:
    """Which entries of the trail; what is not said does not matter."""

    events: Collection[str] = ()
    subject_ids: Collection[int] = ()
    actor_ids: Collection[int] = ()
    network_address: str = ""
    since: datetime | None = None
    until: datetime | None = None


def trail_page(
    sought: Sought, *, after: int | None = None, before: int | None = None, size: int = PAGE_SIZE
) -> Page[Entry]:
    """The entries sought, newest first."""
    return newest_first(trail(sought), after=after, before=before, size=size)


def trail(sought: Sought) -> QuerySet[Entry]:
    """Every entry sought, newest first, with actor and subject as far as they still exist."""
    found = Entry.objects.select_related("actor", "subject").order_by("-pk")
    if sought.events:
        found = found.filter(event__in=sought.events)
    if sought.subject_ids:
        found = found.filter(subject__in=sought.subject_ids)
    if sought.actor_ids:
        found = found.filter(actor__in=sought.actor_ids)
    if sought.network_address:
        found = found.filter(network_address=sought.network_address)
    if sought.since is not None:
        found = found.filter(happened_at__gte=sought.since)
    if sought.until is not None:
        found = found.filter(happened_at__lt=sought.until)
    return found


def numbers_of(sought: Sought) -> Sequence[int]:
    """The numbers of every entry sought, newest first."""
    return array("q", trail(sought).values_list("pk", flat=True).iterator(chunk_size=replica.ROWS_AT_A_TIME))


def every_entry(numbers: Sequence[int]) -> Iterator[Entry]:
    """The entries with these numbers, a few hundred in memory at a time; read from the replica if there is one."""
    return replica.rows(numbers, _entries_with_numbers)


def _entries_with_numbers(numbers: Sequence[int], database: str) -> dict[int, Entry]:
    found = Entry.objects.using(database).select_related("actor", "subject").filter(pk__in=numbers)
    return {entry.pk: entry for entry in found}


def failed_backup(*, now: datetime) -> Entry | None:
    """The entry that says why there is no backup; None if the last attempt made one, or nobody tries any more."""
    latest = Entry.objects.filter(event__in=BACKUP_ATTEMPTS).order_by("-pk").first()
    if latest is None or latest.event != Event.BACKUP_FAILED or now - latest.happened_at >= BACKUP_IS_GIVEN_UP_AFTER:
        return None
    return latest


def newest_backup() -> Entry | None:
    """The entry of the last backup that was made; None where there is none."""
    return Entry.objects.filter(event=Event.BACKUP_MADE).order_by("-pk").first()


def subjects_formerly_at(address: str) -> set[int]:
    """Whose address this was before it was corrected."""
    corrected = Entry.objects.filter(event=Event.ADDRESS_CORRECTED, details__before=address, subject__isnull=False)
    return set(corrected.values_list("subject", flat=True))


def how_often(events: Collection[str], *, since: datetime) -> dict[tuple[str, str | None], int]:
    """How many entries of these events there are since then, by event and, where one is noted, by reason."""
    found = Entry.objects.filter(happened_at__gte=since, event__in=events)
    counted = found.order_by().values_list("event", "details__reason").annotate(Count("pk"))
    return {(event, reason): number for event, reason, number in counted}
