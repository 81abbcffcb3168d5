"""Whoever stands at the door: the account of an address with its initial password, and the browsers it is known in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django.db.models import F, FilteredRelation, Q, QuerySet

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import normalised_address
from kundenportal.domain.credentials import guard, keys
from kundenportal.domain.credentials.models import KnownBrowser
from kundenportal.domain.credentials.rules.account_states import AccountState, account_state
from kundenportal.kernel.composed import Composed
from kundenportal.kernel.text import storable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django_stubs_ext import WithAnnotations

    from kundenportal.kernel.composed import Held

    class LiveInitialPassword(TypedDict):
        """What the live initial password's letter says; None where there is none."""

        initial_password_hash: str | None
        initial_password_expires_at: datetime | None

    AccountAtTheDoor = WithAnnotations[Account, LiveInitialPassword]


INITIAL_PASSWORD = ("initial_password_hash", "initial_password_expires_at")


def account_at_the_door(address: str) -> AccountAtTheDoor | None:
    """Account and live initial password by one query, the same one for every address there is or is not."""
    rows = _at_the_door().rows(address=storable(normalised_address(address)))
    return _read_at_the_door(rows[0]) if rows else None


def count_and_account(address: str, *values: Held) -> tuple[tuple[Any, ...], AccountAtTheDoor | None]:
    """What guard.KNOCK returns when it is carried out with these values, and `account_at_the_door`; for guard.knock."""
    counted, row = _count_and_account()(*values, address=storable(normalised_address(address)))
    return counted, _read_at_the_door(row) if row else None


@cache
def _count_and_account() -> Callable[..., tuple[tuple[Any, ...], dict[str, Any] | None]]:
    return _at_the_door().within(guard.KNOCK)


def _read_at_the_door(row: dict[str, Any]) -> AccountAtTheDoor:
    account = cast("AccountAtTheDoor", Account.read(row))
    for name in INITIAL_PASSWORD:
        setattr(account, name, row[name])
    return account


@cache
def _at_the_door() -> Composed:
    def compose(*, address: str) -> QuerySet[Any, Any]:
        found: QuerySet[Any, Any] = with_initial_password().filter(address=address)
        return found.values(*Account.columns(), *INITIAL_PASSWORD)

    return Composed(compose, address=str)


def with_initial_password() -> QuerySet[AccountAtTheDoor]:
    """Every account, with its live initial password if it has one."""
    return Account.objects.annotate(
        live_letter=FilteredRelation("access_letters", condition=~Q(access_letters__keyed_hash="")),
        initial_password_hash=F("live_letter__keyed_hash"),
        initial_password_expires_at=F("live_letter__expires_at"),
    )


def state_of(account: AccountAtTheDoor, *, now: datetime) -> AccountState:
    """How the account stands."""
    return account_state(
        suspended_at=account.suspended_at,
        first_signed_in_at=account.first_signed_in_at,
        initial_password_expires_at=account.initial_password_expires_at,
        now=now,
    )


def known_browser_key(address: str, browser_id: str) -> str:
    """The key of this browser if the account of that address has signed in with it before; empty if not."""
    if not browser_id:
        return ""
    key = keys.browser_key(browser_id)
    return key if _known().rows(key=key, address=storable(normalised_address(address))) else ""


@cache
def _known() -> Composed:
    def compose(*, key: str, address: str) -> QuerySet[KnownBrowser, Any]:
        return KnownBrowser.objects.filter(key=key, account__address=address).values("key")

    return Composed(compose, key=str, address=str)


def known_browser_id(address: str, browser_ids: Sequence[str]) -> str:
    """That of these ids by which the account of the address knows a browser; empty if it knows none of them."""
    by_key = {keys.browser_key(browser_id): browser_id for browser_id in browser_ids}
    if not by_key:
        return ""
    known = KnownBrowser.objects.filter(key__in=by_key, account__address=storable(normalised_address(address)))
    return by_key.get(known.values_list("key", flat=True).first() or "", "")
