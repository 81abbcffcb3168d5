"""How often one network may try to come in: gently enough for a large office, too seldom to keep us busy.

It does not guard passwords; `lockout` does, per name and in the database. This keeps a flood from reaching the database
at all, and so knows nothing but an address and the time: each network has a bucket that holds a minute's worth of
entries, fills again steadily, and is drawn from with every entry.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
# An office of some hundred people behind one address, all of whom come in within the same minutes of the morning.
ENTRIES_PER_MINUTE = 60
# Browsers and proxies keep a connection, and with it one web process, for many requests. However many processes share
# the allowance, nobody who forgot a password may meet the limit of the one they happen to talk to.
LEAST_PER_PROCESS = 20
# A refusal is held back for a while, which costs a waiting thread of a web process and nothing else.
LONGEST_HOLD = timedelta(seconds=1)
HELD_AT_MOST = 32
# What one customer of a provider gets: whoever has one IPv6 address has all those with the same first 64 bits.
BITS_OF_AN_IPV6_NETWORK = 64


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many entries a bucket holds, and how fast it fills: a full one in a minute."""

    per_minute: int

    @property
    def between_entries(self) -> timedelta:
        """The time in which room for one more entry comes up."""
        return MINUTE / self.per_minute


@dataclass(frozen=True, slots=True)
class Bucket:
    """The entries left to one network, told by the moment at which none would be missing any more."""

    full_at: datetime


def share_of_a_process(entries_per_minute: int, *, processes: int) -> Allowance:
    """What each of the processes grants by itself, so that together they grant about what was allowed."""
    share = -(-entries_per_minute // processes)
    return Allowance(max(share, min(entries_per_minute, LEAST_PER_PROCESS)))


def network_of(address: str) -> str:
    """Whose bucket an entry from that address draws from; everybody whose address is unknown shares one."""
    try:
        network = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(ipaddress.IPv6Network((int(network), BITS_OF_AN_IPV6_NETWORK), strict=False))


def wait_for_room(bucket: Bucket, allowance: Allowance, *, now: datetime) -> timedelta:
    """How long it takes until the bucket holds an entry; nothing if it does."""
    room_at = _sane(bucket, allowance, now) + allowance.between_entries - _span(allowance)
    return max(room_at - now, timedelta(0))


def drawn(bucket: Bucket, allowance: Allowance, *, now: datetime) -> Bucket:
    """The bucket with one entry less; it must hold one."""
    if wait_for_room(bucket, allowance, now=now):
        raise ValueError("There is nothing to draw from an empty bucket.")
    return Bucket(_sane(bucket, allowance, now) + allowance.between_entries)


def _sane(bucket: Bucket, allowance: Allowance, now: datetime) -> datetime:
    # Never more than full, and, should the clock have been set back, never emptier than empty.
    return min(max(bucket.full_at, now), now + _span(allowance))


def _span(allowance: Allowance) -> timedelta:
    # Not a minute exactly: the time between entries is rounded to microseconds.
    return allowance.between_entries * allowance.per_minute
