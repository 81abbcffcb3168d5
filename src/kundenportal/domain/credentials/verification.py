"""What a password check costs: exactly one Argon2, whoever is at the door and whatever they hold."""

from __future__ import annotations

import base64
from functools import cache
from typing import TYPE_CHECKING, cast

from django.contrib.auth.hashers import check_password, get_hasher, make_password

from . import keys
from .rules import initial_passwords, password_policy

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account

    from .hashing import Argon2id
    from .queries.door import AccountAtTheDoor


def hashed_own_password(password: str) -> str:
    """The Argon2id hash of a chosen password."""
    return make_password(password_policy.normalised_chosen_password(password))


def hashed_initial_password_if_right(account: AccountAtTheDoor, entry: str) -> str | None:
    """The Argon2id hash to keep if the entry is the account's initial password; None, at the same cost, if not."""
    right = account.initial_password_hash is not None and initial_passwords.matches(
        entry, account.initial_password_hash, key=keys.initial_password_key(), account_id=str(account.pk)
    )
    if right:
        return make_password(initial_passwords.normalised_initial_password(entry))
    refuse_at_the_same_cost(entry)
    return None


def is_password_of(account: Account, entry: str) -> bool:
    """Whether the entry is the account's password: an own one exactly as typed, the mailed one however grouped."""
    return check_password(_hashable(_normalised_for(account, entry)), account.password)


def hash_is_outdated(account: Account) -> bool:
    """Whether the stored hash is of another cost than the configured one."""
    return _hasher().must_update(account.password)


def hashed_anew(account: Account, entry: str) -> str:
    """The hash at today's cost of the right entry."""
    return make_password(_normalised_for(account, entry))


def refuse_at_the_same_cost(entry: str) -> None:
    """Spends one verification on a hash nothing matches."""
    check_password(_hashable(entry), _hash_nothing_matches())


def _hashable(entry: str) -> str:
    try:
        entry.encode()
    except UnicodeEncodeError:
        return ""  # half a character: no hash can be made of it, and the policy lets it into no password
    return entry


def _normalised_for(account: Account, entry: str) -> str:
    if account.own_password_chosen:
        return password_policy.normalised_chosen_password(entry)
    return initial_passwords.normalised_initial_password(entry)


def _hasher() -> Argon2id:
    return cast("Argon2id", get_hasher("argon2"))


@cache
def _hash_nothing_matches() -> str:
    # Of the configured cost, but of no password: made of zeros, so that making it costs nothing at start.
    salt, hashed = (base64.b64encode(bytes(length)).decode().rstrip("=") for length in (16, 32))
    return f"{_hasher().beginning()}{salt}${hashed}"
