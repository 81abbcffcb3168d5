"""What the list finds in a state, in an order and by a word, is what a simple model of it says, however it is found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories.accounts import NOW
from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.credentials.models import AccessLetter, Lockout
from kundenportal.domain.credentials.rules.steps import LOST_LETTERS
from kundenportal.domain.directory import hits, queries, rules
from kundenportal.domain.directory.models import Entry
from kundenportal.domain.directory.rules import Condition, Key, Order, Place, Wanted
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.domain.organisations.operations import organisation_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

pytestmark = pytest.mark.django_db

SIZE = 2
ON_THEIR_WAY = (State.WAITING, State.SENDING)


@dataclass(frozen=True)
class Somebody:
    """An account, its letters from the first to the newest, and what became of its password and of its lockouts."""

    name: str
    organisation: str
    has_signed_in: bool
    is_suspended: bool
    letters: Sequence[State]
    has_expired: bool | None  # None where no password is live, as there is none without a letter
    lockouts: Sequence[bool]  # whether each is open

    @property
    def is_new(self) -> bool:
        """Whether nobody has signed in, who could."""
        return not (self.has_signed_in or self.is_suspended)


MODEL: Mapping[Condition, Callable[[Somebody], bool]] = {
    Condition.ISSUED: lambda one: one.is_new and not (one.letters and one.has_expired),
    Condition.EXPIRED: lambda one: one.is_new and bool(one.letters and one.has_expired),
    Condition.LETTER_ON_ITS_WAY: lambda one: one.is_new and any(state in ON_THEIR_WAY for state in one.letters),
    Condition.LETTER_LOST: lambda one: one.is_new and bool(one.letters) and one.letters[-1] in LOST_LETTERS,
    Condition.ACTIVE: lambda one: one.has_signed_in and not one.is_suspended,
    Condition.LOCKED: lambda one: any(one.lockouts) and not one.is_suspended,
    Condition.SUSPENDED: lambda one: one.is_suspended,
}
people = st.builds(
    Somebody,
    name=st.sampled_from(["Anna Linde", "Linde", "Zora", "Zora Linde"]),
    organisation=st.sampled_from(["Ahorn", "Linde", "Rose Linde"]),
    has_signed_in=st.booleans(),
    is_suspended=st.sampled_from([False, False, True]),
    letters=st.lists(st.sampled_from(State), max_size=3),
    has_expired=st.sampled_from([None, False, True]),
    lockouts=st.lists(st.booleans(), max_size=2),
)
wishes = st.builds(
    Wanted,
    text=st.sampled_from(["", "", "linde", "linde zora"]),
    condition=st.sampled_from([None, *Condition]),
    order=st.none() | st.builds(Order, st.sampled_from(Key), st.booleans()),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.lists(people, min_size=4, max_size=7), wishes, st.sampled_from([0, 1, 1_000]))
def test_the_list_says_what_a_simple_model_says(crowd: Sequence[Somebody], wanted: Wanted, many: int) -> None:
    with pytest.MonkeyPatch.context() as sizes, transaction.atomic():
        for module, name in (
            *((hits, name) for name in ("FEW_CASES", "FREQUENT", "MANY")),
            *((rules, name) for name in ("COUNTED", "WALKED_AT_FIRST", "WALKED_AT_MOST")),
        ):
            sizes.setattr(module, name, many)
        by_number = _moved_in(crowd)
        for condition in Condition:
            page = queries.accounts_page(replace(wanted, condition=condition), now=NOW, size=len(crowd))
            listed = [account.pk for account in page.accounts]
            assert listed == _expected(by_number, replace(wanted, condition=condition)), condition
        expected = _expected(by_number, wanted)
        forth, page = _leafed(wanted)
        assert forth == expected
        assert (page.number, page.are_more) == (min(len(expected), many), len(expected) > many)
        assert [account.pk for account in queries.every_account(wanted, now=NOW)] == expected
        back: list[int] = []
        while page.previous_before:
            page = queries.accounts_page(wanted, before=page.previous_before, now=NOW, size=SIZE)
            back = [account.pk for account in page.accounts] + back
        assert back == expected[: len(back)]
        assert len(expected) - len(back) <= SIZE
        transaction.set_rollback(True)


def _leafed(wanted: Wanted) -> tuple[list[int], queries.DirectoryPage]:
    page = queries.accounts_page(wanted, now=NOW, size=SIZE)
    numbers = [account.pk for account in page.accounts]
    while page.next_after:
        page = queries.accounts_page(wanted, after=Place.read(str(page.next_after)), now=NOW, size=SIZE)
        numbers += [account.pk for account in page.accounts]
    return numbers, page


def _expected(crowd: Mapping[int, Somebody], wanted: Wanted) -> list[int]:
    found = [number for number, one in crowd.items() if wanted.condition is None or MODEL[wanted.condition](one)]
    words = wanted.text.split()
    found = [number for number in found if all(word in _words_of(crowd[number]) for word in words)]
    order = wanted.order or (rules.BY_NAME if words else rules.NEWEST_FIRST)
    keys = {entry.pk: (getattr(entry, order.key.value), entry.pk) for entry in Entry.objects.all()}
    found.sort(key=lambda number: keys[number], reverse=order.descending)
    if words and not wanted.order:
        found.sort(key=lambda number: not all(word in crowd[number].name.lower() for word in words))
    return found


def _words_of(one: Somebody) -> str:
    return f"{one.name} {one.organisation}".lower()


def _moved_in(crowd: Sequence[Somebody]) -> dict[int, Somebody]:
    by_number = {}
    for place, one in enumerate(crowd):
        account = Account.objects.create(
            address=f"{place}@example.org",
            name=one.name,
            opened_at=NOW,
            first_signed_in_at=NOW if one.has_signed_in else None,
            last_login=NOW - timedelta(days=place % 3) if one.has_signed_in else None,
            suspended_at=NOW if one.is_suspended else None,
        )
        Membership.objects.create(account=account, organisation=organisation_named(one.organisation, now=NOW))
        for state in one.letters:
            AccessLetter.objects.create(account=account, mail=_mail(state), issued_at=NOW)
        if one.has_expired is not None and one.letters:
            expires_at = NOW if one.has_expired else NOW + timedelta(seconds=1)
            newest = account.access_letters.latest("pk")
            AccessLetter.objects.filter(pk=newest.pk).update(
                keyed_hash="x", runs_out_at=expires_at, expires_at=expires_at
            )
        for is_open in one.lockouts:
            lifted_at = None if is_open else NOW
            Lockout.objects.create(account=account, in_known_browser=False, begun_at=NOW, lifted_at=lifted_at)
        by_number[account.pk] = one
    return by_number


def _mail(state: State) -> OutgoingMail:
    times: dict[str, Any] = {"next_attempt_at": NOW, "handed_over_at": NOW, "reported_at": NOW}
    return OutgoingMail.objects.create(
        kind="access_letter", recipient="x@example.org", queued_at=NOW, state=state, **times
    )
