"""A password is entered: one guess at one sign-in name, reserved, checked and settled (rule R8)."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import guard, hashing
from kundenportal.domain.credentials.queries.door import count_and_account, known_browser_key
from kundenportal.kernel.connections import leave_connection
from kundenportal.kernel.refusal import Refusal

from . import lockouts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from kundenportal.domain.credentials.queries.door import AccountAtTheDoor
    from kundenportal.kernel.origin import Origin


SECONDS_OF_PATIENCE = 10.0  # far longer than five checks take, and than a hundred right ones, five by five
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 0.25  # seconds


class EntryWrong(Refusal):
    """Address and password do not belong together; says nothing about which accounts exist."""


@dataclass(frozen=True)
class Guess:
    """A single entry that may be checked, and the account it knocks at, if there is one."""

    account: AccountAtTheDoor | None
    _reservation: guard.Reservation
    _began_at: datetime

    def was_right(self) -> None:
        """Forgives the wrong ones before; belongs into the transaction in which being right has its effect.

        There it comes last, after the account: whoever lifts a lockout holds the account first, too. Raises
        guard.TakenForDead.
        """
        guard.settle_right(self._reservation, now=self._began_at)


@contextmanager
def one_guess(address: str, *, browser_id: str, now: datetime, origin: Origin) -> Iterator[Guess]:
    """The check of a single entry.

    EntryWrong raised inside counts as a wrong entry; whoever finds it right says so. Where there was no memory to check
    it, it counts as none. Whatever else happens settles nothing, and counts as wrong when its time is over. Raises
    guard.Locked without any check, and TooBusy if nothing can be checked now, or what came of it comes too late.
    """
    door = guard.door_of(address, browser_key=known_browser_key(address, browser_id))
    # At a locked name nobody waits, or is sent away unheard: that would keep the line from everybody else, and its
    # owner from what can be done.
    refuse_if_locked = partial(guard.look, door, now=now)
    with hashing.place_in_line(before_refusing=refuse_if_locked):
        for tried_at in _tries(door, now):
            with hashing.turn(before_waiting=refuse_if_locked):
                try:
                    account, reservation = guard.knock(door, partial(count_and_account, address), now=tried_at)
                except guard.StillChecking:
                    continue  # and let others have their turn meanwhile
                try:
                    yield Guess(account, reservation, tried_at)
                except EntryWrong:
                    _settle_wrong(reservation, account, now=tried_at, origin=origin)
                    raise
                except hashing.NoMemoryToHash:
                    guard.withdraw(reservation, now=tried_at)
                    raise
                return
    raise guard.StillChecking


def _tries(door: guard.Door, now: datetime) -> Iterator[datetime]:
    """When to try: at once, and then whenever there seems to be room, for a while. Raises Locked meanwhile."""
    yield now
    begun_at, pause = time.monotonic(), SHORTEST_PAUSE
    while (waited := time.monotonic() - begun_at) < SECONDS_OF_PATIENCE:
        tried_at = now + timedelta(seconds=waited)
        if not guard.is_full(guard.look(door, now=tried_at), now=tried_at):
            yield tried_at
        # A hundred who look again and again would take the processor from those whose checks they wait for.
        leave_connection()
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _settle_wrong(
    reservation: guard.Reservation, account: AccountAtTheDoor | None, *, now: datetime, origin: Origin
) -> None:
    refused = partial(audit.record, Event.SIGN_IN_REFUSED, subject=account, now=now, origin=origin)
    try:
        with transaction.atomic():
            locked = guard.settle_wrong(reservation, now=now)
            refused()
            if locked:
                lockouts.begin(locked, account, now=now, origin=origin)
    except guard.TakenForDead:
        refused()  # for the desk to read; whoever entered it is not told
        raise
