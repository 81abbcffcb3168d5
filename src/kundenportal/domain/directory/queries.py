"""Finding accounts among very many: a page costs much the same wherever it is and however many there are.

few hits                 they are found by their words, and sorted
many hits, or no search  the index of the order is walked until the page is full, for each standing by itself
many hits, far apart     where that walk would be long, all of them are sorted after all
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThan

from kundenportal.domain.credentials import queries as credentials
from kundenportal.kernel.text import storable

from . import rules
from .models import Entry, Word
from .rules import Condition, Key, Order, Place, Standing, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from django.db.models import Expression

    from kundenportal.domain.credentials.queries import AccountOnTheDesk

    Sortable = tuple[Any, ...]

PAGE_SIZE = 50
WALKED_AT_MOST = 10_000  # entries that are looked at one after the other before all hits are sorted instead
FEW_CASES = 20_000  # lockouts or letters: so many are looked up one by one, instead of asking every entry for its own
READ_AT_A_TIME = 500


@dataclass(frozen=True)
class DirectoryPage:
    """Some accounts, the places from which the neighbouring pages go on, and how many hits there are in all."""

    accounts: Sequence[AccountOnTheDesk]
    next_after: Place | None
    previous_before: Place | None
    number: int  # never more than rules.COUNTED
    are_more: bool
    are_alike: bool  # nothing is written as it was typed: these are written much like it


@dataclass(frozen=True)
class _Tier:
    """Hits of one quality, in the order wanted."""

    number: int
    found: QuerySet[Entry]
    standings: Sequence[Standing]
    order: Order
    is_small: bool
    is_all: bool  # nothing is asked for but the standing

    def rows(self, place: Place | None, *, backward: bool, size: int) -> list[Place]:
        """The places that follow this one, or the first ones; backward those that precede it, the nearest first."""
        down = self.order.descending != backward
        found = self._sorted if self.is_small else self._walked
        return found(place, down=down, size=size)

    def _sorted(self, place: Place | None, *, down: bool, size: int) -> list[Place]:
        # An index of the order would fit these expressions only if they named nothing but its columns.
        columns = [Coalesce(F(name), F(name)) for name in _names(self.order)]
        rows = self._from(self.found, columns, place, down=down)
        return self._places(rows[:size])

    def _walked(self, place: Place | None, *, down: bool, size: int) -> list[Place]:
        columns = [F(name) for name in _names(self.order)]
        edge = None if self.is_all else self._edge(columns, place, down=down)
        each = []
        for standing in self.standings:
            rows = self._from(self.found.filter(standing=standing), columns, place, down=down)
            if edge:
                rows = rows.filter(_compared(columns, edge, LessThan if not down else GreaterThan))
            each.append(self._places(rows[:size]))
        reached = list(islice(merge(*each, key=self._sortable, reverse=down), size))
        if edge and len(reached) < size:
            return self._sorted(place, down=down, size=size)
        return reached

    def _edge(self, columns: Sequence[Any], place: Place | None, *, down: bool) -> Sortable | None:
        """Beyond what the walk does not go: the nearest of the places at which it has become long."""
        edges = []
        for standing in self.standings:
            rows = self._from(Entry.objects.filter(standing=standing), columns, place, down=down)
            edges += self._places(rows[WALKED_AT_MOST : WALKED_AT_MOST + 1])
        nearest = (max if down else min)(edges, key=self._sortable, default=None)
        return self._sortable(nearest) if nearest else None

    def _from(
        self, found: QuerySet[Entry], columns: Sequence[Any], place: Place | None, *, down: bool
    ) -> QuerySet[Entry]:
        if place is not None:
            found = found.filter(_compared(columns, self._sortable(place), LessThan if down else GreaterThan))
        return found.order_by(*(column.desc() if down else column.asc() for column in columns))

    def _places(self, rows: QuerySet[Entry]) -> list[Place]:
        return [Place(self.number, _written(row[:-1]), row[-1]) for row in rows.values_list(*_names(self.order))]

    def _sortable(self, place: Place) -> Sortable:
        if self.order.key is Key.OPENED:
            return (place.account_id,)
        if self.order.key is Key.LAST_SIGN_IN:
            return (datetime.fromisoformat(place.value), place.account_id)
        return (storable(place.value), place.account_id)


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
    if (wanted.order or rules.NEWEST_FIRST).key is not Key.LAST_SIGN_IN:
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
        way = "-" if tier.order.descending else ""
        rows = tier.found.order_by(*(f"{way}{name}" for name in _names(tier.order))).values_list("pk", flat=True)
        numbers = rows.iterator(chunk_size=READ_AT_A_TIME)
        while some := [Place(tier.number, "", number) for number in islice(numbers, READ_AT_A_TIME)]:
            yield from _accounts(some)


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
    number: int  # or one more than is counted
    are_alike: bool


def _hits(wanted: Wanted, *, now: datetime) -> _Hits:
    narrowed, are_few = _narrowed(wanted.condition, now=now)
    spellings, are_alike = _spellings(wanted.text) if wanted.text else ({}, False)
    if wanted.text:
        found = narrowed.filter(_matches(_anywhere(spellings))) if spellings else narrowed.none()
    else:
        found = narrowed
    first = list(found.values_list("pk", flat=True)[: rules.COUNTED + 1])
    is_small = len(first) <= rules.COUNTED
    if is_small:
        # To find them once more may take long: among their words there may be one that nearly everybody has.
        found = Entry.objects.filter(_is_one_of(first))
    parts = [(found, is_small or are_few)]
    if spellings and wanted.order is None:
        own = _in_name_and_address(spellings)
        elsewhere = f"({_anywhere(spellings)})&!({own})"
        if is_small:
            parts = [(found.filter(_matches(query, how=_READ)), True) for query in (own, elsewhere)]
        else:
            better, others = narrowed.filter(_matches(own)), narrowed.filter(_matches(elsewhere))
            parts = [(better, are_few or _is_small(better)), (others, are_few)]
    order = wanted.order or (rules.BY_NAME if spellings else rules.NEWEST_FIRST)
    standings = _STANDINGS.get(wanted.condition, tuple(Standing))
    is_all = not wanted.text and wanted.condition not in _OF_FEW
    tiers = [
        _Tier(place, part, standings, order, is_small=part_is_small, is_all=is_all)
        for place, (part, part_is_small) in enumerate(parts)
    ]
    return _Hits(found, tiers, len(first), are_alike)


def _is_small(found: QuerySet[Entry]) -> bool:
    return found[: rules.COUNTED + 1].count() <= rules.COUNTED


_OF_FEW: Mapping[Condition, Callable[[], QuerySet[Any]]] = {
    Condition.LETTER_ON_ITS_WAY: credentials.letters_on_their_way,
    Condition.LETTER_LOST: credentials.letters_that_did_not_arrive,
    Condition.LOCKED: credentials.open_lockouts,
}
_STANDINGS: Mapping[Condition | None, Sequence[Standing]] = {
    Condition.ISSUED: (Standing.ISSUED,),
    Condition.LETTER_ON_ITS_WAY: (Standing.ISSUED,),
    Condition.LETTER_LOST: (Standing.ISSUED,),
    Condition.EXPIRED: (Standing.ISSUED,),
    Condition.ACTIVE: (Standing.ACTIVE,),
    Condition.LOCKED: (Standing.ISSUED, Standing.ACTIVE),
    Condition.SUSPENDED: (Standing.SUSPENDED,),
}


def _narrowed(condition: Condition | None, *, now: datetime) -> tuple[QuerySet[Entry], bool]:
    """The entries the condition holds for, and whether it is known of each of them, because they are few."""
    found = Entry.objects.all()
    if condition is None:
        return found, False
    found = found.filter(standing__in=_STANDINGS[condition])
    if condition in _OF_FEW:
        return _narrowed_to_few(found, _OF_FEW[condition]())
    if condition is Condition.ISSUED:
        return found.filter(~_there_is(credentials.letters_that_ended(now))), False
    if condition is Condition.EXPIRED:
        return found.filter(_there_is(credentials.letters_that_ended(now))), False
    return found, False


def _narrowed_to_few(found: QuerySet[Entry], cases: QuerySet[Any]) -> tuple[QuerySet[Entry], bool]:
    # Rare ones, spread over very many accounts, are what the database looks for in vain longest.
    numbers = list(cases.values_list("account", flat=True)[: FEW_CASES + 1])
    if len(numbers) > FEW_CASES:
        return found.filter(_there_is(cases)), False
    return found.filter(_is_one_of(numbers)), True


def _is_one_of(numbers: Sequence[int]) -> Q:
    # As one value: a condition for each of them would take longer than the whole page.
    ours = Value(numbers, output_field=ArrayField(BigIntegerField()))
    template = "(%(expressions)s::bigint[]))"
    return Q(Func(F("account"), ours, template=template, arg_joiner=" = ANY (", output_field=BooleanField()))


def _there_is(about_the_account: QuerySet[Any]) -> Q:
    return Q(Exists(about_the_account.filter(account=OuterRef("pk"))))


# Words


def _spellings(text: str) -> tuple[dict[str, Sequence[str]], bool]:
    """The ways in which each word may be written, and whether they are only like what was typed.

    If nothing is written as it was typed, the words that stand nowhere are forgiven, and then all of them.
    """
    words = _words_in(text)
    as_typed: dict[str, Sequence[str]] = {word: (word,) for word in words}
    if not words or Entry.objects.filter(_matches(_anywhere(as_typed))).exists():
        return as_typed, False
    unknown = [word for word in words if not Entry.objects.filter(_matches(_anywhere({word: (word,)}))).exists()]
    for forgiven in (unknown, words):
        spellings = as_typed | {word: (word, *_alike(word)) for word in forgiven}
        if Entry.objects.filter(_matches(_anywhere(spellings))).exists():
            return spellings, True
    return as_typed, False


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


def _in_name_and_address(spellings: Mapping[str, Iterable[str]]) -> str:
    """For each word, the account's own ones hold one that begins with one of its spellings."""
    terms = ("|".join(f"'{spelling}':*" for spelling in each) for each in spellings.values())
    return "&".join(f"({term})" for term in terms)


def _anywhere(spellings: Mapping[str, Iterable[str]]) -> str:
    """The same, but a word of an organisation will do."""
    return _in_name_and_address(
        {word: [mark + spelling for spelling in each for mark in ("", "/")] for word, each in spellings.items()}
    )


# How it is learnt whether an entry's words match: by their index, or from the entry itself, where others have found it.
_LOOKED_UP, _READ = "(%(expressions)s::tsquery)", "((%(expressions)s::tsquery) IS TRUE)"


def _matches(query: str, *, how: str = _LOOKED_UP) -> Q:
    return Q(Func(F("words"), Value(query), template=how, arg_joiner=" @@ ", output_field=BooleanField()))


# Keys


class _Row(Func):
    """Several columns compared as one."""

    template = "ROW(%(expressions)s)"
    output_field = TextField()


def _names(order: Order) -> list[str]:
    return ["account_id"] if order.key is Key.OPENED else [order.key.value, "account_id"]


def _compared(columns: Sequence[Expression | F], values: Sortable, how: type[GreaterThan | LessThan]) -> Q:
    return Q(how(_Row(*columns), _Row(*(Value(value) for value in values))))


def _written(values: Sequence[object]) -> str:
    return "".join(value.isoformat() if isinstance(value, datetime) else str(value) for value in values)
