from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

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


@dataclass(frozen=True)
class Request:
    """What somebody wants, as they said it."""

    concern: str
    name: str = ""
    email: str = ""
    call_back_number: str = ""
    preferred_time: str = ""


def is_confirmed(route: Route) -> bool:
    """Whether the owner of an account is told by mail that it was taken down.

    Whoever called has been told already, and a mail that answers mails may meet another that does.
    """
    return route is Route.PAGE


def form_digest(form_key: str, request: Request) -> str:
    """One form with these entries in it; empty without a form.

    Whoever goes back to a form and writes something else in it has something else taken down.
    """
    if not form_key:
        return ""
    return sha256(json.dumps([form_key, astuple(request)]).encode()).hexdigest()
