"""The one place where the time of day is read: for faces, commands, tasks and the store of sessions.

Whatever these call is handed `now`.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(tz=UTC)
