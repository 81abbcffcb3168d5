"""How an import comes to its end."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum

from kundenportal.domain.site.rules.hours import BERLIN

FILE_MAX_BYTES = 20 * 1024 * 1024
ROWS_AT_MOST = 200_000
COLUMNS_AT_MOST = 200
# A worker that has not finished a chunk within this time is taken for dead. A chunk takes a fraction of a second, and
# reading a large table some seconds.
LEASE = timedelta(minutes=1)
KEPT_FOR = timedelta(days=30)
FAULTS_BEFORE_GIVING_UP = 5  # in a row; a run that a fault of ours keeps from going on must not try for ever

LETTERS_GO_OUT_AT = time(8)


class RunState(StrEnum):
    """Where an import stands."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


AT_WORK = frozenset({RunState.CHECKING, RunState.IMPORTING})
ENDED = frozenset({RunState.FINISHED, RunState.CANCELLED, RunState.FAILED})

_NEXT = {
    RunState.UPLOADED: {RunState.UPLOADED, RunState.CHECKING, RunState.CANCELLED},
    RunState.CHECKING: {RunState.UPLOADED, RunState.CHECKING, RunState.CHECKED, RunState.CANCELLED, RunState.FAILED},
    RunState.CHECKED: {RunState.UPLOADED, RunState.CHECKING, RunState.IMPORTING, RunState.CANCELLED},
    RunState.IMPORTING: {RunState.FINISHED, RunState.CANCELLED, RunState.FAILED},
}


def may_become(state: RunState, wanted: RunState) -> bool:
    """Whether an import in this state may get into the other."""
    return wanted in _NEXT.get(state, set())


class Letters(StrEnum):
    """When the access letters of an import go out."""

    NOW = "now"
    ON_A_DATE = "date"
    NEVER = "never"


def letters_go_out_at(day: date) -> datetime:
    """The morning of that day, where the operator is."""
    return datetime.combine(day, LETTERS_GO_OUT_AT, tzinfo=BERLIN)


def is_a_day_to_come(day: date, *, now: datetime) -> bool:
    """Whether letters can still go out on the morning of that day."""
    return letters_go_out_at(day) > now
