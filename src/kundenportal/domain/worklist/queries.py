from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from kundenportal.domain.credentials.queries.checks import open_checks, questions
from kundenportal.domain.credentials.queries.letters import letters_ending, letters_that_did_not_arrive, reminders
from kundenportal.domain.credentials.queries.lockouts import links_since_lockout, open_lockouts
from kundenportal.domain.inbox import queries as inbox
from kundenportal.domain.support import queries as support

from .models import InHand
from .rules import ENDS_SOON, HELD_FOR, Kind, Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.domain.accounts.models import Account

PAGE_SIZE = 50


@dataclass(frozen=True)
class Waiting:
    """Something that waits for staff: whom it is about, since when, what was tried, and who is at work on it."""

    place: Position
    account: Account | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    in_hand: InHand | None = None


@dataclass(frozen=True)
class WaitingPage:
    """Some of what waits, oldest first, and at which place the neighbouring pages go on; None where there is none."""

    rows: Sequence[Waiting]
    next_after: Position | None
    previous_before: Position | None


@dataclass(frozen=True)
class _Source:
    """What waits of one kind: its rows, since when each has waited, and what the desk is told of it.

    `since` names a field of theirs, which an index may hold in order, or is one they are annotated with; a row began to
    wait `later` than that.
    """

    rows: Callable[[datetime], QuerySet[Any]]
    since: str
    facts: Callable[[Any], dict[str, Any]]
    later: timedelta = timedelta()
    is_about_accounts: bool = True

    def waiting(self, kind: Kind, row: Any) -> Waiting:  # noqa: ANN401 - a row of whichever domain
        """A row as something that waits, in whose hands it is being another question."""
        account = row.account if self.is_about_accounts else None
        return Waiting(Position(getattr(row, self.since) + self.later, kind, row.pk), account, self.facts(row))

    def beyond(self, after: Position, kind: Kind) -> Q:
        """What comes after that place."""
        return self._past(after, "gt", at_once="gte" if kind > after.kind else "gt", is_alike=kind == after.kind)

    def ahead(self, before: Position, kind: Kind) -> Q:
        """What comes before that place."""
        return self._past(before, "lt", at_once="lte" if kind < before.kind else "lt", is_alike=kind == before.kind)

    def _past(self, place: Position, way: str, *, at_once: str, is_alike: bool) -> Q:
        since = place.since - self.later
        if is_alike:
            return Q(**{f"{self.since}__{way}": since}) | Q(**{self.since: since, f"pk__{way}": place.number})
        return Q(**{f"{self.since}__{at_once}": since})


def _number_of(rows: QuerySet[Any], key: str) -> Coalesce:
    """How many of these belong to each row: asked only of the rows that are shown, and of none that are counted."""
    return _number(rows.filter(**{key: OuterRef("pk")}), key)


def _number(theirs: QuerySet[Any], key: str) -> Coalesce:
    """How many there are of what is each row's own, and alike in that key."""
    return Coalesce(Subquery(theirs.order_by().values(key).annotate(number=Count("pk")).values("number")), 0)


_SOURCES = {
    Kind.CHECK: _Source(
        lambda _: open_checks().annotate(questions_asked=_number_of(questions(), "about")),
        "requested_at",
        lambda check: {
            "route": check.route,
            "questions": check.questions_asked,
            "first_approved_by": check.first_approved_by,
        },
    ),
    Kind.LETTER: _Source(
        lambda now: letters_that_did_not_arrive(now).annotate(since=Coalesce("mail__reported_at", "issued_at")),
        "since",
        lambda letter: {"mail": letter.mail},
    ),
    Kind.LOCKOUT: _Source(
        lambda _: open_lockouts().annotate(
            mail_state=F("mail__state"), links_sent=_number(links_since_lockout(), "account")
        ),
        "begun_at",
        lambda lockout: {
            "disowned": lockout.disowned_at is not None,
            "mail_state": lockout.mail_state,
            "links": lockout.links_sent,
        },
    ),
    Kind.EXPIRING: _Source(
        lambda now: letters_ending(now, now + ENDS_SOON).annotate(reminders_sent=_number_of(reminders(), "letter")),
        "expires_at",
        lambda letter: {"expires_at": letter.expires_at, "reminders": letter.reminders_sent},
        later=-ENDS_SOON,
    ),
    Kind.INTAKE: _Source(
        lambda _: support.intakes_to_be_settled(),
        "taken_down_at",
        lambda intake: {"intake": intake},
    ),
    Kind.SET_ASIDE: _Source(
        lambda _: inbox.mails_to_be_looked_at(),
        "received_at",
        lambda received: {"received": received},
        is_about_accounts=False,
    ),
}


def counts(*, now: datetime) -> dict[Kind, int]:
    """How much waits of each kind."""
    return {kind: source.rows(now).count() for kind, source in _SOURCES.items()}


def waiting_page(
    *,
    kind: Kind | None = None,
    after: Position | None = None,
    before: Position | None = None,
    now: datetime,
    size: int = PAGE_SIZE,
) -> WaitingPage:
    """What waits, oldest first, of one kind or of all: from its beginning, or after a place, or before one."""
    kinds = [kind] if kind else list(Kind)
    if before is not None:
        ahead = [_waiting_ahead(each, before, size + 1, now=now) for each in kinds]
        rows = list(islice(merge(*ahead, key=lambda row: row.place, reverse=True), size + 1))
        shown, more = _with_holders(rows[:size][::-1], now=now), len(rows) > size
        return WaitingPage(shown, shown[-1].place if shown else None, shown[0].place if more else None)
    found = [_waiting(each, after, size + 1, now=now) for each in kinds]
    rows = list(islice(merge(*found, key=lambda row: row.place), size + 1))
    shown, more = _with_holders(rows[:size], now=now), len(rows) > size
    return WaitingPage(shown, shown[-1].place if more else None, shown[0].place if shown and after else None)


def waiting_about(account: Account, *, now: datetime) -> Sequence[Waiting]:
    """What waits about this account, oldest first."""
    rows = [
        source.waiting(kind, row)
        for kind, source in _SOURCES.items()
        if source.is_about_accounts
        for row in source.rows(now).filter(account=account)
    ]
    return _with_holders(sorted(rows, key=lambda row: row.place), now=now)


def in_hand(kind: Kind, number: int, *, now: datetime) -> InHand | None:
    """Who is at work on it, if anybody is."""
    return _in_hands(now).filter(kind=kind, number=number).first()


def _waiting(kind: Kind, after: Position | None, most: int, *, now: datetime) -> Iterator[Waiting]:
    source = _SOURCES[kind]
    rows = source.rows(now).order_by(source.since, "pk")
    if after is not None:
        rows = rows.filter(source.beyond(after, kind))
    for row in rows[:most]:
        yield source.waiting(kind, row)


def _waiting_ahead(kind: Kind, before: Position, most: int, *, now: datetime) -> Iterator[Waiting]:
    source = _SOURCES[kind]
    rows = source.rows(now).filter(source.ahead(before, kind)).order_by(f"-{source.since}", "-pk")
    for row in rows[:most]:
        yield source.waiting(kind, row)


def _with_holders(rows: Sequence[Waiting], *, now: datetime) -> list[Waiting]:
    of_these = _in_hands(now).filter(number__in=[row.place.number for row in rows])
    held = {(Kind(each.kind), each.number): each for each in of_these}
    return [replace(row, in_hand=held.get((row.place.kind, row.place.number))) for row in rows]


def _in_hands(now: datetime) -> QuerySet[InHand]:
    return InHand.objects.filter(since__gt=now - HELD_FOR).select_related("holder")
