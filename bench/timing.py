"""Whether the time of a refusal tells how an address stands: every state beside an address nobody has.

python -m bench.timing [ROUNDS]
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.served import FORM, Served, served_portal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeys.serving import Portal

ROUNDS = 5
NAMES = 40  # in each state
ENTRIES = 4  # wrong ones at a name before the counts are taken back: the fifth would lock it
UNKNOWN = "unknown"
STATES = (UNKNOWN, "issued", "expired", "suspended", "active")
WRONG = "fkmr-wy34-fkmr-wy34-fkmr-wy34-fkmr"
PREPARE = """
import time
from datetime import timedelta
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.verification import hashed_own_password
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
now = clock.now()
for state in {states}:
    for number in range({names}):
        access.issue_access(address=f"{{state}}{{number}}@example.org", name="Kita", organisation="Kita",
            kind=Kind.PERSONAL, role=Role.CUSTOMER, language=Language.GERMAN, issued_by=None, now=now,
            origin=COMMAND_LINE)
while AccessLetter.objects.filter(keyed_hash="", account__first_signed_in_at=None).exists():
    time.sleep(0.2)
AccessLetter.objects.filter(account__address__startswith="expired").update(
    runs_out_at=now - timedelta(days=1), expires_at=now - timedelta(days=1)
)
inside = Account.objects.filter(address__regex="^(active|suspended)[0-9]")
inside.update(first_signed_in_at=now, own_password_chosen_at=now, password=hashed_own_password("Regen auf 47 Ziegel"))
AccessLetter.objects.filter(account__in=inside).update(keyed_hash="")
inside.filter(address__startswith="suspended").update(suspended_at=now)
"""
FORGIVE = """
from kundenportal.domain.credentials.models import GuessCount
GuessCount.objects.all().delete()
"""


def measure(portal: Portal, served: Served, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each refusal; the nth of each state were measured one after the other, in any order."""
    portal.python(PREPARE.format(states=json.dumps(STATES[1:]), names=NAMES))
    cookie, token = served.form()
    took: dict[str, list[float]] = {state: [] for state in STATES}
    for _ in range(rounds):
        for number in range(NAMES * ENTRIES):
            for state in random.sample(STATES, len(STATES)):
                took[state].append(_refusal(served, cookie, token, f"{state}{number % NAMES}@example.org"))
        portal.python(FORGIVE)
    return took


def _refusal(served: Served, cookie: str, token: str, address: str) -> float:
    entry = {"csrfmiddlewaretoken": token, "address": address, "password": WRONG}
    # From everywhere, so that nobody is asked to come back later.
    source = f"198.51.{random.randrange(256)}.{random.randrange(256)}"  # noqa: S311 - nothing secret
    connection = served.connect()
    connection.connect()
    begun = time.perf_counter()
    connection.request(
        "POST", "/sign-in/", urlencode(entry), {"Cookie": f"csrf={cookie}", "X-Forwarded-For": source, **FORM}
    )
    answer = connection.getresponse()
    answer.read()
    ended = time.perf_counter()
    connection.close()
    assert answer.status == 200, answer.status
    return (ended - begun) * 1000


def interval_of_median(differences: Sequence[float]) -> tuple[float, float]:
    """Where the median lies with 95 % certainty, whatever the distribution (by the sign test)."""
    ordered = sorted(differences)
    reach = 1.96 * math.sqrt(len(ordered)) / 2
    middle = len(ordered) / 2
    return ordered[max(0, math.floor(middle - reach))], ordered[min(len(ordered) - 1, math.ceil(middle + reach))]


def figures(rounds: int = ROUNDS) -> dict[str, float]:
    """Prints each state's median and how much longer a refusal takes there than at an unknown address; the most."""
    with served_portal() as (portal, served):
        took = measure(portal, served, rounds)
    gaps = {}
    for state in STATES:
        differences = [here - there for here, there in zip(took[state], took[UNKNOWN], strict=True)]
        low, high = interval_of_median(differences)
        gaps[state] = statistics.median(took[state]) - statistics.median(took[UNKNOWN])
        print(
            f"{state:>10}: {len(differences)} refusals, median {statistics.median(took[state]):6.2f} ms; "
            f"than unknown {statistics.median(differences):+6.2f} ms (95 %: {low:+.2f} to {high:+.2f})",
            flush=True,
        )
    return {"refusal_gap_of_medians_ms": round(max(map(abs, gaps.values())), 2)}


if __name__ == "__main__":
    figures(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
