"""How fast letters go out: as many as an import has queued, written and handed to a mail server on this machine.

python -m bench.letters [LETTERS]
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from bench import results
from bench.imports import write_table
from journeys.serving import free_port, new_portal

if TYPE_CHECKING:
    from journeys.serving import Portal

LETTERS = 5_000
SECONDS_TO_WAIT = 600


def measure(portal: Portal, port: int, letters: int) -> float:
    """Letters a second, from the first that the mail server takes to the last."""
    table = write_table(portal.directory / "people.csv", letters)
    portal.command("import", str(table))  # while no worker runs
    sink = subprocess.Popen(
        [sys.executable, "-m", "bench.sink", str(port), str(letters)], stdout=subprocess.PIPE, text=True
    )
    try:
        with portal.running("serve"):
            said, _ = sink.communicate(timeout=SECONDS_TO_WAIT)
    finally:
        sink.kill()
        sink.wait()
    return float(said)


def figures(letters: int = LETTERS) -> dict[str, float]:
    """Prints how many letters were handed over in a second, by the portal as it is served."""
    port = free_port()
    with new_portal(SMTP_URL=f"smtp://127.0.0.1:{port}", MAIL_FROM="portal@example.org") as portal:
        rate = measure(portal, port, letters)
    print(f"{letters} letters handed over: {rate:.0f} a second", flush=True)
    return {"letters_per_second": round(rate)}


if __name__ == "__main__":
    results.show(figures(int(sys.argv[1]) if len(sys.argv) > 1 else LETTERS))
