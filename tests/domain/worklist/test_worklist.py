"""What waits at the desk keeps its place, and is in the hands of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from factories.accounts import AT_HOME, NOW, clerk, issued
from factories.threads import together
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.credentials.rules.entitlement import Route as CheckRoute
from kundenportal.domain.support import operations as intakes
from kundenportal.domain.support.rules import Request, Route
from kundenportal.domain.worklist import operations, queries
from kundenportal.domain.worklist.models import InHand
from kundenportal.domain.worklist.rules import HELD_FOR, Kind, Position

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis
PLACES = st.builds(Position, MOMENTS, st.sampled_from(Kind), st.integers(0, 2**63 - 1))


@given(PLACES)
def test_an_address_names_a_place_and_the_place_the_address(place: Position) -> None:
    assert Position.read(str(place)) == place


@given(st.text())
def test_whatever_stands_in_an_address_is_a_place_or_none(text: str) -> None:
    assert Position.read(text) is None or str(Position.read(text))


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_take_it_up_at_once_one_has_it_and_the_others_are_told() -> None:
    staff = [clerk(address=f"hr-{number}@example.org") for number in range(10)]

    def taking(number: int) -> str:
        try:
            operations.take(Kind.CHECK, 7, taken_by=staff[number], now=NOW)
        except operations.InOtherHands:
            return "told"
        return "has it"

    outcomes = together([lambda number=number: taking(number) for number in range(10)])  # type: ignore[misc]
    assert sorted(map(str, outcomes)) == ["has it", *["told"] * 9]
    assert InHand.objects.count() == 1


@pytest.mark.django_db
class TestHolding:
    def test_ends_after_two_hours_and_then_anybody_may_take_it(self) -> None:
        first, second = clerk(), clerk(address="hr-2@example.org")
        operations.take(Kind.LOCKOUT, 7, taken_by=first, now=NOW)
        just_before, after = NOW + HELD_FOR - timedelta(seconds=1), NOW + HELD_FOR
        assert queries.in_hand(Kind.LOCKOUT, 7, now=just_before)
        with pytest.raises(operations.InOtherHands) as refusal:
            operations.take(Kind.LOCKOUT, 7, taken_by=second, now=just_before)
        assert refusal.value.held.holder == first
        assert queries.in_hand(Kind.LOCKOUT, 7, now=after) is None
        operations.take(Kind.LOCKOUT, 7, taken_by=second, now=after)
        assert InHand.objects.get().holder == second

    def test_is_taken_over_only_from_whom_it_is_meant_to(self) -> None:
        first, second, third = clerk(), clerk(address="hr-2@example.org"), clerk(address="hr-3@example.org")
        operations.take(Kind.CHECK, 7, taken_by=first, now=NOW)
        operations.take(Kind.CHECK, 7, taken_by=second, instead_of=first.pk, now=NOW)
        with pytest.raises(operations.InOtherHands):
            operations.take(Kind.CHECK, 7, taken_by=third, instead_of=first.pk, now=NOW)

    def test_of_one_kind_says_nothing_about_the_same_number_of_another(self) -> None:
        operations.take(Kind.CHECK, 7, taken_by=clerk(), now=NOW)
        assert queries.in_hand(Kind.LOCKOUT, 7, now=NOW) is None

    def test_is_put_back_by_its_holder_alone(self) -> None:
        first, second = clerk(), clerk(address="hr-2@example.org")
        operations.take(Kind.CHECK, 7, taken_by=first, now=NOW)
        operations.put_back(Kind.CHECK, 7, put_back_by=second)
        assert queries.in_hand(Kind.CHECK, 7, now=NOW)
        operations.put_back(Kind.CHECK, 7, put_back_by=first)
        assert queries.in_hand(Kind.CHECK, 7, now=NOW) is None

    def test_of_long_ago_leaves_the_database(self) -> None:
        operations.take(Kind.CHECK, 7, taken_by=clerk(), now=NOW)
        operations.forget_old(now=NOW + HELD_FOR - timedelta(seconds=1))
        assert InHand.objects.count() == 1
        operations.forget_old(now=NOW + HELD_FOR)
        assert InHand.objects.count() == 0


@pytest.mark.django_db
def test_what_came_in_at_the_same_instant_is_still_paged_through_once() -> None:
    for number in range(7):
        intakes.take_down(Request(f"Anliegen {number}"), route=Route.PAGE, now=NOW, origin=AT_HOME)
    seen, after = [], None
    while True:
        page = queries.waiting_page(after=after, now=NOW, size=3)
        seen += [row.place.number for row in page.rows]
        after = page.next_after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.django_db
def test_the_way_back_leads_through_the_same_pages() -> None:
    for number in range(4):
        at = NOW + timedelta(minutes=number // 3)
        account = issued(f"amt-{number}@example.org")
        intakes.take_down(Request(f"Anliegen {number}"), route=Route.PAGE, now=at, origin=AT_HOME)
        EntitlementCheck.objects.create(account=account, requested_at=at, route=CheckRoute.TELEPHONE)
    first = queries.waiting_page(now=NOW, size=3)
    second = queries.waiting_page(after=first.next_after, now=NOW, size=3)
    third = queries.waiting_page(after=second.next_after, now=NOW, size=3)
    back = queries.waiting_page(before=third.previous_before, now=NOW, size=3)
    assert (back.rows, back.next_after) == (second.rows, second.next_after)
    back = queries.waiting_page(before=back.previous_before, now=NOW, size=3)
    assert (back.rows, back.next_after) == (first.rows, first.next_after)
    assert first.previous_before is back.previous_before is None


@pytest.mark.django_db
def test_what_is_only_counted_is_asked_for_no_more() -> None:
    with CaptureQueriesContext(connection) as asked:
        queries.counts(now=NOW)
    assert len(asked) == len(Kind)
    assert not [each for each in asked.captured_queries if "reminder" in each["sql"] or "question" in each["sql"]]
