"""What is known of windows where nobody can be asked: read off a file when the database is away."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from .windows import UNDER_WAY, Message, Stage, Times, stage


@dataclass(frozen=True, slots=True)
class Posted:
    """A window that is to come or under way."""

    number: int
    times: Times
    message: Message


@dataclass(frozen=True, slots=True)
class Contact:
    """How the service desk is reached while the portal is not."""

    portal_name: str
    email: str
    telephone: str
    telephone_uri: str


@dataclass(frozen=True, slots=True)
class Board:
    """The windows to come or under way, by their beginnings, and whom to ask."""

    windows: tuple[Posted, ...] = ()
    contact: Contact | None = None

    def under_way(self, *, now: datetime) -> Posted | None:
        """The window that keeps customers out; of two, because one overruns, the one begun last."""
        return next((each for each in reversed(self.windows) if stage(each.times, now=now) in UNDER_WAY), None)

    def announced(self, *, now: datetime) -> Posted | None:
        """The next window everybody is told of."""
        return next(iter(self.all_announced(now=now)), None)

    def all_announced(self, *, now: datetime) -> tuple[Posted, ...]:
        """Every window everybody is told of and that has not begun, the next first."""
        return tuple(posted for posted in self.windows if stage(posted.times, now=now) is Stage.ANNOUNCED)


def as_text(board: Board) -> str:
    """The board as it is kept in a file."""
    return json.dumps(asdict(board), default=datetime.isoformat, ensure_ascii=False, indent=1) + "\n"


def board_in(text: str) -> Board | None:
    """The board kept in a file; None if it holds none, or one of another version."""
    try:
        kept = json.loads(text)
        windows = tuple(_posted(**window) for window in kept["windows"])
        return Board(windows, Contact(**kept["contact"]) if kept["contact"] else None)
    except (ValueError, TypeError, KeyError):
        return None


def _posted(number: int, times: dict[str, str | None], message: dict[str, str]) -> Posted:
    instants = {name: datetime.fromisoformat(written) for name, written in times.items() if written}
    return Posted(number, Times(**instants), Message(**message))
