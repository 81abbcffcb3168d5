"""The entitlement check: staff decide whether new access may be issued after the four weeks (rule R4)."""

from enum import StrEnum

REASON_MAX_LENGTH = 500


class CheckState(StrEnum):
    """Where an entitlement check stands; it is decided once."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Route(StrEnum):
    """How the request for it came in."""

    PAGE = "page"
    MAIL = "mail"
    TELEPHONE = "telephone"
