"""The sign-in page and the home, as fast as they come, each beside the page of a bare Django with allauth.

python -m bench.pages [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys

from bench import results
from bench.bare.serving import served_bare
from bench.served import PASSWORD, move_in, person, served_portal
from bench.visitors import Door, Load, Visitor, load

ROUNDS = 7
SECONDS = 4.0


def measure(ours: Door, bare: Door, rounds: int) -> dict[str, list[Load]]:
    """Each page in each round, ours and the other directly after one another; the first round warms up."""
    pages = {
        "sign-in page": (ours.url + ours.page, ""),
        "bare sign-in page": (bare.url + bare.page, ""),
        "home": (ours.url + ours.home, _session(ours)),
        "bare home": (bare.url + bare.home, _session(bare)),
    }
    found: dict[str, list[Load]] = {name: [] for name in pages}
    for _ in range(rounds + 1):
        for name, (url, cookie) in pages.items():
            found[name].append(load(url, cookie=cookie, seconds=SECONDS))
    return {name: loads[1:] for name, loads in found.items()}


def _session(door: Door) -> str:
    with Visitor(door.url) as visitor:
        visitor.sign_in(door, person(0), PASSWORD)
        return "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())


def _ratio(ours: list[Load], bare: list[Load]) -> float:
    return statistics.median(here.rate / there.rate for here, there in zip(ours, bare, strict=True))


def figures(rounds: int = ROUNDS) -> dict[str, float]:
    """Prints how often each page came in a second; the medians of the rounds, and of the ratios within a round."""
    with served_portal(ENTRIES_PER_MINUTE="60000") as (portal, served), served_bare(portal) as bare:
        move_in(portal)
        found = measure(served.door, bare, rounds)
    for name, loads in found.items():
        rates = " ".join(f"{each.rate:.0f}" for each in loads)
        middle = {part: statistics.median(getattr(each, part) for each in loads) for part in ("rate", "p50", "p95")}
        print(
            f"{name:<18} {middle['rate']:6.0f} a second, p50 {middle['p50']:5.1f} ms, p95 {middle['p95']:5.1f} ms"
            f"   ({rates})",
            flush=True,
        )
    return {
        "sign_in_page_over_bare": round(_ratio(found["sign-in page"], found["bare sign-in page"]), 2),
        "home_over_bare": round(_ratio(found["home"], found["bare home"]), 2),
        "home_pages_per_second": round(statistics.median(each.rate for each in found["home"])),
        "home_p95_ms": round(statistics.median(each.p95 for each in found["home"]), 1),
    }


if __name__ == "__main__":
    results.show(figures(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
