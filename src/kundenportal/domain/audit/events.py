from enum import StrEnum


class Event(StrEnum):
    """The vocabulary of the trail: what it happened to, then what happened."""

    ACCOUNT_OPENED = "account.opened"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCESS_ISSUED = "access.issued"
    ACCESS_LETTER_HANDED_OVER = "access.letter.handed_over"
    ACCESS_LETTER_FAILED = "access.letter.failed"
    FIRST_SIGN_IN = "sign_in.first"
    SIGNED_IN = "sign_in.succeeded"
    SIGN_IN_REFUSED = "sign_in.refused"
    SIGNED_OUT = "sign_in.ended"
    LOCKOUT_BEGUN = "lockout.begun"
    LOCKOUT_LIFTED = "lockout.lifted"
    LOCKOUT_DISOWNED = "lockout.disowned"
    BROWSER_KNOWN = "browser.known"
    BROWSER_FORGOTTEN = "browser.forgotten"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - the name of an event
    PASSWORD_RESET = "password.reset"  # noqa: S105 - likewise
    RESET_ASKED_FOR = "password.reset.asked_for"
    RESET_LINK_HANDED_OVER = "password.reset.link_handed_over"
    ENTITLEMENT_CHECK_REQUESTED = "entitlement_check.requested"
    ENTITLEMENT_CHECK_APPROVED = "entitlement_check.approved"
    ENTITLEMENT_CHECK_DECLINED = "entitlement_check.declined"
    ENTITLEMENT_CHECK_WITHDRAWN = "entitlement_check.withdrawn"
    REMINDER_HANDED_OVER = "access.reminder.handed_over"
    PROFILE_UPDATED = "profile.updated"
    IMPORT_UPLOADED = "import.uploaded"
    IMPORT_STARTED = "import.started"
    IMPORT_FINISHED = "import.finished"
    IMPORT_CANCELLED = "import.cancelled"
