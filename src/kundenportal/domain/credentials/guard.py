"""Keeps the counts of guesses; what counts, and how much, is decided in `rules.lockout`.

Every change is a single UPDATE that takes effect only if the count is still as it was read; whoever comes too late
reads again. So no lock and no transaction is held while a password is checked, and no two can both be the fifth.
Whoever settles a reservation changes only a count that still holds it: a database that has crashed in between may have
lost reservations, and counted the same versions once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from kundenportal.domain.accounts.rules import normalised_address
from kundenportal.kernel.composed import UNHURRIED, Composed, Statement
from kundenportal.kernel.refusal import Refusal, TooBusy

from . import keys
from .models import GuessCount
from .rules import lockout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.domain.accounts.models import Account

AnyAccount = TypeVar("AnyAccount", bound="Account")

# A reservation is not waited for: whoever is told what came of the check has waited for what is written after it.
# An account may be deleted at this very moment: its name is counted as one that is nobody's.
_FIRST = Statement(
    f"""
    INSERT INTO credentials_guesscount (name_key, browser_key, account_id, wrong, pending, changed_at, version)
    VALUES (%s, %s, (SELECT id FROM accounts_account WHERE id = %s), %s, %s::timestamptz[], %s, 0)
    ON CONFLICT (name_key, browser_key) DO NOTHING
    RETURNING id, {UNHURRIED}
    """  # noqa: S608 - nobody else's words
)
# For Composed.within: how the count and the account that is asked for stand, and the first reservation where nothing is
# counted yet. So whoever is right at once is found and reserved by a single statement.
COUNTED = "id", "wrong", "pending", "changed_at", "version", "account_id"
KNOCK = f"""
    , counted AS (
        SELECT {", ".join(COUNTED)}
        FROM credentials_guesscount WHERE name_key = %s AND browser_key = %s
    ), begun AS (
        INSERT INTO credentials_guesscount (name_key, browser_key, account_id, wrong, pending, changed_at, version)
        SELECT %s, %s, (SELECT id FROM asked), %s, %s::timestamptz[], %s, 0 WHERE NOT EXISTS (SELECT FROM counted)
        ON CONFLICT (name_key, browser_key) DO NOTHING
        RETURNING id, {UNHURRIED}
    )
    SELECT begun.id, counted.*, asked.*
    FROM (SELECT) AS door LEFT JOIN begun ON TRUE LEFT JOIN counted ON TRUE LEFT JOIN asked ON TRUE
"""  # noqa: S608 - nobody else's words
_NEXT = """
    UPDATE credentials_guesscount
    SET wrong = %s, pending = %s::timestamptz[], changed_at = %s, version = %s,
        account_id = (SELECT id FROM accounts_account WHERE id = %s)
    WHERE id = %s AND version = %s AND pending @> %s::timestamptz[]
"""
_RESERVED, _SETTLED = Statement(f"{_NEXT} RETURNING {UNHURRIED}"), Statement(_NEXT)
_LAST = Statement("DELETE FROM credentials_guesscount WHERE id = %s AND version = %s AND pending @> %s::timestamptz[]")


class Locked(Refusal):
    """Five entries were wrong: nothing is checked any more until the lockout is lifted."""


class StillChecking(TooBusy):
    """As many entries as may be wrong are being checked; once one of them is settled, another may be."""


class TakenForDead(TooBusy):
    """There is no reservation any more: the check took so long that it has been counted as wrong meanwhile.

    Or a database that crashed has lost it, for nobody waits until it is on the disk. What came of such a check, nobody
    is told.
    """


@dataclass(frozen=True)
class Door:
    """A sign-in name, as it is counted for a browser known to it, or for all others."""

    name_key: str
    browser_key: str = ""


@dataclass
class Reservation:
    """One guess that may be checked, and the count as it was written down for it."""

    door: Door
    until: datetime
    row: GuessCount | None


def door_of(address: str, *, browser_key: str = "") -> Door:
    """The door at which entries for this address are counted; the browser must be known to the account."""
    return Door(keys.name_key(normalised_address(address)), browser_key)


def look(door: Door, *, now: datetime) -> GuessCount | None:
    """The count at this door; None if there is nothing to count. Raises Locked."""
    row = _row_of(door)
    if _as_of(row, now).is_locked:
        raise Locked
    return row


def knock(
    door: Door, ask: Callable[..., tuple[tuple[Any, ...], AnyAccount | None]], *, now: datetime
) -> tuple[AnyAccount | None, Reservation]:
    """The account that `ask` finds while it carries out KNOCK with the values it is given, and what `reserve` returns.

    Raises what that raises.
    """
    first = lockout.reserved(lockout.Count(), now=now)
    key = door.name_key, door.browser_key
    (begun, *counted), account = ask(*key, *key, first.wrong, list(first.pending), now)
    if begun is not None:
        return account, Reservation(door, first.pending[-1], _counted(door, begun, first, account=account, now=now))
    if counted[0] is None:  # somebody else has written the first one at this very moment
        row = _row_of(door)
    else:
        as_read = dict(zip(COUNTED, counted, strict=True))
        row = GuessCount(**as_read, name_key=door.name_key, browser_key=door.browser_key)
    return account, reserve(door, row, account=account, now=now)


def is_full(row: GuessCount | None, *, now: datetime) -> bool:
    """Whether a reservation would only be told to wait."""
    return _as_of(row, now).is_full


def reserve(door: Door, row: GuessCount | None, *, account: Account | None, now: datetime) -> Reservation:
    """A guess that may be checked, and has to be settled; the row is the count as it has just been read.

    Raises Locked, or StillChecking while as many are being checked as may be wrong.
    """
    while True:
        count = _as_of(row, now)
        if count.is_locked:
            raise Locked
        if count.is_full:
            raise StillChecking
        after = lockout.reserved(count, now=now)
        if row is None:
            reserved = _new_row(door, after, account=account, now=now)
        else:
            reserved = row if _replaced(row, after, account=account, by=_RESERVED) else None
        if reserved:
            return Reservation(door, after.pending[-1], reserved)
        row = _row_of(door)


def settle_wrong(reservation: Reservation, *, now: datetime) -> GuessCount | None:
    """Counts the guess as wrong; the count if that begins a lockout. Raises TakenForDead."""
    while row := reservation.row:
        was_locked = row.wrong >= lockout.WRONG_ENTRIES_BEFORE_LOCKOUT
        after = lockout.settled_wrong(_as_of(row, now), reservation.until, now=now)
        if after is None:
            break
        if _replaced(row, after, holding=reservation):
            return row if after.is_locked and not was_locked else None
        reservation.row = _row_of(reservation.door)
    raise TakenForDead


def settle_right(reservation: Reservation, *, now: datetime) -> None:
    """Clears the wrong ones; raises TakenForDead."""
    while row := reservation.row:
        after = lockout.settled_right(_as_of(row, now), reservation.until, now=now)
        if after is None:
            break
        if _replaced(row, after, holding=reservation):
            return
        reservation.row = _row_of(reservation.door)
    raise TakenForDead


def withdraw(reservation: Reservation, *, now: datetime) -> None:
    """Nothing could be checked, so nothing counts; if there is no reservation any more, all stays as it is."""
    while row := reservation.row:
        after = lockout.withdrawn(_as_of(row, now), reservation.until)
        if after is None or _replaced(row, after, holding=reservation):
            return
        reservation.row = _row_of(reservation.door)


def lift(account: Account, *, now: datetime) -> None:
    """Forgives the wrong entries at the account's name, in known browsers and in all others."""
    name_key = keys.name_key(account.address)
    # In one order: two transactions that lift several counts must not wait for each other.
    counts = GuessCount.objects.filter(name_key=name_key).order_by("pk")
    browser_keys = list(counts.values_list("browser_key", flat=True))
    for door in [Door(name_key, key) for key in browser_keys]:
        while (row := _row_of(door)) and not _replaced(row, lockout.lifted(_as_of(row, now), now=now)):
            pass


def guessed_at(accounts: Iterable[Account]) -> list[Account]:
    """Those of the accounts at whose names somebody has guessed, in known browsers or in others."""
    by_name = {account.address: account for account in accounts}
    by_key = {key: by_name[address] for address, key in keys.name_keys(by_name).items()}
    guessed = GuessCount.objects.filter(name_key__in=by_key).values_list("name_key", flat=True).distinct()
    return [by_key[key] for key in guessed]


def abandoned(*, now: datetime) -> list[GuessCount]:
    """The counts with checks that may have been abandoned."""
    return list(
        GuessCount.objects.filter(changed_at__lte=now - lockout.LEASE).exclude(pending=[]).select_related("account")
    )


def settle_abandoned(row: GuessCount, *, now: datetime) -> bool:
    """Counts the checks in it whose processes died as wrong; whether that begins a lockout."""
    after = _as_of(row, now)
    return _replaced(row, after) and after.is_locked


def forget_quiet_names(*, now: datetime) -> int:
    """Removes the counts that say nothing any more; how many."""
    quiet = GuessCount.objects.filter(
        changed_at__lte=now - lockout.FORGOTTEN_AFTER, wrong__lt=lockout.WRONG_ENTRIES_BEFORE_LOCKOUT, pending=[]
    )
    removed, _ = quiet.delete()
    return removed


def _row_of(door: Door) -> GuessCount | None:
    rows = _kept().rows(name_key=door.name_key, browser_key=door.browser_key)
    return GuessCount(**rows[0]) if rows else None


@cache
def _kept() -> Composed:
    def compose(*, name_key: str, browser_key: str) -> QuerySet[GuessCount, Any]:
        return GuessCount.objects.filter(name_key=name_key, browser_key=browser_key).values()

    return Composed(compose, name_key=str, browser_key=str)


def _new_row(door: Door, count: lockout.Count, *, account: Account | None, now: datetime) -> GuessCount | None:
    """The first count at this door; None if somebody else has just made one."""
    account_id = account.pk if account else None
    added = _FIRST.returned(door.name_key, door.browser_key, account_id, count.wrong, list(count.pending), now)
    return _counted(door, added[0], count, account=account, now=now) if added else None


def _counted(door: Door, key: int, count: lockout.Count, *, account: Account | None, now: datetime) -> GuessCount:
    """The row that has just been added."""
    return GuessCount(
        pk=key,
        name_key=door.name_key,
        browser_key=door.browser_key,
        account_id=account.pk if account else None,
        wrong=count.wrong,
        pending=list(count.pending),
        changed_at=now,
    )


def _as_of(row: GuessCount | None, now: datetime) -> lockout.Count:
    if row is None:
        return lockout.Count()
    return lockout.as_of(lockout.Count(row.wrong, tuple(row.pending), row.changed_at), now)


def _replaced(
    row: GuessCount,
    after: lockout.Count,
    *,
    account: Account | None = None,
    by: Statement = _SETTLED,
    holding: Reservation | None = None,
) -> bool:
    """Whether the count was still as it was read, and is now as decided; a count of nothing is no row."""
    as_read = row.pk, row.version, [holding.until] if holding else []
    if after.is_nothing:
        return bool(_LAST.changed(*as_read))
    row.wrong, row.pending, row.version = after.wrong, list(after.pending), row.version + 1
    row.changed_at = after.changed_at or row.changed_at
    if account is not None:
        row.account_id = account.pk
    return bool(by.changed(row.wrong, row.pending, row.changed_at, row.version, row.account_id, *as_read))
