"""What the portal runs on, and when it is taken for broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A worker that gives no sign of life for so long is taken for dead, and what it did is done by another.
WORKER_GIVEN_UP_AFTER = timedelta(seconds=20)
PATIENCE_WITH_DATABASE = timedelta(seconds=2)
# Whoever runs the portal is told of a job that failed for so long.
FAILED_JOBS_ARE_KEPT = timedelta(days=30)


class NotReady(StrEnum):
    """Why pages cannot be answered at this moment, in words that anybody may read."""

    DATABASE_AWAY = "the database cannot be reached"
    TABLES_BEHIND = "the database is not up to date"


@dataclass(frozen=True)
class Queue:
    """The background jobs of one kind: how many could begin, since when the first could, and how the others stand."""

    name: str
    waiting: int = 0
    at_work: int = 0
    failed: int = 0
    waiting_since: datetime | None = None
