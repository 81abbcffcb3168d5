from __future__ import annotations

import unicodedata
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from kundenportal.kernel import domain_names

if TYPE_CHECKING:
    from datetime import datetime

TELEPHONE_MAX_LENGTH = 40


class Kind(StrEnum):
    """Whether an address belongs to a person or to an office."""

    PERSONAL = "personal"
    INSTITUTIONAL = "institutional"


class Role(StrEnum):
    """What an account may do; nothing beyond what is said here."""

    CUSTOMER = "customer"
    INTAKE = "intake"  # takes requests down and sees nothing of customers
    DESK = "desk"
    DESK_LEAD = "desk_lead"  # the desk, and who may do what there
    EDITOR = "editor"
    ADMIN = "admin"


STAFF_ROLES = frozenset(Role) - {Role.CUSTOMER}
LEAD_ROLES = frozenset({Role.DESK_LEAD, Role.ADMIN})
DESK_ROLES = LEAD_ROLES | {Role.DESK}
INTAKE_ROLES = DESK_ROLES | {Role.INTAKE}
SPEAKING_ROLES = LEAD_ROLES | {Role.EDITOR}  # speak to all customers: of maintenance, of the portal and its operator
EDITING_ROLES = frozenset({Role.EDITOR, Role.ADMIN})


def news_count_from(*, opened_at: datetime, last_visit_at: datetime | None) -> datetime:
    """From when on news are new to somebody who has not opened them: their last visit, or else when access was opened.

    A visit begins with a sign-in, and the last one is the one before the present one: so what comes out during a visit
    is new in that visit and the next, and what was left unread for longer is not new any more.
    """
    return last_visit_at or opened_at


def may_give(role: Role, wanted: Role) -> bool:
    """Whether somebody in this role may issue access with the wanted one, or change somebody's role from or to it."""
    match role:
        case Role.ADMIN:
            return True
        case Role.DESK_LEAD:
            return wanted is not Role.ADMIN
        case Role.DESK:
            return wanted is Role.CUSTOMER
        case _:
            return False


def may_delete(role: Role, wanted: Role) -> bool:
    """Whether somebody in this role may have an account with the wanted one deleted for good."""
    return role in LEAD_ROLES and may_give(role, wanted)


class Language(StrEnum):
    GERMAN = "de"
    ENGLISH = "en"


class ColourScheme(StrEnum):
    """The colour schemes a customer may choose from; DEVICE follows the device's own setting."""

    DEVICE = "device"
    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high-contrast"
    LEINE = "leine"
    HEIDE = "heide"
    NORDSEE = "nordsee"
    BERNSTEIN = "bernstein"


def normalised_address(entry: str) -> str:
    """The one spelling under which an address is kept and looked up; case and outer blanks do not matter."""
    local_part, at, domain = unicodedata.normalize("NFC", entry.strip()).lower().rpartition("@")
    # There and back: xn--… and look-alike spellings of a domain are the same domain. What is no domain name at all
    # stays as it is, and whoever checks the address will say so.
    if not domain.isascii() or "xn--" in domain:
        with suppress(UnicodeError):
            domain = domain_names.as_written(domain)
    return f"{local_part}{at}{domain}"
