"""The one place where the time of day is read; everything below the faces and jobs is handed `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(tz=UTC)
