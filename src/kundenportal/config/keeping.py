"""Keeping something alive: what dies is started again, after a pause that grows while it keeps dying."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from kundenportal.config.children import Copy, kill_group
from kundenportal.config.postgres import DatabaseUnavailable

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable

    from kundenportal.config.children import Work
    from kundenportal.config.postgres import EmbeddedPostgres

SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
SECONDS_OF_A_GOOD_LIFE = 60


def next_pause(pause: float, *, lived: float) -> float:
    """The pause after the present one, for something that lived so many seconds since its last start."""
    return SHORTEST_PAUSE if lived >= SECONDS_OF_A_GOOD_LIFE else min(pause * 2, LONGEST_PAUSE)


class Member(ABC):
    """One part of what is served."""

    name: str

    def __init__(self, *, now: float) -> None:
        self._pause = SHORTEST_PAUSE / 2
        self._started_at = now
        self._start_again_at: float | None = None

    @abstractmethod
    def is_alive(self) -> bool:
        """Whether it runs."""

    @abstractmethod
    def start_again(self) -> None:
        """It runs once more."""

    def look_after(self, *, now: float) -> None:
        """Start it again if it has died and its pause is over."""
        if self.is_alive():
            return
        if self._start_again_at is None:
            self._pause = next_pause(self._pause, lived=now - self._started_at)
            self._start_again_at = now + self._pause
            say(f"{self.name} has died and is started again in {self._pause:g} seconds.")
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

    def is_alive(self) -> bool:
        return self.child.poll() is None

    def start_again(self) -> None:
        # Its own children, such as gunicorn's workers, may have outlived it.
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

    def is_alive(self) -> bool:
        return self._server.pid is not None

    def start_again(self) -> None:
        try:
            self._server.start_again()
        except DatabaseUnavailable as refusal:
            say(str(refusal))


def say(sentence: str) -> None:
    """Tell whoever watches the start or reads the journal."""
    sys.stderr.write(f"kundenportal: {sentence}\n")
    sys.stderr.flush()
