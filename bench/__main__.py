"""Every measurement one after the other, a table at the end, and the same in results/latest.json.

python -m bench [--quick] [MEASUREMENT …]
"""

from __future__ import annotations

import argparse
import signal
import sys
from typing import TYPE_CHECKING

from bench import accounts, entries, flood, imports, large_pages, letters, memory, pages, results, starting, timing

if TYPE_CHECKING:
    from collections.abc import Callable

# Each beside what it does where it is only tried: fewer rounds, shorter ones, or less of everything.
MEASUREMENTS: dict[str, tuple[Callable[[], dict[str, float]], Callable[[], dict[str, float]]]] = {
    "starting": (starting.figures, lambda: starting.figures(starts=1)),
    "memory": (memory.figures, memory.figures),
    "pages": (pages.figures, lambda: pages.figures(rounds=1)),
    "entries": (entries.figures, lambda: entries.figures(rounds=1)),
    "large_pages": (large_pages.figures, lambda: large_pages.figures(rounds=1)),
    "letters": (letters.figures, lambda: letters.figures(letters=500)),
    "flood": (flood.figures, lambda: flood.figures(5, rounds=1)),
    "timing": (timing.figures, lambda: timing.figures(1)),
    "imports": (imports.figures, lambda: imports.figures(2_000)),
    "accounts": (accounts.figures, lambda: accounts.figures(20_000, 2)),
}


def main() -> None:
    """Measures, prints, and keeps the figures, each as soon as it is there; those of a quick run are not kept."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures what is promised about speed.")
    parser.add_argument("--quick", action="store_true", help="only to try it: rough figures, which are not kept")
    parser.add_argument("measurement", nargs="*", choices=[*MEASUREMENTS, []], help="all of them, unless named")
    arguments = parser.parse_args()
    # On the way out what is being measured is ended, too.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    figures: dict[str, float] = {}
    try:
        for name in arguments.measurement or MEASUREMENTS:
            print(f"\n{name}", flush=True)
            as_promised, quickly = MEASUREMENTS[name]
            measured = quickly() if arguments.quick else as_promised()
            figures |= measured
            if not arguments.quick:
                results.keep(measured)
    finally:
        results.show(figures)


if __name__ == "__main__":
    main()
