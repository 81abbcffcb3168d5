"""How long it takes from the command to the first page: the very first time, and from then on.

python -m bench.starting [STARTS]
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING

from bench import results
from journeys.serving import new_portal

if TYPE_CHECKING:
    from journeys.serving import Portal

STARTS = 5


def measure(portal: Portal, starts: int) -> list[float]:
    """Seconds of each start; the first one makes the database."""
    return [_seconds_of_a_start(portal) for _ in range(starts + 1)]


def _seconds_of_a_start(portal: Portal) -> float:
    begun = time.perf_counter()
    with portal.running("serve"):
        return time.perf_counter() - begun


def figures(starts: int = STARTS) -> dict[str, float]:
    """Prints every start; the median of those that find a database, and the one that makes it."""
    with new_portal() as portal:
        first, *others = measure(portal, starts)
    print(f"first start {first:.1f} s, then {' '.join(f'{each:.1f}' for each in others)}", flush=True)
    return {
        "first_page_seconds": round(statistics.median(others), 2),
        "first_page_of_a_new_portal_seconds": round(first, 1),
    }


if __name__ == "__main__":
    results.show(figures(int(sys.argv[1]) if len(sys.argv) > 1 else STARTS))
