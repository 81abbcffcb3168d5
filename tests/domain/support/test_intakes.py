"""An intake is taken down, seen to once, and can be reopened; its reference can be read out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.accounts import AT_HOME, NOW, issued
from factories.threads import together
from factories.trail import events_of, last_entry
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.support import operations, queries, rules
from kundenportal.domain.support.models import Intake
from kundenportal.domain.support.operations import AlreadySettled, ConcernMissing, NotSettled
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import references
from kundenportal.kernel.references import ALPHABET, as_reference, reference_in

database = pytest.mark.django_db


def taken_down(concern: str = "Bitte rufen Sie mich zurück.") -> Intake:
    return operations.take_down(Request(concern), route=Route.TELEPHONE, now=NOW, origin=AT_HOME)


@given(st.text(ALPHABET, min_size=6, max_size=6))
def test_a_reference_is_found_however_it_is_spelled(signs: str) -> None:
    reference = as_reference(signs)
    assert re.fullmatch(r"[A-Z2-9]{2}-[A-Z2-9]{4}", reference)
    for spelled in (reference, signs.lower(), f" {signs[:3]} {signs[3:]} "):
        assert reference_in(spelled) == reference


@database
def test_what_was_said_is_kept_as_it_was_said() -> None:
    account, clerk = issued(), issued()
    request = Request("Zeile 1\n\nZeile 2", "Anna  Beispiel", "anna@example.org", "0511 1", "vormittags")
    intake = operations.take_down(
        request, route=Route.TELEPHONE, account=account, taken_down_by=clerk, now=NOW, origin=AT_HOME
    )
    (row,) = queries.open_intakes().rows
    assert (row.pk, row.reference, row.state) == (intake.pk, intake.reference, "open")
    assert (row.concern, row.name, row.call_back_number) == ("Zeile 1\n\nZeile 2", "Anna Beispiel", "0511 1")
    assert events_of(account)[-1] == "intake.taken_down"
    assert last_entry().details == {"intake": intake.reference, "route": "telephone"}


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_at_once_one_takes_down() -> None:
    def click() -> int:
        request = Request("Bitte um Rückruf")
        return operations.take_down(request, route=Route.TELEPHONE, form_key="k", now=NOW, origin=AT_HOME).pk

    taken = together([click] * 5)
    assert taken == [Intake.objects.get().pk] * 5
    assert Entry.objects.filter(event="intake.taken_down").count() == 1


@database
def test_what_is_too_long_or_unprintable_is_cut_and_never_refused() -> None:
    intake = operations.take_down(
        Request("x\0" * 20_000, "n" * 900, "e" * 900, "9" * 900, "t" * 900),
        route=Route.MAIL,
        now=NOW,
        origin=AT_HOME,
    )
    assert len(intake.concern) == rules.CONCERN_MAX_LENGTH


@database
def test_an_intake_is_about_something() -> None:
    with pytest.raises(ConcernMissing):
        taken_down(" \n ")


@database
def test_it_is_seen_to_once_and_can_be_reopened_once() -> None:
    clerk, intake = issued(), taken_down()
    operations.settle(intake.pk, settled_by=clerk, now=NOW, origin=AT_HOME)
    with pytest.raises(AlreadySettled):
        operations.settle(intake.pk, settled_by=clerk, now=NOW, origin=AT_HOME)
    assert [row.pk for row in queries.settled_intakes().rows] == [intake.pk]
    operations.reopen(intake.pk, reopened_by=clerk, now=NOW, origin=AT_HOME)
    with pytest.raises(NotSettled):
        operations.reopen(intake.pk, reopened_by=clerk, now=NOW, origin=AT_HOME)
    assert queries.intakes_to_be_settled().count() == 1


@database
def test_a_reference_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, draws = taken_down(), iter(["", "ABCDEF"])
    monkeypatch.setattr(references, "random_text", lambda *_: next(draws) or first.reference.replace("-", ""))
    assert taken_down().reference == "AB-CDEF"


@database
def test_the_queue_begins_with_the_oldest_and_can_be_leafed_through() -> None:
    intakes = [taken_down(str(number)).pk for number in range(queries.PAGE_SIZE + 2)]
    first = queries.open_intakes()
    second = queries.open_intakes(after=first.next_after)
    assert [row.pk for row in (*first.rows, *second.rows)] == intakes
    back = queries.open_intakes(before=second.previous_before)
    assert [row.pk for row in back.rows] == intakes[: queries.PAGE_SIZE]
    assert (back.previous_before, second.next_after) == (None, None)
