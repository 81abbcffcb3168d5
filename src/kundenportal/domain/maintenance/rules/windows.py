"""When a window is announced, runs, lasts longer than planned and is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

ANNOUNCED_BEFORE = timedelta(days=7)
LASTS_UNLESS_SAID = timedelta(hours=1)
LONGEST = timedelta(days=14)  # beyond that somebody has mistyped the month
MESSAGE_MAX_LENGTH = 500

# Whoever is told when to come back is never told to come at once, and not again and again once the end has passed.
COMES_BACK_AT_THE_EARLIEST = timedelta(minutes=1)
COMES_BACK_WHILE_IT_OVERRUNS = timedelta(minutes=5)
# As long as a window overruns nobody knows when it is over; what waits for its end is put off by that much at a time.
OVERRUN_GRANTED = timedelta(minutes=15)


class Stage(StrEnum):
    """How far a window has come. It begins by the clock, and ends when somebody says so."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    RUNNING = "running"
    OVERRUNNING = "overrunning"
    OVER = "over"
    CANCELLED = "cancelled"


NOT_BEGUN = frozenset({Stage.PLANNED, Stage.ANNOUNCED})
UNDER_WAY = frozenset({Stage.RUNNING, Stage.OVERRUNNING})


@dataclass(frozen=True, slots=True)
class Times:
    """When a window begins and is expected to end, and what has become of it."""

    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is being done, in the words of whoever planned it; empty where they said nothing."""

    german: str = ""
    english: str = ""


class Pause(NamedTuple):
    """From one instant up to another countdowns do not end."""

    starts_at: datetime
    ends_at: datetime


def stage(times: Times, *, now: datetime) -> Stage:
    """How far the window has come."""
    if times.cancelled_at is not None:
        return Stage.CANCELLED
    if times.ended_at is not None:
        return Stage.OVER
    if now >= times.ends_at:
        return Stage.OVERRUNNING
    if now >= times.starts_at:
        return Stage.RUNNING
    return Stage.ANNOUNCED if now >= times.starts_at - ANNOUNCED_BEFORE else Stage.PLANNED


def over_at(times: Times, *, now: datetime) -> datetime:
    """When the window was over, or will be as far as anybody knows."""
    if times.ended_at is not None:
        return times.ended_at
    return times.ends_at if now < times.ends_at else now + OVERRUN_GRANTED


def pauses(windows: Iterable[Times], *, now: datetime) -> tuple[Pause, ...]:
    """The windows that take place, or took place, in the order of their beginnings, as far as anybody knows."""
    taking_place = (times for times in windows if times.cancelled_at is None)
    return tuple(
        sorted(
            Pause(times.starts_at.astimezone(UTC), over_at(times, now=now).astimezone(UTC)) for times in taking_place
        )
    )


def comes_back_after(times: Times, *, now: datetime) -> timedelta:
    """How long whoever meets the window is asked to stay away."""
    if now >= times.ends_at:
        return COMES_BACK_WHILE_IT_OVERRUNS
    return max(times.ends_at - now, COMES_BACK_AT_THE_EARLIEST)
