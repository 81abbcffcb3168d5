from enum import StrEnum


class Event(StrEnum):
    """The vocabulary of the trail: what it happened to, then what happened."""

    ACCOUNT_OPENED = "account.opened"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCESS_ISSUED = "access.issued"
    ACCESS_LETTER_HANDED_OVER = "access.letter.handed_over"
    ACCESS_LETTER_FAILED = "access.letter.failed"
    FIRST_SIGN_IN = "sign_in.first"
    SIGNED_IN = "sign_in.succeeded"
    SIGN_IN_REFUSED = "sign_in.refused"
    SIGNED_OUT = "sign_in.ended"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - the name of an event
    PROFILE_UPDATED = "profile.updated"
