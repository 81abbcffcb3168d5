"""What is found, and by which way: by its words, or along an order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import BooleanField, Count, Exists, F, Func, Max, Min, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils.functional import cached_property

from kundenportal.domain.credentials.queries.letters import (
    letters_on_their_way,
    letters_that_ended,
    newest_letters_lost,
)
from kundenportal.domain.credentials.queries.lockouts import lockouts_not_lifted

from . import rules
from .models import Entry
from .rules import Condition, Key, Order, Standing, Wanted
from .spellings import READ, anywhere, elsewhere, forgiven, in_name_and_address, matching, words_in
from .tiers import InHand, Sorted, Tier, Walked, names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from .spellings import Query, Spellings

FEW_CASES = 20_000  # lockouts or letters: so many are looked up one by one, instead of asking every entry for its own
MANY = 20_000  # hits the database expects; a walk meets some of so many soon
FREQUENT = 100_000  # likewise; to collect them all takes longer than to read some entries
MUCH_MORE = 10  # times as many hits; then a word is not looked up beside the rarer one


@dataclass(frozen=True)
class Hits:
    """The accounts that were found: the better ones first, each tier in the order wanted."""

    found: QuerySet[Entry]
    tiers: Sequence[Tier]
    number: int  # or some that are more than are counted
    are_alike: bool = False


@dataclass(frozen=True)
class _Narrowed:
    """The entries a condition holds for."""

    found: QuerySet[Entry]
    standings: Sequence[Standing]
    are_few: bool = False  # it is known of each of them
    are_new: bool = False  # most of them were opened lately
    is_by_standing: bool = False  # by nothing else


def hits_of(wanted: Wanted, *, now: datetime) -> Hits:
    """The accounts wanted; where nothing is written as it was typed, those that are written much like it."""
    narrowed = _narrowed(wanted.condition, now=now)
    if not wanted.text:
        return _all_hits(narrowed, order_of(wanted), is_all=wanted.condition not in _OF_FEW)
    words, best_first = words_in(wanted.text), wanted.order is None
    hits = _Search(narrowed, {word: (word,) for word in words}, order_of(wanted), best_first).hits()
    if hits.number == 0 and (spellings := forgiven(words)):
        return replace(_Search(narrowed, spellings, order_of(wanted), best_first).hits(), are_alike=True)
    return hits


def order_of(wanted: Wanted) -> Order:
    """The order they stand in."""
    order = wanted.order or (rules.BY_NAME if wanted.text else rules.NEWEST_FIRST)
    has_never_signed_in = wanted.condition is not None and _STANDINGS[wanted.condition] == (Standing.ISSUED,)
    if order.key is Key.LAST_SIGN_IN and has_never_signed_in:
        # That is the order of their numbers, of which an index is walked faster.
        return Order(Key.OPENED, order.descending)
    return order


def _all_hits(narrowed: _Narrowed, order: Order, *, is_all: bool) -> Hits:
    found = narrowed.found
    tier = Sorted(0, found, order)
    if not narrowed.are_few:
        tier = Walked(0, found, order, found, narrowed.standings, is_all)
    # They are counted from where most of them are.
    some = found.order_by("-pk" if narrowed.are_new else "pk")[: rules.COUNTED + 1]
    return Hits(found, [tier], some.count())


@dataclass(frozen=True)
class _Search:
    """How the hits of a search are found: by the index of words, or among the entries something else has found."""

    narrowed: _Narrowed
    spellings: Spellings
    order: Order
    best_first: bool
    _numbers: dict[Query, int] = field(default_factory=dict, init=False, compare=False)

    def hits(self) -> Hits:
        if not self.spellings:
            return Hits(Entry.objects.none(), (), 0)
        found = self._found(anywhere)
        if hits := self._in_hand(anywhere):
            return Hits(found, hits, sum(len(tier.found) for tier in hits))
        if not self.best_first:
            return Hits(found, [self._walked(0, anywhere)], rules.COUNTED + 1)
        first: Tier = self._walked(0, in_name_and_address)
        if self._expected(in_name_and_address) <= MANY and (better := self._in_hand(in_name_and_address)):
            first = better[0]
        return Hits(found, [first, self._walked(1, elsewhere)], rules.COUNTED + 1)

    def _in_hand(self, query: Query) -> tuple[InHand, ...]:
        """The hits, the better ones first; nothing if they are many."""
        most = FEW_CASES if self.narrowed.are_few else rules.COUNTED
        if self._are_surely_more(query, most):
            return ()
        own = in_name_and_address(self.spellings)
        is_better = matching(own, how=READ) if self.best_first else Value(value=True)
        rows = list(self._found(query).values_list(is_better, *names_in(self.order))[: most + 1])
        if len(rows) > most:
            return ()
        return tuple(
            InHand(tier, [tuple(row) for better, *row in rows if better is is_first], self.order)
            for tier, is_first in enumerate((True, False))
        )

    def _are_surely_more(self, query: Query, most: int) -> bool:
        """Whether so many are already among some entries; to find all hits of a frequent word takes long."""
        if self.narrowed.are_few or self._expected(query) <= FREQUENT:
            return False
        ends = Entry.objects.aggregate(oldest=Min("pk"), newest=Max("pk"))
        oldest, newest = ends["oldest"] or 0, ends["newest"] or 0
        begin = newest - rules.WALKED_AT_MOST if self.narrowed.are_new else (oldest + newest) // 2
        some = self._read(query).filter(pk__gt=begin, pk__lte=begin + rules.WALKED_AT_MOST)
        return some[: most + 1].count() > most

    def _expected(self, query: Query) -> int:
        if query not in self._numbers:
            self._numbers[query] = _expected(query(self.spellings))
        return self._numbers[query]

    def _walked(self, tier: int, query: Query) -> Walked:
        beginnings = self._beginnings if query is not elsewhere else ()
        # An organisation's accounts have its words in common. Hits that are rather few are collected sooner than met.
        is_by_organisation = self.order.key is Key.ORGANISATION
        return Walked(
            tier,
            self._found(query),
            self.order,
            self._read(query),
            self.narrowed.standings,
            is_all=False,
            beginnings=beginnings,
            stand_together=bool(beginnings) and (is_by_organisation or self._expected(query) <= MANY),
        )

    @property
    def _beginnings(self) -> Sequence[str]:
        is_by_word = self.order.key in {Key.NAME, Key.ADDRESS, Key.ORGANISATION}
        if len(self.spellings) > 1 or not is_by_word or not self.narrowed.is_by_standing:
            return ()
        (spellings,) = self.spellings.values()
        return spellings

    def _read(self, query: Query) -> QuerySet[Entry]:
        return self.narrowed.found.filter(matching(query(self.spellings), how=READ))

    def _found(self, query: Query) -> QuerySet[Entry]:
        if self.narrowed.are_few:
            return self._read(query)
        if len(self._looked_up) == len(self.spellings):
            return self.narrowed.found.filter(matching(query(self.spellings)))
        looked_up = in_name_and_address if query is in_name_and_address else anywhere
        return self._read(query).filter(matching(looked_up(self._looked_up)))

    @cached_property
    def _looked_up(self) -> Spellings:
        """The words that are worth looking up: what nearly everybody has is read in the entries the others find."""
        if len(self.spellings) == 1:
            return self.spellings
        expected = {word: _expected(anywhere({word: each})) for word, each in self.spellings.items()}
        rarest = min(expected, key=lambda word: (expected[word], -len(word)))
        most = MUCH_MORE * expected[rarest]
        # With one letter or digit begin more words than the database expects.
        others = {word for word in expected if len(word) > 1 and expected[word] <= most}
        return {word: each for word, each in self.spellings.items() if word in others | {rarest}}


def _expected(query: str) -> int:
    """How many hits the database expects, from what it knows of frequent words."""
    (told,) = json.loads(Entry.objects.filter(matching(query)).explain(format="json"))
    return int(told["Plan"]["Plan Rows"])


# How their accounts stand is not asked of the accounts: their entries say it.
_OF_FEW: Mapping[Condition, Callable[[], QuerySet[Any]]] = {
    Condition.LETTER_ON_ITS_WAY: letters_on_their_way,
    Condition.LETTER_LOST: newest_letters_lost,
    Condition.LOCKED: lockouts_not_lifted,
}
_STANDINGS: Mapping[Condition, Sequence[Standing]] = {
    Condition.ISSUED: (Standing.ISSUED,),
    Condition.LETTER_ON_ITS_WAY: (Standing.ISSUED,),
    Condition.LETTER_LOST: (Standing.ISSUED,),
    Condition.EXPIRED: (Standing.ISSUED,),
    Condition.ACTIVE: (Standing.ACTIVE,),
    Condition.LOCKED: (Standing.ISSUED, Standing.ACTIVE),
    Condition.SUSPENDED: (Standing.SUSPENDED,),
}


def _narrowed(condition: Condition | None, *, now: datetime) -> _Narrowed:
    if condition is None:
        return _Narrowed(Entry.objects.all(), tuple(Standing), is_by_standing=True)
    standings = _STANDINGS[condition]
    found = Entry.objects.filter(standing__in=standings)
    if condition in _OF_FEW:
        cases = _OF_FEW[condition]()
        # Rare ones, spread over very many accounts, are what the database looks for in vain longest.
        known = cases.values("account")[: FEW_CASES + 1].aggregate(
            number=Count("account"), accounts=Cast(ArrayAgg("account", default=Value("{}")), TextField())
        )
        if known["number"] <= FEW_CASES:
            return _Narrowed(found.filter(_is_one_of(known["accounts"])), standings, are_few=True)
        found = found.filter(_there_is(cases))
    if condition is Condition.ISSUED:
        found = found.filter(~_there_is(letters_that_ended(now)))
        return _Narrowed(found, standings, are_new=True)
    if condition is Condition.EXPIRED:
        found = found.filter(_there_is(letters_that_ended(now)))
    return _Narrowed(found, standings, is_by_standing=condition in {Condition.ACTIVE, Condition.SUSPENDED})


def _is_one_of(numbers: str) -> Q:
    # They come from the database and go back to it as they were written there, for Python would take longer to read
    # them than the database to find them. Selected, so that it does not weigh each of them before it begins.
    template = "(%(expressions)s::bigint[])::bigint[]))"
    return Q(
        Func(
            F("account"), Value(numbers), template=template, arg_joiner=" = ANY ((SELECT ", output_field=BooleanField()
        )
    )


def _there_is(about_the_account: QuerySet[Any]) -> Q:
    return Q(Exists(about_the_account.filter(account=OuterRef("pk"))))
