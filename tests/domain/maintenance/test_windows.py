"""Windows are planned, begun, moved, ended and cancelled; there is one at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from factories.accounts import AT_HOME, NOW, clerk
from factories.threads import together
from factories.trail import last_entry
from factories.windows import DAY, DISKS, HOUR, begun, cancelled, ended, moved, planned
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.maintenance import operations, queries
from kundenportal.domain.maintenance.models import Window
from kundenportal.domain.maintenance.rules.windows import LONGEST, MESSAGE_MAX_LENGTH, Message, Stage, stage

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

STARTS = NOW + 2 * DAY


def stage_of(window: Window, now: object) -> Stage:
    return stage(Window.objects.get(pk=window.pk).times, now=now)  # type: ignore[arg-type]


def test_what_is_planned_is_kept_and_in_the_trail() -> None:
    editor = clerk(Role.EDITOR)
    window = planned(STARTS, planned_by=editor)
    kept = queries.window_numbered(window.pk)
    assert kept is not None
    assert (kept.starts_at, kept.ends_at, kept.message, kept.planned_by) == (STARTS, STARTS + 2 * HOUR, DISKS, editor)
    entry = last_entry()
    assert (entry.event, entry.actor, entry.network_address) == ("maintenance.planned", editor, AT_HOME.network_address)
    assert entry.details == {
        "window": window.pk,
        "starts_at": "2026-11-25T09:00+00:00",
        "ends_at": "2026-11-25T11:00+00:00",
    }


def test_a_double_click_plans_once() -> None:
    assert planned(STARTS) == planned(STARTS)
    assert Window.objects.count() == 1
    assert Entry.objects.filter(event="maintenance.planned").count() == 1


def test_what_is_said_is_kept_on_one_line_and_cut() -> None:
    window = planned(message=Message("Neue\nPlatten\u200b", "x" * (MESSAGE_MAX_LENGTH + 1)))
    assert window.message == Message("Neue Platten", "x" * MESSAGE_MAX_LENGTH)


@pytest.mark.parametrize(
    ("starts_at", "lasts", "refusal"),
    [
        (NOW, HOUR, operations.StartsInThePast),
        (NOW - HOUR, 2 * HOUR, operations.StartsInThePast),
        (STARTS, timedelta(0), operations.EndsBeforeItStarts),
        (STARTS, -HOUR, operations.EndsBeforeItStarts),
        (STARTS, LONGEST + HOUR, operations.LastsTooLong),
    ],
)
def test_what_makes_no_sense_is_refused(starts_at: object, lasts: timedelta, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        planned(starts_at, lasts=lasts)  # type: ignore[arg-type]
    assert not Window.objects.exists()
    assert not Entry.objects.filter(event__startswith="maintenance.").exists()


@pytest.mark.parametrize("shift", [-HOUR, timedelta(0), HOUR])
def test_there_is_one_window_at_a_time(shift: timedelta) -> None:
    first = planned(STARTS)
    with pytest.raises(operations.Overlaps) as refused:
        planned(STARTS + shift, lasts=2 * HOUR + timedelta(minutes=1))
    assert refused.value.other == first


def test_one_may_begin_when_another_ends_and_in_place_of_a_cancelled_one() -> None:
    first = planned(STARTS)
    planned(STARTS + 2 * HOUR)
    planned(STARTS - 2 * HOUR)
    cancelled(first)
    planned(STARTS)
    assert Window.objects.count() == 4


def test_the_database_itself_refuses_a_second_window() -> None:
    window = planned(STARTS)
    window.pk = None
    with pytest.raises(IntegrityError, match="one_window_at_a_time"), transaction.atomic():
        window.save(force_insert=True)


def test_what_begins_at_once_runs_until_somebody_ends_it() -> None:
    window = begun(now=NOW)
    assert last_entry().event == "maintenance.begun"
    assert stage_of(window, NOW) is Stage.RUNNING
    assert stage_of(window, NOW + 5 * HOUR) is Stage.OVERRUNNING
    assert ended(now=NOW + 5 * HOUR) == window
    assert last_entry().event == "maintenance.ended"
    assert stage_of(window, NOW + 5 * HOUR) is Stage.OVER
    with pytest.raises(operations.NothingUnderWay):
        ended(now=NOW + 6 * HOUR)


def test_a_planned_window_ends_in_the_same_way() -> None:
    window = planned(STARTS)
    with pytest.raises(operations.NothingUnderWay):
        ended(now=STARTS - HOUR)
    ended(now=STARTS + HOUR)
    assert stage_of(window, STARTS + HOUR) is Stage.OVER
    planned(STARTS + HOUR, now=STARTS + timedelta(minutes=30))  # the time it did not take is free


def test_one_that_overruns_ends_when_the_next_begins() -> None:
    first, second = planned(STARTS), planned(STARTS + 3 * HOUR)
    now = STARTS + 4 * HOUR
    assert ended(now=now) == second
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ended_at, second.ended_at) == (second.starts_at, now)


def test_ending_one_that_overruns_leaves_the_next_one_under_way() -> None:
    first, second = planned(STARTS), planned(STARTS + 3 * HOUR)
    now = STARTS + 4 * HOUR
    assert ended(first, now=now) == first
    first.refresh_from_db()
    assert first.ended_at == second.starts_at
    assert stage_of(second, now) is Stage.RUNNING
    assert queries.is_under_way(now=now)
    with pytest.raises(operations.NothingUnderWay):
        ended(first, now=now)
    assert ended(second, now=now) == second
    assert not queries.is_under_way(now=now)


def test_its_end_can_be_moved_while_it_runs() -> None:
    window = begun(now=NOW)
    moved(window, NOW + 4 * HOUR, now=NOW + HOUR)
    assert stage_of(window, NOW + 3 * HOUR) is Stage.RUNNING
    assert last_entry().event == "maintenance.moved"
    assert Window.objects.get().changes == 1


def test_moving_it_to_where_it_is_changes_nothing() -> None:
    window = planned(STARTS)
    moved(window, window.ends_at, starts_at=window.starts_at)
    assert Window.objects.get().changes == 0
    assert last_entry().event == "maintenance.planned"


@pytest.mark.parametrize(
    ("move", "refusal"),
    [
        (lambda window: moved(window, NOW - HOUR), operations.EndsInThePast),
        (lambda window: moved(window, STARTS - HOUR), operations.EndsBeforeItStarts),
        (lambda window: moved(window, STARTS + LONGEST + HOUR), operations.LastsTooLong),
        (lambda window: moved(window, STARTS + HOUR, starts_at=NOW - HOUR), operations.StartsInThePast),
        (lambda window: moved(window, STARTS + 5 * HOUR), operations.Overlaps),
        (lambda window: moved(window, NOW + 5 * DAY, starts_at=NOW + 4 * DAY, now=STARTS), operations.HasBegun),
        (lambda window: cancelled(window, now=STARTS + HOUR), operations.HasBegun),
    ],
)
def test_what_cannot_be_done_to_it_leaves_it_as_it_was(
    move: Callable[[Window], Window], refusal: type[Exception]
) -> None:
    window = planned(STARTS)
    planned(STARTS + 4 * HOUR)
    with pytest.raises(refusal):
        move(window)
    assert queries.window_numbered(window.pk).times == window.times  # type: ignore[union-attr]


def test_what_is_over_or_cancelled_is_neither_moved_nor_cancelled() -> None:
    window = planned(STARTS)
    cancelled(window)
    with pytest.raises(operations.NoSuchWindow):
        moved(window, STARTS + 4 * HOUR)
    with pytest.raises(operations.NoSuchWindow):
        cancelled(window)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_instant_one_is_planned() -> None:
    def attempt(number: int) -> bool:
        try:
            planned(STARTS + number * timedelta(minutes=1))
        except operations.Overlaps:
            return False
        return True

    assert sorted(map(bool, together([lambda: attempt(0), lambda: attempt(1)]))) == [False, True]
    assert Window.objects.count() == 1


def test_everybody_knows_of_it_once_it_is_announced() -> None:
    window = planned(NOW + 10 * DAY)
    assert queries.window_known_to_everybody(window.pk, now=NOW) is None
    assert queries.window_known_to_everybody(window.pk, now=NOW + 3 * DAY) == window
    assert queries.window_known_to_everybody(0, now=NOW) is None
