"""Finding accounts among very many: a page costs much the same wherever it is and however many there are.

few hits                 they are found by their words, read, and sorted here
many hits, or no search  the index of the order is walked until the page is full, for each standing by itself
many hits, far apart     where that walk would be long, all of them are sorted by the database after all,
                         or those up to where the page ends at the latest, if the hits stand together
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    F,
    Func,
    Lookup,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

from kundenportal.domain.accounts.models import Membership
from kundenportal.domain.credentials import queries as credentials
from kundenportal.kernel.text import storable

from . import rules
from .models import Entry, Word
from .rules import Condition, Key, Order, Place, Standing, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from django.db.models import Expression

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.queries import AccountOnTheDesk

    Sortable = tuple[Any, ...]
    Spellings = Mapping[str, Sequence[str]]
    Query = Callable[[Spellings], str]

PAGE_SIZE = 50
WALKED_AT_MOST = 10_000  # entries that are looked at one after the other before all hits are sorted instead
FEW_CASES = 20_000  # lockouts or letters: so many are looked up one by one, instead of asking every entry for its own
MANY = 20_000  # hits the database expects; a walk meets some of so many soon
FREQUENT = 100_000  # likewise; to collect them all takes longer than to read some entries
MUCH_MORE = 10  # times as many hits; then a word is not looked up beside the rarer one
READ_AT_A_TIME = 500
LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class DirectoryPage:
    """Some accounts, the places from which the neighbouring pages go on, and how many hits there are in all."""

    accounts: Sequence[AccountOnTheDesk]
    next_after: Place | None
    previous_before: Place | None
    number: int  # never more than rules.COUNTED
    are_more: bool
    are_alike: bool  # nothing is written as it was typed: these are written much like it


class _Tier(Protocol):
    """Hits of one quality, in the order wanted."""

    @property
    def number(self) -> int: ...

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        """The places that follow this one, or the first ones; backward those that precede it, the nearest first."""

    def account_numbers(self) -> Iterator[int]:
        """The numbers of all their accounts, in order."""


@dataclass(frozen=True)
class _InHand:
    """So few that they have been read, and are sorted here."""

    number: int
    found: Sequence[Sortable]
    order: Order

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        down = self.order.descending != backward
        found = self.found
        if place is not None:
            start = _sortable(place, self.order)
            found = [row for row in found if (row < start if down else row > start)]
        return [_place(self.number, row) for row in sorted(found, reverse=down)[:size]]

    def account_numbers(self) -> Iterator[int]:
        return (row[-1] for row in sorted(self.found, reverse=self.order.descending))


@dataclass(frozen=True)
class _Sorted:
    """They are found by an index of their words or numbers, and sorted."""

    number: int
    found: QuerySet[Entry]
    order: Order

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        # An index of the order would fit these expressions only if they named nothing but its columns.
        columns = [Coalesce(F(name), F(name)) for name in _names(self.order)]
        rows = self._from(self.found, columns, place, down=self.order.descending != backward)
        return self._places(rows[:size])

    def account_numbers(self) -> Iterator[int]:
        way = "-" if self.order.descending else ""
        rows = self.found.order_by(*(f"{way}{name}" for name in _names(self.order)))
        return rows.values_list("pk", flat=True).iterator(chunk_size=READ_AT_A_TIME)

    def _from(
        self, found: QuerySet[Entry], columns: Sequence[Any], place: Place | None, *, down: bool
    ) -> QuerySet[Entry]:
        if place is not None:
            found = found.filter(_compared(columns, _sortable(place, self.order), LessThan if down else GreaterThan))
        return found.order_by(*(column.desc() if down else column.asc() for column in columns))

    def _places(self, rows: QuerySet[Entry]) -> list[Place]:
        return [_place(self.number, row) for row in rows.values_list(*_names(self.order))]


@dataclass(frozen=True)
class _Walked(_Sorted):
    """The index of the order is walked, for each standing by itself; where that would be long, they are sorted."""

    read: QuerySet[Entry]  # the same accounts, but nothing is looked up: each entry is asked
    standings: Sequence[Standing]
    is_all: bool  # nothing is asked for but the state
    beginnings: Sequence[str] = ()  # whose key begins so is a hit

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        down = self.order.descending != backward
        columns = [F(name) for name in _names(self.order)]
        edge = None if self.is_all else self._edge(columns, place, down=down)
        found = self.read
        if edge:
            found = found.filter(_compared(columns, edge, LessThan if not down else GreaterThan))
        reached = self._along(found, columns, place, down=down, which=slice(size))[:size]
        if not edge or len(reached) == size:
            return reached
        if end := self._end(columns, place, down=down, size=size):
            return self._up_to(end, columns, place, down=down, size=size)
        return super().rows(place, backward=backward, size=size)

    def _end(self, columns: Sequence[Any], place: Place | None, *, down: bool, size: int) -> Sortable | None:
        """Where the page ends at the latest: as many hits as are on it begin with the word that is sought."""
        name = self.order.key.value
        found: list[Place] = []
        for begin in self.beginnings:
            begun = self.read.filter(**{f"{name}__gte": begin, f"{name}__lt": begin + LAST_CHARACTER})
            found += self._along(begun, columns, place, down=down, which=slice(size))
        rows = sorted((_sortable(each, self.order) for each in found), reverse=down)
        return rows[size - 1] if len(rows) >= size else None

    def _up_to(
        self, end: Sortable, columns: Sequence[Any], place: Place | None, *, down: bool, size: int
    ) -> list[Place]:
        # What both the words and the order allow is found out from their indexes, before any entry is read. The
        # database would walk the order instead: it does not know that the hits stand together.
        within = _compared(columns, end, GreaterThanOrEqual if down else LessThanOrEqual)
        found = self.found.filter(within, standing__in=self.standings)
        with _index_order_forgotten():
            return self._places(self._from(found, columns, place, down=down)[:size])

    def _edge(self, columns: Sequence[Any], place: Place | None, *, down: bool) -> Sortable | None:
        """Beyond what the walk does not go: the nearest of the places at which it has become long."""
        each = slice(WALKED_AT_MOST, WALKED_AT_MOST + 1)
        edges = self._along(Entry.objects.all(), columns, place, down=down, which=each)
        return _sortable(edges[0], self.order) if edges else None

    def _along(
        self, found: QuerySet[Entry], columns: Sequence[Any], place: Place | None, *, down: bool, which: slice
    ) -> list[Place]:
        """Some places of each standing, in one order."""
        first, *others = (
            self._from(found.filter(standing=standing), columns, place, down=down).values_list(*_names(self.order))[
                which
            ]
            for standing in self.standings
        )
        rows = first.union(*others, all=True) if others else first
        return [_place(self.number, row) for row in sorted(rows, reverse=down)]


def accounts_page(
    wanted: Wanted, *, after: Place | None = None, before: Place | None = None, now: datetime, size: int = PAGE_SIZE
) -> DirectoryPage:
    """The accounts wanted, from the beginning, or those that follow the one place or precede the other."""
    hits = _hits(wanted, now=now)
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
    if _order_of(wanted).key is not Key.LAST_SIGN_IN:
        return True
    try:
        return datetime.fromisoformat(place.value).tzinfo is not None
    except ValueError:
        return False


def number_of(wanted: Wanted, *, now: datetime) -> int:
    """How many accounts are wanted, exactly."""
    return _hits(wanted, now=now).found.count()


def every_account(wanted: Wanted, *, now: datetime) -> Iterator[AccountOnTheDesk]:
    """All accounts wanted, in their order, a few hundred of them in memory at a time."""
    for tier in _hits(wanted, now=now).tiers:
        numbers = tier.account_numbers()
        while some := [Place(tier.number, "", number) for number in islice(numbers, READ_AT_A_TIME)]:
            yield from _accounts(some)


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


def _leafed(tiers: Sequence[_Tier], place: Place | None, *, backward: bool, size: int) -> list[Place]:
    rows: list[Place] = []
    for tier in reversed(tiers) if backward else tiers:
        is_behind = place and (tier.number > place.tier if backward else tier.number < place.tier)
        if is_behind or len(rows) >= size:
            continue
        start = place if place and place.tier == tier.number else None
        rows += tier.rows(start, backward=backward, size=size - len(rows))
    return rows


def _accounts(places: Sequence[Place]) -> list[AccountOnTheDesk]:
    by_number = credentials.accounts_on_the_desk().in_bulk([place.account_id for place in places])
    return [by_number[place.account_id] for place in places if place.account_id in by_number]


# What is found


@dataclass(frozen=True)
class _Hits:
    found: QuerySet[Entry]
    tiers: Sequence[_Tier]
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


def _hits(wanted: Wanted, *, now: datetime) -> _Hits:
    narrowed = _narrowed(wanted.condition, now=now)
    if not wanted.text:
        return _all_hits(narrowed, _order_of(wanted), is_all=wanted.condition not in _OF_FEW)
    words, best_first = _words_in(wanted.text), wanted.order is None
    hits = _Search(narrowed, {word: (word,) for word in words}, _order_of(wanted), best_first).hits()
    if hits.number == 0 and (spellings := _forgiven(words)):
        return replace(_Search(narrowed, spellings, _order_of(wanted), best_first).hits(), are_alike=True)
    return hits


def _order_of(wanted: Wanted) -> Order:
    order = wanted.order or (rules.BY_NAME if wanted.text else rules.NEWEST_FIRST)
    has_never_signed_in = wanted.condition is not None and _STANDINGS[wanted.condition] == (Standing.ISSUED,)
    if order.key is Key.LAST_SIGN_IN and has_never_signed_in:
        # That is the order of their numbers, of which an index is walked faster.
        return Order(Key.OPENED, order.descending)
    return order


def _all_hits(narrowed: _Narrowed, order: Order, *, is_all: bool) -> _Hits:
    found = narrowed.found
    tier = _Sorted(0, found, order)
    if not narrowed.are_few:
        tier = _Walked(0, found, order, found, narrowed.standings, is_all)
    # They are counted from where most of them are.
    some = found.order_by("-pk" if narrowed.are_new else "pk")[: rules.COUNTED + 1]
    return _Hits(found, [tier], some.count())


@dataclass(frozen=True)
class _Search:
    """How the hits of a search are found: by the index of words, or among the entries something else has found."""

    narrowed: _Narrowed
    spellings: Spellings
    order: Order
    best_first: bool

    def hits(self) -> _Hits:
        if not self.spellings:
            return _Hits(Entry.objects.none(), (), 0)
        found = self._found(_anywhere)
        if hits := self._in_hand(_anywhere):
            return _Hits(found, hits, sum(len(tier.found) for tier in hits))
        if not self.best_first:
            return _Hits(found, [self._walked(0, _anywhere)], rules.COUNTED + 1)
        first: _Tier = self._walked(0, _in_name_and_address)
        if self._expected(_in_name_and_address) <= MANY and (better := self._in_hand(_in_name_and_address)):
            first = better[0]
        return _Hits(found, [first, self._walked(1, _elsewhere)], rules.COUNTED + 1)

    def _in_hand(self, query: Query) -> tuple[_InHand, ...]:
        """The hits, the better ones first; nothing if they are many."""
        most = FEW_CASES if self.narrowed.are_few else rules.COUNTED
        if self._are_surely_more(query, most):
            return ()
        own = _in_name_and_address(self.spellings)
        is_better = _matching(own, how=_READ) if self.best_first else Value(value=True)
        rows = list(self._found(query).values_list(is_better, *_names(self.order))[: most + 1])
        if len(rows) > most:
            return ()
        return tuple(
            _InHand(tier, [tuple(row) for better, *row in rows if better is is_first], self.order)
            for tier, is_first in enumerate((True, False))
        )

    def _are_surely_more(self, query: Query, most: int) -> bool:
        """Whether so many are already among some entries; to find all hits of a frequent word takes long."""
        if self.narrowed.are_few or self._expected(query) <= FREQUENT:
            return False
        ends = Entry.objects.aggregate(oldest=Min("pk"), newest=Max("pk"))
        oldest, newest = ends["oldest"] or 0, ends["newest"] or 0
        begin = newest - WALKED_AT_MOST if self.narrowed.are_new else (oldest + newest) // 2
        some = self._read(query).filter(pk__gt=begin, pk__lte=begin + WALKED_AT_MOST)
        return some[: most + 1].count() > most

    def _expected(self, query: Query) -> int:
        return _expected(query(self.spellings))

    def _walked(self, tier: int, query: Query) -> _Walked:
        return _Walked(
            tier,
            self._found(query),
            self.order,
            self._read(query),
            self.narrowed.standings,
            is_all=False,
            beginnings=self._beginnings if query is not _elsewhere else (),
        )

    @property
    def _beginnings(self) -> Sequence[str]:
        is_by_word = self.order.key in {Key.NAME, Key.ADDRESS, Key.ORGANISATION}
        if len(self.spellings) > 1 or not is_by_word or not self.narrowed.is_by_standing:
            return ()
        (spellings,) = self.spellings.values()
        return spellings

    def _read(self, query: Query) -> QuerySet[Entry]:
        return self.narrowed.found.filter(_matching(query(self.spellings), how=_READ))

    def _found(self, query: Query) -> QuerySet[Entry]:
        if self.narrowed.are_few:
            return self._read(query)
        if len(self._looked_up) == len(self.spellings):
            return self.narrowed.found.filter(_matching(query(self.spellings)))
        looked_up = _in_name_and_address if query is _in_name_and_address else _anywhere
        return self._read(query).filter(_matching(looked_up(self._looked_up)))

    @cached_property
    def _looked_up(self) -> Spellings:
        """The words that are worth looking up: what nearly everybody has is read in the entries the others find."""
        if len(self.spellings) == 1:
            return self.spellings
        expected = {word: _expected(_anywhere({word: each})) for word, each in self.spellings.items()}
        rarest = min(expected, key=lambda word: (expected[word], -len(word)))
        most = MUCH_MORE * expected[rarest]
        # With one letter or digit begin more words than the database expects.
        others = {word for word in expected if len(word) > 1 and expected[word] <= most}
        return {word: each for word, each in self.spellings.items() if word in others | {rarest}}


def _expected(query: str) -> int:
    """How many hits the database expects, from what it knows of frequent words."""
    (told,) = json.loads(Entry.objects.filter(_matching(query)).explain(format="json"))
    return int(told["Plan"]["Plan Rows"])


_OF_FEW: Mapping[Condition, Callable[[], QuerySet[Any]]] = {
    Condition.LETTER_ON_ITS_WAY: credentials.letters_on_their_way,
    Condition.LETTER_LOST: credentials.letters_that_did_not_arrive,
    Condition.LOCKED: credentials.open_lockouts,
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
        numbers = list(cases.values_list("account", flat=True)[: FEW_CASES + 1])
        if len(numbers) <= FEW_CASES:
            return _Narrowed(found.filter(_is_one_of(numbers)), standings, are_few=True)
        found = found.filter(_there_is(cases))
    if condition is Condition.ISSUED:
        found = found.filter(~_there_is(credentials.letters_that_ended(now)))
        return _Narrowed(found, standings, are_new=True)
    if condition is Condition.EXPIRED:
        found = found.filter(_there_is(credentials.letters_that_ended(now)))
    return _Narrowed(found, standings, is_by_standing=condition in {Condition.ACTIVE, Condition.SUSPENDED})


def _is_one_of(numbers: Sequence[int]) -> Q:
    # As one value: a condition for each of them would take longer than the whole page.
    ours = Value(numbers, output_field=ArrayField(BigIntegerField()))
    template = "(%(expressions)s::bigint[]))"
    return Q(Func(F("account"), ours, template=template, arg_joiner=" = ANY (", output_field=BooleanField()))


def _there_is(about_the_account: QuerySet[Any]) -> Q:
    return Q(Exists(about_the_account.filter(account=OuterRef("pk"))))


# Words


def _forgiven(words: Sequence[str]) -> Spellings:
    """The ways in which words may be meant that are written nowhere: the unknown ones are forgiven, then all."""
    as_typed: Spellings = {word: (word,) for word in words}
    if not words or _is_written(as_typed):
        return {}
    unknown = [word for word in words if not _is_written({word: (word,)})]
    for forgiven in (unknown, words):
        spellings = {**as_typed, **{word: (word, *_alike(word)) for word in forgiven}}
        if _is_written(spellings):
            return spellings
    return {}


def _is_written(spellings: Spellings) -> bool:
    return Entry.objects.filter(_matching(_anywhere(spellings))).exists()


def _words_in(text: str) -> list[str]:
    # The function by which the entries are written, so that both fold alike.
    with connection.cursor() as cursor:
        cursor.execute("SELECT directory_words(%s)", [" ".join(storable(text).split()[: rules.WORDS_SOUGHT])])
        (words,) = cursor.fetchone()
    return list(words[: rules.WORDS_SOUGHT])


def _alike(word: str) -> list[str]:
    edits = rules.edits_forgiven(word)
    if not edits:
        return []
    keys = Func(
        Value(word[: rules.LETTERS_LOOKED_AT]),
        Value(edits),
        template="ARRAY(SELECT directory_shortened(%(expressions)s))",
        output_field=ArrayField(TextField()),
    )
    return rules.alike(word, set(Word.objects.filter(keys__overlap=keys).values_list("word", flat=True)))


def _in_name_and_address(spellings: Spellings) -> str:
    """For each word, the account's own ones hold one that begins with one of its spellings."""
    terms = ("|".join(f"'{spelling}':*" for spelling in each) for each in spellings.values())
    return "&".join(f"({term})" for term in terms)


def _anywhere(spellings: Spellings) -> str:
    """The same, but a word of an organisation will do."""
    return _in_name_and_address(
        {word: [mark + spelling for spelling in each for mark in ("", "/")] for word, each in spellings.items()}
    )


def _elsewhere(spellings: Spellings) -> str:
    """Some word is an organisation's only."""
    return f"({_anywhere(spellings)})&!({_in_name_and_address(spellings)})"


# How it is learnt whether an entry's words match: by their index, or from the entry itself, where others have found it.
_LOOKED_UP, _READ = "(%(expressions)s::tsquery)", "((%(expressions)s::tsquery) IS TRUE)"


def _matching(query: str, *, how: str = _LOOKED_UP) -> Func:
    return Func(F("words"), Value(query), template=how, arg_joiner=" @@ ", output_field=BooleanField())


# Keys


class _Row(Func):
    """Several columns compared as one."""

    template = "ROW(%(expressions)s)"
    output_field = TextField()


def _names(order: Order) -> list[str]:
    return ["account_id"] if order.key is Key.OPENED else [order.key.value, "account_id"]


def _compared(columns: Sequence[Expression | F], values: Sortable, how: type[Lookup[Any]]) -> Q:
    return Q(how(_Row(*columns), _Row(*(Value(value) for value in values))))


def _place(tier: int, row: Sequence[Any]) -> Place:
    *values, account_id = row
    return Place(tier, _written(values), account_id)


@contextmanager
def _index_order_forgotten() -> Iterator[None]:
    """Meanwhile the database takes no index for the order it stands in, but as a set of rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        yield
        cursor.execute("SET LOCAL enable_indexscan = on")


def _sortable(place: Place, order: Order) -> Sortable:
    if order.key is Key.OPENED:
        return (place.account_id,)
    if order.key is Key.LAST_SIGN_IN:
        return (datetime.fromisoformat(place.value), place.account_id)
    return (storable(place.value), place.account_id)


def _written(values: Sequence[object]) -> str:
    return "".join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)
