from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import PROTECT, Case, Count, Exists, F, ForeignObjectRel, Min, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from kundenportal.kernel.leafing import newest_first
from kundenportal.kernel.text import storable

from .kinds import kind_named, kind_names
from .models import OutgoingMail
from .rules import DID_NOT_ARRIVE, UNDER_WAY, Pile, Standing, State

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.kernel.leafing import Page

PAGE_SIZE = 50

# `rules.standing`, asked of the database.
_STANDING = {
    Standing.WAITING: Q(state=State.WAITING, attempts=0),
    Standing.DEFERRED: Q(state=State.WAITING, attempts__gt=0)
    | Q(state=State.HANDED_OVER, reported_status__startswith="4."),
    Standing.SENDING: Q(state=State.SENDING),
    Standing.HANDED_OVER: Q(state=State.HANDED_OVER) & ~Q(reported_status__startswith="4."),
    Standing.BOUNCED: Q(state=State.BOUNCED),
    Standing.FAILED: Q(state=State.FAILED),
    Standing.NOT_NEEDED: Q(state=State.NOT_NEEDED),
}


def mails_page(
    *,
    standing: Standing | None = None,
    kind: str = "",
    recipient: str = "",
    after: int | None = None,
    before: int | None = None,
) -> Page[OutgoingMail]:
    """The mail log: every outgoing mail that stands like that, is of that kind, and goes to such an address."""
    found = OutgoingMail.objects.all()
    if standing is not None:
        found = found.filter(_STANDING[standing])
    if kind:
        found = found.filter(kind=storable(kind))
    if recipient:
        found = found.filter(recipient__icontains=storable(recipient))
    return newest_first(found, after=after, before=before, size=PAGE_SIZE)


def kinds_of_mail() -> list[str]:
    """Every kind of mail the portal writes."""
    return kind_names()


def nobodys(mails: QuerySet[OutgoingMail]) -> QuerySet[OutgoingMail]:
    """Those of the mails that nothing in any domain holds on to."""
    # The relations are hidden, because nothing below should know what stands above.
    for relation in OutgoingMail._meta.get_fields(include_hidden=True):  # noqa: SLF001 - public in all but its name
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is PROTECT:
            holders = relation.related_model._base_manager  # noqa: SLF001 - likewise
            mails = mails.filter(~Exists(holders.filter(**{relation.field.name: OuterRef("pk")})))
    return mails


def may_be_sent_again(mail: OutgoingMail) -> bool:
    """Whether it did not arrive, and is of a kind that staff may simply have sent once more."""
    # Of a kind that later versions know no more there may still be rows.
    return State(mail.state) in DID_NOT_ARRIVE and mail.kind in kind_names() and kind_named(mail.kind).may_be_sent_again


@dataclass(frozen=True)
class Stack:
    """How many mails are in a pile, and since when the first of them is there; None if that is not noted."""

    number: int = 0
    since: datetime | None = None


UNFINISHED = frozenset({Pile.DUE, Pile.DEFERRED, Pile.SENDING})


def piles(*, now: datetime) -> dict[Pile, Stack]:
    """The mails that have not been handed over, in piles; none is left out."""
    pile = Case(
        When(state=State.WAITING, attempts__gt=0, then=Value(Pile.DEFERRED)),
        When(state=State.WAITING, next_attempt_at__gt=now, then=Value(Pile.LATER)),
        When(state=State.WAITING, then=Value(Pile.DUE)),
        default=F("state"),
    )
    since = Case(
        When(state=State.SENDING, then=F("claimed_at")),
        When(state=State.WAITING, attempts=0, then=F("next_attempt_at")),
        When(state=State.WAITING, then=Coalesce("sent_again_at", "queued_at")),
    )
    mails = OutgoingMail.objects.filter(state__in=UNDER_WAY | DID_NOT_ARRIVE)
    counted = mails.annotate(pile=pile, since=since).values_list("pile").annotate(Count("pk"), Min("since"))
    found = {Pile(pile): Stack(number, since) for pile, number, since in counted}
    return {pile: found.get(pile, Stack()) for pile in Pile}
