"""How long a hundred thousand accounts take, from the file to letters in the queue.

python -m bench.imports [ROWS]
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from journeys.serving import COMMAND, new_portal

if TYPE_CHECKING:
    from pathlib import Path

    from journeys.serving import Portal

ROWS = 100_000
ORGANISATIONS = 2_000
ROWS_WRITTEN_FOR_EACH = 7  # the row itself, account, membership, mail, letter, two entries of the trail
PLAIN = """
import time
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE plain (id bigserial PRIMARY KEY, at timestamptz, text varchar(100))")
    begun = time.perf_counter()
    cursor.execute("INSERT INTO plain (at, text) SELECT now(), md5(n::text) || md5(n::text) "
        "FROM generate_series(1, {rows}) n")
    print(time.perf_counter() - begun)
    cursor.execute("DROP TABLE plain")
"""


def measure(portal: Portal, rows: int) -> tuple[float, float]:
    """Seconds of the whole command, and of writing as many rows that mean nothing."""
    # The database is made and brought up to date first.
    portal.issue_access("first@example.org", name="First", organisation="First")
    table = write_table(portal.directory / "people.csv", rows)
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-P", *COMMAND, "import", str(table), "--json"],
        env=portal.environment(),  # its own way of running commands has less patience
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.perf_counter() - begun
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["new"] == rows
    return took, float(portal.python(PLAIN.format(rows=rows * ROWS_WRITTEN_FOR_EACH)))


def write_table(path: Path, rows: int) -> Path:
    """A customer's table of so many new people."""
    with path.open("w", encoding="cp1252") as file:
        file.write("E-Mail;Vorname;Nachname;Einrichtung;Art;Sprache\n")
        for number in range(rows):
            organisation = number % ORGANISATIONS
            file.write(
                f"anna.beispiel{number}@einrichtung{organisation}.example.org;Anna;Müßig {number};"
                f"Einrichtung {organisation};personenbezogen;deutsch\n"
            )
    return path


def figures(rows: int = ROWS) -> dict[str, float]:
    """Prints how long the import took; the same for 100,000 rows, and beside the plain measure."""
    with new_portal() as portal:
        took, plain = measure(portal, rows)
    print(
        f"{rows} rows imported, letters queued: {took:.1f} s; as many rows that mean nothing: {plain:.1f} s", flush=True
    )
    return {
        "import_100k_seconds": round(took * ROWS / rows, 1),
        "import_to_plain_rows_ratio": round(took / plain, 1),
    }


if __name__ == "__main__":
    figures(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
