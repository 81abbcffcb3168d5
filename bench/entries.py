"""Sign-ins beside what the machine hashes, and what refusing a locked name costs.

python -m bench.entries [ROUNDS]
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import nacl.bindings as sodium
from argon2 import PasswordHasher

from bench import results
from bench.bare.serving import served_bare
from bench.served import PASSWORD, move_in, person, served_portal
from bench.visitors import AT_ONCE, Door, Visitor, Work, at_once
from kundenportal.domain.credentials.rules import hashing_cost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS = 5
SECONDS = 5.0
PAIRS = 30  # of a sign-in and a hash, one after the other, in each round
LOCKED = "buchhaltung@beispielhausen.example.org"  # the demonstration has somebody who is locked

# What programs in Python hash with, the bare Django beside us among them.
usual = PasswordHasher(time_cost=hashing_cost.PASSES, memory_cost=hashing_cost.MEMORY, parallelism=1)
HASH = usual.hash(PASSWORD)


def usual_hash() -> None:
    """One Argon2id by argon2-cffi."""
    usual.verify(HASH, PASSWORD)


def own_hash() -> None:
    """One Argon2id as the portal does it: by libsodium, which takes two thirds of the time."""
    sodium.crypto_pwhash_str_verify(HASH.encode(), PASSWORD.encode())


def hash_rate(seconds: float, hashed: Callable[[], None]) -> float:
    """Hashes a second, on as many threads as there are processors, with nothing else to do."""
    return at_once(os.cpu_count() or 1, seconds, lambda *_: hashed()).rate


def entries(door: Door, seconds: float) -> Work:
    """Right entries by several people at once, without the pages before and after."""
    visitors = [Visitor(door.url, source=f"198.51.100.{person}") for person in range(AT_ONCE)]
    tokens = [visitor.knock(door) for visitor in visitors]
    cookies = [dict(visitor.cookies) for visitor in visitors]

    def enter(who: int, number: int) -> None:
        # As somebody who has just come: a session of its own each time.
        visitors[who].cookies = dict(cookies[who])
        answer = visitors[who].enter(door, tokens[who], person(number * AT_ONCE + who), PASSWORD)
        assert answer.status == 302, answer

    return at_once(AT_ONCE, seconds, enter)


def full_sign_ins(door: Door, people: int, seconds: float) -> Work:
    """Page, entry and home, by so many people at once."""
    visitors = [Visitor(door.url, source=f"198.51.100.{person}") for person in range(people)]
    return at_once(people, seconds, lambda who, n: visitors[who].sign_in(door, person(n * people + who), PASSWORD))


def overhead(door: Door, pairs: int, hashed: Callable[[], None]) -> float:
    """Milliseconds of a full sign-in that are not its hash's, of somebody who is alone at the door."""
    took: list[tuple[float, float]] = []
    with Visitor(door.url, source="198.51.100.99") as visitor:
        for number in range(pairs + 2):
            sign_in = _milliseconds(partial(visitor.sign_in, door, person(number), PASSWORD))
            took.append((sign_in, _milliseconds(hashed)))
    # The first ones warm up.
    return statistics.median(each for each, _ in took[2:]) - statistics.median(each for _, each in took[2:])


def refusals(door: Door, seconds: float) -> Work:
    """Entries for a name that is locked, by several people at once."""
    visitors = [Visitor(door.url, source=f"198.51.100.{person}") for person in range(AT_ONCE)]
    tokens = [visitor.knock(door) for visitor in visitors]

    def enter(who: int, number: int) -> None:
        answer = visitors[who].enter(door, tokens[who], LOCKED, f"falsch {number}")
        assert answer.status == 403, answer

    return at_once(AT_ONCE, seconds, enter)


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _round(ours: Door, bare: Door, seconds: float, pairs: int) -> dict[str, float]:
    # The hash rates before and after whatever is measured against them: they change with the hour.
    first, first_own = _hash_rates(seconds)
    entered = entries(ours, seconds)
    middle, middle_own = _hash_rates(seconds)
    full = full_sign_ins(ours, AT_ONCE, seconds)
    last, last_own = _hash_rates(seconds)
    bare_full = full_sign_ins(bare, AT_ONCE, seconds)
    return {
        "hashes a second": middle,
        "hashes a second as the portal does": middle_own,
        "entries a second": entered.rate,
        "entries ÷ hashes": entered.rate / statistics.mean([first, middle]),
        "entries ÷ hashes as the portal does": entered.rate / statistics.mean([first_own, middle_own]),
        "full sign-ins a second": full.rate,
        "full sign-ins ÷ hashes": full.rate / statistics.mean([middle, last]),
        "full sign-ins ÷ hashes as it does": full.rate / statistics.mean([middle_own, last_own]),
        "bare full sign-ins ÷ hashes": bare_full.rate / last,
        "ms beyond the hash": overhead(ours, pairs, own_hash),
        "bare ms beyond the hash": overhead(bare, pairs, usual_hash),
        "refusals of a locked name a second": refusals(ours, seconds).rate,
    }


def _hash_rates(seconds: float) -> tuple[float, float]:
    return hash_rate(seconds / 2, usual_hash), hash_rate(seconds / 2, own_hash)


def figures(rounds: int = ROUNDS, seconds: float = SECONDS) -> dict[str, float]:
    """Prints every round; the medians of them, and of the ratios within a round."""
    with served_portal(ENTRIES_PER_MINUTE="60000") as (portal, served), served_bare(portal) as bare:
        move_in(portal)
        _round(served.door, bare, 1, 5)  # warms up
        found = [_round(served.door, bare, seconds, PAIRS) for _ in range(rounds)]
    for name in found[0]:
        print(
            f"{name:<36} {_middle(found, name):8.2f}   ({' '.join(f'{each[name]:.2f}' for each in found)})", flush=True
        )
    return {
        "sign_ins_over_hash_rate": round(_middle(found, "entries ÷ hashes"), 2),
        "full_sign_ins_over_hash_rate": round(_middle(found, "full sign-ins ÷ hashes"), 2),
        "sign_ins_over_own_hash_rate": round(_middle(found, "entries ÷ hashes as the portal does"), 2),
        "full_sign_ins_over_own_hash_rate": round(_middle(found, "full sign-ins ÷ hashes as it does"), 2),
        "sign_in_overhead_ms": round(_middle(found, "ms beyond the hash"), 1),
        "locked_refusals_per_second": round(_middle(found, "refusals of a locked name a second")),
    }


def _middle(found: Sequence[dict[str, float]], name: str) -> float:
    return statistics.median(each[name] for each in found)


if __name__ == "__main__":
    results.show(figures(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
