"""The entitlement check: staff decide whether new access may be issued after the four weeks (rule R4)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

REASON_MAX_LENGTH = 500
QUESTION_MAX_LENGTH = 1000

# How long somebody who has entered the expired password may take to press the button.
PAGE_LIFETIME = timedelta(hours=1)
# How long the way to that page works that goes out by mail: weekends and holidays included.
LINK_LIFETIME = timedelta(days=7)


class CheckState(StrEnum):
    """Where an entitlement check stands; it is decided once."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Route(StrEnum):
    """How the request for it came in."""

    PAGE = "page"  # opened with the expired password
    LINK = "link"  # the same page, opened by a link that was mailed to the account
    MAIL = "mail"
    TELEPHONE = "telephone"


class Renewal(StrEnum):
    """How far the renewal of expired access has come."""

    NOT_REQUESTED = "not-requested"
    BEING_CHECKED = "being-checked"
    DECLINED = "declined"
    ON_ITS_WAY = "on-its-way"


def may_be_decided(state: CheckState) -> bool:
    """Whether a check in this state may still be approved, declined or withdrawn: only an open one, and only once."""
    return state is CheckState.OPEN


def renewal(*, last_check: CheckState | None, letter_on_its_way: bool) -> Renewal:
    """How the renewal stands, by the last check since the expired letter was issued."""
    if last_check is CheckState.OPEN:
        return Renewal.BEING_CHECKED
    if letter_on_its_way:
        return Renewal.ON_ITS_WAY
    return Renewal.DECLINED if last_check is CheckState.DECLINED else Renewal.NOT_REQUESTED


def may_be_requested(stands: Renewal) -> bool:
    """Whether a check of expired access may be opened: nobody is at work on it. A decline is no last word."""
    return stands in {Renewal.NOT_REQUESTED, Renewal.DECLINED}
