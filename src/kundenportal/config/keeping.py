"""Keeping something alive: what dies is started again, after a pause that grows while it keeps dying."""

from __future__ import annotations

import logging
import signal
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from kundenportal.config.children import Copy, kill_group
from kundenportal.config.postgres import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from kundenportal.config.children import Work
    from kundenportal.config.postgres import EmbeddedPostgres

SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
SECONDS_OF_A_GOOD_LIFE = 60

logger = logging.getLogger(__name__)


def next_pause(pause: float, *, lived: float, longest: float = LONGEST_PAUSE) -> float:
    """The pause after the present one, for something that lived so many seconds since its last start."""
    return SHORTEST_PAUSE if lived >= SECONDS_OF_A_GOOD_LIFE else min(pause * 2, longest)


class Member(ABC):
    """One part of what is served."""

    name: str
    longest_pause = LONGEST_PAUSE
    deaths = 0

    def __init__(self, *, now: float) -> None:
        self._pause = SHORTEST_PAUSE / 2
        self._started_at = now
        self._start_again_at: float | None = None

    @abstractmethod
    def exit_code(self) -> int | None:
        """What it ended with, negative after a signal; None while it lives."""

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.exit_code() is None

    @abstractmethod
    def start_again(self) -> None:
        """It runs once more."""

    def look_after(self, *, now: float) -> None:
        """Start it again if it has died and its pause is over."""
        code = self.exit_code()
        if code is None:
            return
        if self._start_again_at is None:
            self.deaths += 1
            self._pause = next_pause(self._pause, lived=now - self._started_at, longest=self.longest_pause)
            self._start_again_at = now + self._pause
            # A line of the log and no sentence of ours: this may be in the middle of the night.
            logger.error("%s has died (%s) and is started again in %g seconds.", self.name, _how(code), self._pause)
        elif now >= self._start_again_at:
            self._start_again_at = None
            self._started_at = now
            self.start_again()


class Program(Member):
    """A part of the portal in a process of its own, a copy of this one; `begin` is asked what it does at each start."""

    def __init__(
        self, name: str, known_as: str, begin: Callable[[], Work], *, dies_by: signal.Signals, now: float
    ) -> None:
        super().__init__(now=now)
        self.name = name
        self._known_as = known_as
        self._begin = begin
        self._dies_by = dies_by
        self.child = self._start()

    def exit_code(self) -> int | None:
        return self.child.poll()

    def start_again(self) -> None:
        # Its own children, such as a program that makes a backup, may have outlived it.
        kill_group(self.child)
        self.child = self._start()

    def _start(self) -> Copy:
        return Copy(self._known_as, self._begin(), dies_by=self._dies_by)


class Database(Member):
    """The embedded database."""

    name = "The database"

    def __init__(self, server: EmbeddedPostgres, *, now: float) -> None:
        super().__init__(now=now)
        self._server = server

    def exit_code(self) -> int | None:
        return self._server.exit_code

    def start_again(self) -> None:
        try:
            self._server.launch()  # it may take minutes until it answers, in which the others want to be looked after
        except DatabaseUnavailable as refusal:
            logger.error("%s", refusal)  # noqa: TRY400 - a sentence, not a fault of ours


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
