"""What this domain says by mail. Importing it makes its kinds known to `mail.delivery`."""

from .access import ACCESS_LETTER, REMINDER
from .addresses import ADDRESS_CHANGED, ADDRESS_WITHDRAWN
from .callers import CALLER_CODE
from .deletions import ACCOUNT_KEPT, ACCOUNT_TO_BE_DELETED
from .entitlement import ENTITLEMENT_DECLINED, ENTITLEMENT_QUESTION, ENTITLEMENT_REQUESTED
from .lockouts import LOCKED_OUT
from .passwords import PASSWORD_CHANGED, PASSWORD_RESET

__all__ = [
    "ACCESS_LETTER",
    "ACCOUNT_KEPT",
    "ACCOUNT_TO_BE_DELETED",
    "ADDRESS_CHANGED",
    "ADDRESS_WITHDRAWN",
    "CALLER_CODE",
    "ENTITLEMENT_DECLINED",
    "ENTITLEMENT_QUESTION",
    "ENTITLEMENT_REQUESTED",
    "LOCKED_OUT",
    "PASSWORD_CHANGED",
    "PASSWORD_RESET",
    "REMINDER",
]
