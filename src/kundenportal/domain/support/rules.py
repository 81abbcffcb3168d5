from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

NAME_MAX_LENGTH = 150
CALL_BACK_MAX_LENGTH = 60
CONCERN_MAX_LENGTH = 10_000
PREFERRED_TIME_MAX_LENGTH = 100

# Programs that fill in every form they find send it at once; people read, and may be called away meanwhile.
READING_TIME = timedelta(seconds=2)
FORM_LIFETIME = timedelta(hours=12)


class Route(StrEnum):
    """How what an intake notes came in."""

    MAIL = "mail"
    PAGE = "page"
    TELEPHONE = "telephone"


class IntakeState(StrEnum):
    """Whether somebody still has to see to it."""

    OPEN = "open"
    DONE = "done"
