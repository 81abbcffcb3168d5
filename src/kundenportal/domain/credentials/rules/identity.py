"""How staff made sure who they are dealing with before they hand out access, and the code a caller reads out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from kundenportal.kernel.randomness import random_text

from .entitlement import Route

# Digits and capitals of which none sounds or looks like another, for a telephone.
CODE_ALPHABET = "34679ACFHKMNPRTWXY"
CODE_LENGTH = 8  # 33 bits; five attempts within a quarter of an hour leave one chance in two thousand million
CODE_LIFETIME = timedelta(minutes=15)
CODE_MAIL_LIFETIME = timedelta(minutes=60)  # a mail takes its time, and its reader calls again
ATTEMPTS_PER_CODE = 5


class Means(StrEnum):
    """What showed that the caller is who they say."""

    CALLER_CODE = "caller_code"
    CALL_BACK = "call_back"
    IN_PERSON = "in_person"
    DOCUMENT = "document"
    INITIAL_PASSWORD = "initial_password"  # noqa: S105 - the name of a means
    MAILED_LINK = "mailed_link"


# What staff may state about somebody who calls or writes; and what a request shows by the way it came in.
STATED = (Means.CALLER_CODE, Means.CALL_BACK, Means.IN_PERSON, Means.DOCUMENT)
SHOWN_BY_ROUTE = {Route.PAGE: Means.INITIAL_PASSWORD, Route.LINK: Means.MAILED_LINK}


@dataclass(frozen=True)
class Identity:
    """What a member of staff states: the means and, where it is a code, what the caller read out."""

    means: Means
    code: str = field(default="", repr=False)


def generate_code() -> str:
    """A code nobody has had, in two groups."""
    code = random_text(CODE_ALPHABET, CODE_LENGTH)
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def normalised_code(entry: str) -> str:
    """The one spelling under which a code is kept and compared; case, blanks and hyphens do not matter."""
    return "".join(sign for sign in entry.upper() if sign.isalnum())
