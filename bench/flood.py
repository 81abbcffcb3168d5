"""What whoever is signed in feels of a flood of sign-ins, from one address and from a hundred.

python -m bench.flood [SECONDS]
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.served import served_demonstration

if TYPE_CHECKING:
    from bench.served import Served

SECONDS = 30
ROUNDS = 3
PEOPLE = 8  # signed in, each asking for another page PAUSE after the last one was there
PAUSE = 0.1  # seconds; without it, they would keep the machine as busy as the flood does
HONEST_EVERY = 2.0  # seconds between sign-ins with the right password
CONNECTIONS = 32  # of the flood
SCRIPT = Path(__file__).with_name("flood.lua")


@dataclass
class Felt:
    """What somebody who has a right to be there saw of the portal."""

    pages: list[float] = field(default_factory=list)
    sign_ins: list[tuple[int, float]] = field(default_factory=list)
    memory_before: float = 0
    memory_after: float = 0
    flood: dict[int, int] = field(default_factory=dict)

    @property
    def p95(self) -> float:
        """Milliseconds within which 95 of 100 pages came."""
        return statistics.quantiles(self.pages, n=100)[94] * 1000

    @property
    def let_in(self) -> str:
        """How many of the honest sign-ins succeeded."""
        return f"{sum(status == 302 for status, _ in self.sign_ins)} of {len(self.sign_ins)}"


def measure(served: Served, *, addresses: int, seconds: float) -> Felt:
    """The portal in use, while so many addresses flood it."""
    felt = Felt(memory_before=served.memory())
    end = time.monotonic() + seconds
    session = served.sign_in()[1]
    people = [
        # One after the other, or else all of them would wait for one another each time, flood or none.
        threading.Thread(target=_look_at_pages, args=(served, session, felt, end, PAUSE * who / PEOPLE))
        for who in range(PEOPLE)
    ]
    people.append(threading.Thread(target=_sign_in_again_and_again, args=(served, felt, end)))
    flood = _flood(served, addresses, seconds) if addresses else None
    for person in people:
        person.start()
    for person in people:
        person.join()
    if flood:
        said, _ = flood.communicate()
        felt.flood = {int(status): int(count) for status, count in re.findall(r"status (\d+) (\d+)", said)}
    felt.memory_after = served.memory()
    return felt


def _look_at_pages(served: Served, session: str, felt: Felt, end: float, after: float) -> None:
    connection = served.connect()
    time.sleep(after)
    while time.monotonic() < end:
        begun = time.perf_counter()
        connection.request("GET", "/", headers={"Cookie": f"session={session}"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        felt.pages.append(time.perf_counter() - begun)
        time.sleep(PAUSE)


def _sign_in_again_and_again(served: Served, felt: Felt, end: float) -> None:
    while time.monotonic() < end:
        status, _, seconds = served.sign_in()
        felt.sign_ins.append((status, seconds))
        time.sleep(HONEST_EVERY)


def _flood(served: Served, addresses: int, seconds: float) -> subprocess.Popen[str]:
    cookie, token = served.form()
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--timeout", "30s", "-s", str(SCRIPT)]
    # Somewhere else in the world, it would not take its time from the portal's processors.
    return subprocess.Popen(
        ["wrk", *options, served.url, "--", str(addresses), cookie],
        env={**os.environ, "TOKEN": token},
        stdout=subprocess.PIPE,
        text=True,
    )


def figures(seconds: float = SECONDS, rounds: int = ROUNDS) -> dict[str, float]:
    """Prints what was felt without a flood and with two of them, in several rounds; the medians of the rounds.

    Calm and flooded are compared within a round, where the machine was as it was.
    """
    found = [{addresses: _felt(addresses, seconds) for addresses in (0, 1, 100)} for _ in range(rounds)]
    ratios = [max(felt[1].p95, felt[100].p95) / felt[0].p95 for felt in found]
    print("flooded ÷ calm, round by round:", *(f"{ratio:.2f}" for ratio in ratios))
    return {
        "calm_p95_ms": round(statistics.median(felt[0].p95 for felt in found), 1),
        "flood_p95_ms": round(statistics.median(max(felt[1].p95, felt[100].p95) for felt in found), 1),
        "flood_p95_ratio": round(statistics.median(ratios), 2),
        "flood_memory_ratio": round(
            max(each.memory_after for felt in found for each in felt.values())
            / statistics.median(felt[0].memory_after for felt in found),
            2,
        ),
    }


def _felt(addresses: int, seconds: float) -> Felt:
    with served_demonstration() as served:
        felt = measure(served, addresses=addresses, seconds=seconds)
    slowest = max(took for _, took in felt.sign_ins)
    print(
        f"{addresses:>3} addresses flood: {len(felt.pages) / seconds:4.0f} pages/s, p95 {felt.p95:6.1f} ms; "
        f"sign-ins {felt.let_in}, slowest {slowest:.2f} s; "
        f"memory {felt.memory_before:.0f} → {felt.memory_after:.0f} MB; flood {felt.flood}",
        flush=True,
    )
    return felt


if __name__ == "__main__":
    figures(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
