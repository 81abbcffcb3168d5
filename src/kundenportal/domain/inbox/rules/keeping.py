"""What is kept of a mail that came in, what may come of it, and when the mailbox is looked into."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

TAKEN_IN_AT_MOST = 10 * 1024 * 1024  # bytes; larger mail is set aside unread
LETTERS_A_DAY = 5  # from one sender that may lead to something; more are a loop, or somebody pressing a button
FAILURES_BEFORE_SET_ASIDE = 3
TEXT_FORGOTTEN_AFTER = timedelta(days=180)
# What lay in the mailbox long before the portal read it for the first time has been answered by people.
OLDEST_TAKEN_IN = timedelta(days=7)

POLL_EVERY = timedelta(minutes=1)
NOT_READ_FOR_LONG = timedelta(minutes=5)  # longer pauses than a minute are noted as trouble
SHORTEST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
PATIENCE_WITH_SERVER = timedelta(seconds=30)
PAUSE_BETWEEN_LOOKS_AT_WHOSE_TURN_IT_IS = timedelta(seconds=10)

Security = Literal["none", "starttls", "tls"]


class TakenFor(StrEnum):
    """What a mail that came in is."""

    REPORT = "report"
    AUTOMATIC = "automatic"
    OWN = "own"
    LETTER = "letter"
    UNREAD = "unread"


class Outcome(StrEnum):
    """What came of it."""

    MAIL_LOG = "mail_log"
    CHECK_OPENED = "check_opened"
    CHECK_ADDED_TO = "check_added_to"
    INTAKE = "intake"
    IGNORED = "ignored"
    SET_ASIDE = "set_aside"


class SetAside(StrEnum):
    """Why nothing came of a mail but that somebody should look at it."""

    TOO_LARGE = "too_large"
    FAILED = "failed"
    NO_SENDER = "no_sender"
    TOO_MANY = "too_many"
    REPORT_UNKNOWN = "report_unknown"
    REPORT_UNCLEAR = "report_unclear"


class Trouble(StrEnum):
    """Why the mailbox cannot be read."""

    UNREACHABLE = "unreachable"
    NOT_LET_IN = "not_let_in"
    NO_SUCH_FOLDER = "no_such_folder"
    NOT_TRUSTED = "not_trusted"
    OTHER = "other"


@dataclass(frozen=True)
class Mailbox:
    """Where mail comes in."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: Security
    folder: str = "INBOX"
    # Whose word counts for the server's certificate, if not that of those the system trusts.
    ca_file: str = ""

    @property
    def name(self) -> str:
        """What it is called on screen and in logs."""
        return f"{self.user} {self.host}/{self.folder}"


@dataclass(frozen=True)
class Place:
    """Where a mail lies in the mailbox: its number, which holds as long as the mailbox's own."""

    uidvalidity: int
    uid: int


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sought(*, after_uid: int, first_read_at: datetime) -> str:
    """What to search a mailbox for: mails that have not been taken in, and not those from before the portal's time."""
    since = first_read_at - OLDEST_TAKEN_IN
    # In English whatever the machine speaks (RFC 3501, 9).
    return f"UID {after_uid + 1}:* SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"


def pause_after(failures: int) -> timedelta:
    """How long to leave a server alone after so many failures in a row: twice as long each time, up to a limit."""
    return min(SHORTEST_PAUSE * (1 << min(max(failures - 1, 0), 10)), LONGEST_PAUSE)
