from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from enum import StrEnum
from hashlib import sha256

NAME_MAX_LENGTH = 150
CALL_BACK_MAX_LENGTH = 60
CONCERN_MAX_LENGTH = 10_000
PREFERRED_TIME_MAX_LENGTH = 100

# A reference is read out on the telephone: no sign is taken for another, and six of thirty-two are a thousand million.
REFERENCE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
REFERENCE_SIGNS = 6
REFERENCE_LENGTH = REFERENCE_SIGNS + 1
DIGEST_LENGTH = 64  # SHA-256 in hexadecimal digits


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


def form_digest(form_key: str, request: Request) -> str:
    """One form with these entries in it; empty without a form.

    Whoever goes back to a form and writes something else in it has something else taken down.
    """
    if not form_key:
        return ""
    return sha256(json.dumps([form_key, astuple(request)]).encode()).hexdigest()


def as_reference(signs: str) -> str:
    """K74QXM as it is read out and written down: K7-4QXM."""
    return f"{signs[:2]}-{signs[2:]}"


def reference_in(entry: str) -> str:
    """The reference somebody has written down, however they spelled it."""
    signs = "".join(sign for sign in entry.upper() if sign.isalnum())
    return as_reference(signs)


@dataclass(frozen=True)
class ServiceContact:
    """How customers reach the service desk; printed as it stands."""

    portal_name: str
    operator_name: str
    email: str
    telephone: str
    telephone_uri: str
    weekday_from: str
    weekday_until: str


# The shipped example: the first operator's facts, from its help page.
COMRAMO = ServiceContact(
    portal_name="Kundenportal COMRAMO",
    operator_name="COMRAMO",
    email="hr@comramo.de",
    telephone="+49 511 12401-769",
    telephone_uri="tel:+4951112401769",
    weekday_from="7:00",
    weekday_until="17:00",
)
