"""Finding accounts among very many: a page costs much the same wherever it is and however many there are.

few hits                 they are found by their words, read, and sorted here
many hits, or no search  the index of the order is walked until the page is full, for each standing by itself
many hits, far apart     where that walk would be long, all of them are sorted by the database after all,
                         or those up to where the page ends at the latest, if the hits stand together
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Subquery

from kundenportal.domain.accounts.models import Membership
from kundenportal.domain.credentials.queries.desk import accounts_with_numbers
from kundenportal.kernel import replica

from . import rules
from .hits import hits_of, order_of
from .models import Entry
from .rules import Key, Place, Standing, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.queries.desk import AccountOnTheDesk

    from .tiers import Tier

PAGE_SIZE = 50


@dataclass(frozen=True)
class DirectoryPage:
    """Some accounts, the places from which the neighbouring pages go on, and how many hits there are in all."""

    accounts: Sequence[AccountOnTheDesk]
    next_after: Place | None
    previous_before: Place | None
    number: int  # never more than rules.COUNTED
    are_more: bool
    are_alike: bool  # nothing is written as it was typed: these are written much like it


def accounts_page(
    wanted: Wanted, *, after: Place | None = None, before: Place | None = None, now: datetime, size: int = PAGE_SIZE
) -> DirectoryPage:
    """The accounts wanted, from the beginning, or those that follow the one place or precede the other."""
    hits = hits_of(wanted, now=now)
    rows = _leafed(hits.tiers, before or after, backward=before is not None, size=size + 1)
    shown, more = rows[:size], len(rows) > size
    if before:
        shown.reverse()
        ends = (shown[-1] if shown else None, shown[0] if more else None)
    else:
        ends = (shown[-1] if more else None, shown[0] if shown and after else None)
    return DirectoryPage(
        _accounts(shown), *ends, min(hits.number, rules.COUNTED), hits.number > rules.COUNTED, hits.are_alike
    )


def is_place_in(place: Place, wanted: Wanted) -> bool:
    """Whether a list in this order can go on from the place."""
    if order_of(wanted).key is not Key.LAST_SIGN_IN:
        return True
    try:
        return datetime.fromisoformat(place.value).tzinfo is not None
    except ValueError:
        return False


def number_of(wanted: Wanted, *, now: datetime) -> int:
    """How many accounts are wanted, exactly."""
    return hits_of(wanted, now=now).found.count()


def every_account(wanted: Wanted, *, now: datetime) -> Iterator[AccountOnTheDesk]:
    """All accounts wanted, in their order, a few hundred of them in memory at a time; read from the replica if any."""
    numbers = array("q")
    for tier in hits_of(wanted, now=now).tiers:
        numbers.extend(tier.account_numbers())
    return replica.rows(numbers, accounts_with_numbers)


def similar_accounts(account: Account, *, most: int = 10) -> Sequence[AccountOnTheDesk]:
    """Accounts that act for the same organisation or are called the same, newest first."""
    own = Entry.objects.filter(pk=account.pk).values("name")
    namesakes = Entry.objects.filter(standing__in=tuple(Standing), name=Subquery(own)).values_list("pk", flat=True)
    kindred = Membership.objects.filter(organisation__in=account.organisations.values("pk"))
    found = {
        *namesakes.order_by("-pk")[: most + 1],
        *kindred.order_by("-account").values_list("account", flat=True).distinct()[: most + 1],
    }
    newest = sorted(found - {account.pk}, reverse=True)[:most]
    return _accounts([Place(0, "", number) for number in newest])


def _leafed(tiers: Sequence[Tier], place: Place | None, *, backward: bool, size: int) -> list[Place]:
    rows: list[Place] = []
    for tier in reversed(tiers) if backward else tiers:
        is_behind = place and (tier.number > place.tier if backward else tier.number < place.tier)
        if is_behind or len(rows) >= size:
            continue
        start = place if place and place.tier == tier.number else None
        rows += tier.rows(start, backward=backward, size=size - len(rows))
    return rows


def _accounts(places: Sequence[Place]) -> list[AccountOnTheDesk]:
    by_number = accounts_with_numbers(place.account_id for place in places)
    return [by_number[place.account_id] for place in places if place.account_id in by_number]
