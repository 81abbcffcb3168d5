"""In whatever order requests reach a count: never more than five guesses, and nobody is wronged.

The guard's own code runs here, one access to the database at a time. What it reads and writes is an abstract store,
which swaps a count only if it is still as it was read. From nobody at the door on, every order in which up to seven
requests can make their accesses is followed; of requests that are alike, it does not matter which goes first.
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import pytest

from kundenportal.domain.credentials import guard
from kundenportal.domain.credentials.models import GuessCount
from kundenportal.domain.credentials.rules import lockout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Result = TypeVar("Result")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
# Whoever comes after a tick finds the lease of everybody over who came before it.
TICK = lockout.LEASE + timedelta(seconds=1)
DOOR = guard.Door("name")

# Who comes: a guess, somebody who lifts the lockout, the job that settles what was abandoned.
RIGHT, WRONG, LIFTS, SWEEPS = "right", "wrong", "lifts", "sweeps"
# What they are about to do. DEAD is whose process died while it was checking a password.
LOOK, INSERT, SWAP, SETTLE, LOOK_AGAIN, DEAD = "look", "insert", "swap", "settle", "look again", "dead"
# What came of it.
ACCEPTED, REFUSED, LOCKED, GIVEN_UP, DONE = "accepted", "refused", "locked", "given up", "done"


class Client(NamedTuple):
    """A request that is not over yet."""

    kind: str
    step: str = LOOK
    tick: int = -1  # when it came; -1 if it has not
    is_fresh: bool = False  # whether the count is still as this request has read it
    is_pending: bool = False  # whether the count holds its reservation


class Situation(NamedTuple):
    """The count, and who is at the door, in no order."""

    tick: int
    is_row: bool
    wrong: int
    guesses: int  # kept by the search, not by the guard: begun and not followed by a right one
    clients: tuple[Client, ...]


class Access(NamedTuple):
    """What one access to the store made of a client and the count."""

    client: Client
    ending: str  # empty while the request goes on
    is_row: bool
    wrong: int
    given_up: frozenset[int]  # the others' reservations of these ticks are wrong now
    is_change: bool


class Suspended(BaseException):
    """The code is about to touch the store a second time."""


class Store:
    """The row of one door, for one access; what the code has seen before is shown to it again."""

    def __init__(self, row: GuessCount | None, *seen: object) -> None:
        self.row = row
        self.is_change = False
        self.wanted = ""
        self._seen = list(seen)
        self._is_used = False

    def read(self, *_: object) -> GuessCount | None:
        return self._once("read", lambda: copy_of(self.row))

    def insert(self, _: guard.Door, first: lockout.Count, **__: object) -> GuessCount | None:
        return self._once("insert", lambda: self._inserted(first))

    def swap(
        self, row: GuessCount, after: lockout.Count, *, holding: guard.Reservation | None = None, **_: object
    ) -> bool:
        return self._once("swap", lambda: self._swapped(row, after, holding))

    def wait(self, _: float) -> None:
        self._once("read", lambda: None)  # and then it looks again

    def _once(self, what: str, access: Callable[[], Result]) -> Result:
        if self._seen:
            return cast("Result", self._seen.pop(0))
        if self._is_used:
            self.wanted = what
            raise Suspended
        self._is_used = True
        return access()

    def _inserted(self, first: lockout.Count) -> GuessCount | None:
        if self.row is not None:
            return None
        self.row = GuessCount(pk=2, wrong=first.wrong, pending=list(first.pending), changed_at=START)
        self.is_change = True
        return copy_of(self.row)

    def _swapped(self, row: GuessCount, after: lockout.Count, holding: guard.Reservation | None) -> bool:
        if self.row is None or self.row.version != row.version:
            return False
        if holding is not None and holding.until not in self.row.pending:
            return False
        changed = GuessCount(
            pk=1, wrong=after.wrong, pending=list(after.pending), changed_at=START, version=row.version + 1
        )
        self.row, self.is_change = None if after.is_nothing else changed, True
        row.wrong, row.pending, row.version = changed.wrong, list(changed.pending), changed.version
        return True


def copy_of(row: GuessCount | None) -> GuessCount | None:
    if row is None:
        return None
    return GuessCount(
        pk=row.pk, wrong=row.wrong, pending=list(row.pending), changed_at=row.changed_at, version=row.version
    )


def until_of(tick: int, number: int) -> datetime:
    """Until when a reservation lasts; no two requests come in the same microsecond."""
    return START + tick * TICK + number * timedelta(microseconds=1) + lockout.LEASE


class Protocol:
    """The accesses the guard's functions make, found out by running them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._store = Store(None)
        self._known: dict[tuple[Client, bool, int, tuple[int, ...]], Access] = {}
        self._monkeypatch = monkeypatch
        monkeypatch.setattr(guard, "GuessCount", self)

    def __call__(self, **fields: Any) -> GuessCount:
        return GuessCount(**fields)

    def _ask(self, *values: Any) -> tuple[tuple[Any, ...], None]:
        """What guard.KNOCK says of a count, in two accesses: in more orders, then, than a statement allows."""
        row = self._store.read()
        if row is not None:
            return (None, *(getattr(row, name) for name in guard.COUNTED)), None
        wrong, pending = values[-3:-1]
        begun = self._store.insert(DOOR, lockout.Count(wrong, tuple(pending)))
        return (begun and begun.pk, *[None] * len(guard.COUNTED)), None

    @property
    def objects(self) -> Protocol:
        return self

    # What `lift` and `settle_abandoned` ask for beyond one row.

    def filter(self, **_: object) -> Protocol:
        return self

    def values_list(self, *_: object, **__: object) -> list[str]:
        return [DOOR.browser_key]

    def order_by(self, *_: object) -> Protocol:
        return self

    def exclude(self, **_: object) -> Protocol:
        return self

    def select_related(self, *_: object) -> Iterator[GuessCount]:
        row = self._store.read()
        if row is not None and row.pending:
            yield row

    def next_access(self, client: Client, situation: Situation, others: Iterable[Client]) -> Access:
        """What comes of the client's next access."""
        pending = tuple(sorted(other.tick for other in others if other.is_pending))
        known_by = (client, situation.is_row, situation.wrong, pending)
        if known_by not in self._known:
            self._known[known_by] = self._access(*known_by)
        return self._known[known_by]

    def _opened(self, store: Store) -> Store:
        self._store = store
        for name, instead in (("_row_of", store.read), ("_new_row", store.insert), ("_replaced", store.swap)):
            self._monkeypatch.setattr(guard, name, instead)
        return store

    def _access(self, client: Client, is_row: bool, wrong: int, others: tuple[int, ...]) -> Access:  # noqa: FBT001
        own = until_of(client.tick, 0)
        theirs = {until_of(tick, number): tick for number, tick in enumerate(others, start=1)}
        pending = [*theirs, own] if client.is_pending else [*theirs]
        row = GuessCount(pk=1, wrong=wrong, pending=pending, changed_at=START, version=7) if is_row else None
        # What somebody has read who came too late does not matter, as long as it led them to where they are.
        in_hand = copy_of(row) if client.is_fresh else GuessCount(pk=1, pending=[own], changed_at=START, version=3)
        seen = {LOOK: (), INSERT: (None,), SWAP: (in_hand,), SETTLE: (), LOOK_AGAIN: (False,)}[client.step]
        store = self._opened(Store(row, *seen))
        ending, step = "", client.step
        try:
            ending = self._run(client, guard.Reservation(DOOR, own, in_hand), now=own - lockout.LEASE)
        except Suspended:
            is_settling = client.step in {SETTLE, LOOK_AGAIN}
            steps = {"read": LOOK_AGAIN if is_settling else LOOK, "swap": SETTLE if is_settling else SWAP}
            step = steps.get(store.wanted, INSERT)
        if client.kind in {RIGHT, WRONG} and client.step in {INSERT, SWAP} and ending == DONE:
            ending, step = "", SETTLE
        kept = set(store.row.pending) if store.row else set()
        is_read = step in {SWAP, SETTLE} and store.wanted == "swap"
        return Access(
            client._replace(
                step=step,
                is_fresh=is_read or (client.step in {INSERT, SWAP} and step == SETTLE),
                is_pending=own in kept,
            ),
            ending,
            is_row=store.row is not None,
            wrong=store.row.wrong if store.row else 0,
            given_up=frozenset(tick for until, tick in theirs.items() if until not in kept),
            is_change=store.is_change,
        )

    def _run(self, client: Client, reservation: guard.Reservation, *, now: datetime) -> str:
        match client.kind, client.step:
            case "lifts", _:
                guard.lift(cast("Any", SimpleNamespace(address="name")), now=now)
            case "sweeps", _:
                for row in guard.abandoned(now=now):
                    guard.settle_abandoned(row, now=now)
            case _, "look" | "insert" | "swap":
                try:
                    guard.knock(DOOR, self._ask, now=now)
                except guard.Locked:
                    return LOCKED
                except guard.StillChecking:
                    self._store.wait(0)  # as `entries` does, before it looks again
            case "right", _:
                try:
                    guard.settle_right(reservation, now=now)
                except guard.TakenForDead:
                    return GIVEN_UP
                return ACCEPTED
            case _:
                try:
                    guard.settle_wrong(reservation, now=now)
                except guard.TakenForDead:
                    return GIVEN_UP
                return REFUSED
        return DONE


class Search:
    """Follows every order of accesses, breadth first, and looks at each situation once."""

    def __init__(self, protocol: Protocol, *kinds: str, ticks: int = 0, may_die: bool = False) -> None:
        self._protocol, self._ticks, self._may_die = protocol, ticks, may_die
        start = Situation(0, is_row=False, wrong=0, guesses=0, clients=tuple(sorted(Client(kind) for kind in kinds)))
        self.seen = {start}
        self.endings: Counter[str] = Counter()
        self.stuck: list[Situation] = []
        generation = [start]
        while generation:
            generation = [found for situation in generation for found in self._not_seen_after(situation)]

    def _not_seen_after(self, situation: Situation) -> Iterator[Situation]:
        is_stuck = True
        for following in self._after(situation):
            is_stuck = is_stuck and following == situation
            if following not in self.seen:
                self.seen.add(following)
                assert_five_at_most(following)
                yield following
        if is_stuck and situation.clients:
            self.stuck.append(situation)

    def _after(self, situation: Situation) -> Iterator[Situation]:
        if situation.tick < self._ticks:
            yield situation._replace(tick=situation.tick + 1)
        for number, client in enumerate(situation.clients):
            if client in situation.clients[:number] or client.step == DEAD:
                continue
            others = situation.clients[:number] + situation.clients[number + 1 :]
            yield self._after_an_access(situation, client, others)
            if self._may_die and client.step == SETTLE:
                dead = [client._replace(step=DEAD, is_fresh=False)] if client.is_pending else []
                yield situation._replace(clients=tuple(sorted([*others, *dead])))

    def _after_an_access(self, situation: Situation, client: Client, others: tuple[Client, ...]) -> Situation:
        if client.tick < 0:
            client = client._replace(tick=situation.tick)
        access = self._protocol.next_access(client, situation, others)
        if access.is_change:
            others = tuple(left_alone(other, access.given_up) for other in others)
            others = tuple(other for other in others if other.step != DEAD or other.is_pending)
        guesses = situation.guesses
        if client.step in {INSERT, SWAP} and access.client.step == SETTLE:
            guesses += 1
        if access.ending == ACCEPTED or (access.ending == DONE and client.kind == LIFTS and access.is_change):
            guesses = sum(other.is_pending for other in others)
        if access.ending:
            self.endings[access.ending] += 1
            assert_rightly_so(access.ending, client, others, situation)
        clients = others if access.ending else (*others, access.client)
        return Situation(situation.tick, access.is_row, access.wrong, guesses, tuple(sorted(clients)))


def left_alone(client: Client, given_up: frozenset[int]) -> Client:
    """What somebody else's change of the count means to a client."""
    return client._replace(is_fresh=False, is_pending=client.is_pending and client.tick not in given_up)


def assert_five_at_most(situation: Situation) -> None:
    pending = sum(client.is_pending for client in situation.clients)
    assert situation.guesses <= 5
    assert situation.guesses == situation.wrong + pending, situation
    assert situation.is_row or not situation.guesses


def assert_rightly_so(ending: str, client: Client, others: tuple[Client, ...], before: Situation) -> None:
    """Nobody is locked out before five are wrong, and what is let in has been reserved, and not given up."""
    if ending == LOCKED:
        alive = sum(other.is_pending and other.tick >= client.tick for other in others)
        assert before.guesses - alive == 5, before
    if ending == ACCEPTED:
        assert client.is_pending, before
        assert before.guesses <= 5
    if ending == GIVEN_UP:
        assert not client.is_pending, before


@pytest.fixture
def protocol(monkeypatch: pytest.MonkeyPatch) -> Protocol:
    return Protocol(monkeypatch)


@pytest.mark.parametrize(
    "right", [0, 1, 2, *(pytest.param(right, marks=pytest.mark.thorough) for right in (3, 4, 5)), 6, 7]
)
def test_of_seven_guesses_five_at_most_are_wrong_or_being_checked_and_every_one_is_answered(
    protocol: Protocol, right: int
) -> None:
    search = Search(protocol, *[RIGHT] * right, *[WRONG] * (7 - right))
    say_how_many(search)
    assert not search.stuck
    assert (LOCKED in search.endings) == (right < 3), "with five wrong ones, whoever comes too late is locked out"
    assert GIVEN_UP not in search.endings


def test_seven_right_entries_are_all_accepted_in_whatever_order_they_come(protocol: Protocol) -> None:
    search = Search(protocol, *[RIGHT] * 7)
    assert set(search.endings) == {ACCEPTED}
    assert not search.stuck
    assert Situation(0, is_row=False, wrong=0, guesses=0, clients=()) in search.seen


@pytest.mark.parametrize("right", [1, pytest.param(3, marks=pytest.mark.thorough)])
def test_of_seven_processes_any_number_may_die_while_they_check(protocol: Protocol, right: int) -> None:
    search = Search(protocol, *[RIGHT] * right, *[WRONG] * (7 - right), may_die=True)
    say_how_many(search)
    for situation in search.stuck:
        assert_only_the_dead_are_waited_for(situation)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [(1, 3), (2, 2), *(pytest.param(*mix, marks=pytest.mark.thorough) for mix in [(5, 0), (2, 3), (1, 5), (3, 3)])],
)
def test_when_the_lease_of_the_dead_is_over_and_some_of_them_were_only_slow_it_is_still_five(
    protocol: Protocol, right: int, wrong: int
) -> None:
    search = Search(protocol, *[RIGHT] * right, *[WRONG] * wrong, ticks=1, may_die=True)
    say_how_many(search)
    assert search.endings[GIVEN_UP]
    for situation in search.stuck:
        assert_only_the_dead_are_waited_for(situation)


@pytest.mark.parametrize("other", [LIFTS, SWEEPS])
def test_lifting_or_settling_what_was_abandoned_at_the_same_time_forgives_no_guess_that_is_being_checked(
    protocol: Protocol, other: str
) -> None:
    search = Search(protocol, RIGHT, *[WRONG] * 5, other)
    say_how_many(search)
    assert not search.stuck
    assert search.endings[DONE]
    search = Search(protocol, RIGHT, WRONG, WRONG, other, ticks=1, may_die=True)
    assert search.endings[DONE]


def say_how_many(search: Search) -> None:
    sys.stdout.write(f"{len(search.seen)} situations, endings: {dict(search.endings)}\n")


def assert_only_the_dead_are_waited_for(situation: Situation) -> None:
    waiting = [client for client in situation.clients if client.step != DEAD]
    assert all(client.step == LOOK for client in waiting)
    assert situation.guesses == 5 or not waiting
