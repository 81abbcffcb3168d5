"""Whatever is done to accounts, under one name."""

from .details import (
    ActsForNobody,
    ChangedMeanwhile,
    Correction,
    Details,
    change_details,
    choose_language,
    correct_many,
    move_to,
    refuse_details,
    update_profile,
    use_shortcuts,
)
from .entries import (
    AddressMalformed,
    AddressTaken,
    NameMissing,
    NameTooLong,
    TelephoneMalformed,
    valid_address,
    valid_name,
    valid_telephone,
)
from .opening import Newcomer, open_account, open_many
from .roles import RoleNotYours, change_role, refuse_beyond_role, refuse_to_delete
from .standing import delete, end_every_session, end_sessions, restore, suspend

__all__ = [
    "ActsForNobody",
    "AddressMalformed",
    "AddressTaken",
    "ChangedMeanwhile",
    "Correction",
    "Details",
    "NameMissing",
    "NameTooLong",
    "Newcomer",
    "RoleNotYours",
    "TelephoneMalformed",
    "change_details",
    "change_role",
    "choose_language",
    "correct_many",
    "delete",
    "end_every_session",
    "end_sessions",
    "move_to",
    "open_account",
    "open_many",
    "refuse_beyond_role",
    "refuse_details",
    "refuse_to_delete",
    "restore",
    "suspend",
    "update_profile",
    "use_shortcuts",
    "valid_address",
    "valid_name",
    "valid_telephone",
]
