"""The memory of everything the portal is made of, database included, once it has been used.

python -m bench.memory
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench import results
from bench.served import PASSWORD, Served, move_in, person, served_portal
from bench.visitors import AT_ONCE, Visitor, at_once, load
from journeys.demonstration import STAFF, Demonstration

if TYPE_CHECKING:
    from journeys.serving import Portal

SECONDS = 5.0
DESK = ("/desk/", "/desk/accounts/", "/desk/intakes/", "/desk/imports/", "/desk/mails/", "/desk/trail/", "/edit/")


def come_in(portal: Portal, served: Served) -> None:
    """What happens in a morning, at eight times at once: people sign in and look around."""
    move_in(portal)
    door = served.door
    visitors = [Visitor(door.url) for _ in range(AT_ONCE)]
    at_once(AT_ONCE, SECONDS, lambda who, n: visitors[who].sign_in(door, person(n * AT_ONCE + who), PASSWORD))
    cookie = "; ".join(f"{name}={value}" for name, value in visitors[0].cookies.items())
    load(door.url, seconds=SECONDS)
    load(door.url, cookie=cookie, seconds=SECONDS)


def work(portal: Portal, served: Served) -> None:
    """What then happens at the desk, at eight times at once."""
    staff = replace(served, address=STAFF, password=Demonstration.of(portal).passwords[STAFF])
    clerks = [Visitor(served.url) for _ in range(AT_ONCE)]
    for clerk in clerks:
        clerk.sign_in(served.door, staff.address, staff.password)
    at_once(AT_ONCE, SECONDS, lambda who, n: _look_at(clerks[who], DESK[n % len(DESK)]))


def _look_at(clerk: Visitor, path: str) -> None:
    assert clerk.get(path).status == 200, path


def figures() -> dict[str, float]:
    """Prints what each part of it takes, of pages that are shared the share; MB, PSS."""
    with served_portal(ENTRIES_PER_MINUTE="60000") as (portal, served):
        fresh = served.memory()
        come_in(portal, served)
        of_customers = served.memory()
        work(portal, served)
        parts = served.memory_of_parts()
        total = served.memory()
    print(f"unused {fresh:.0f} MB; in use", ", ".join(f"{part} {mb:.0f}" for part, mb in parts.items()), flush=True)
    return {"memory_of_customers_pss_mb": round(of_customers), "memory_pss_mb": round(total)}


if __name__ == "__main__":
    results.show(figures())
