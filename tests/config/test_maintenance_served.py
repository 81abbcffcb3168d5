"""Maintenance is shown by the real portal while its database is dead, and by a file while the portal is."""

from __future__ import annotations

import re
import signal
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import psutil
import pytest

from .loaded import command
from .processes import SECONDS_AT_MOST, Portal, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADING = "Wir arbeiten gerade am Kundenportal"
WEB_PROCESSES, SECONDS_ONCE_NOTICED = 2, 3
KEY = "a" * 32


def answer_of(portal: Portal, path: str = "/") -> tuple[int, str, float]:
    """Status, page, and how long it took."""
    begun = time.monotonic()
    try:
        # As somebody who was signed in: without a session few pages need a database at all.
        request = urllib.request.Request(f"http://127.0.0.1:{portal.port}{path}", headers={"Cookie": f"session={KEY}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), time.monotonic() - begun
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode(), time.monotonic() - begun


def is_open(portal: Portal) -> bool:
    """Whether customers are let in."""
    return answer_of(portal)[0] == 200


@pytest.fixture
def portal(ready_data_dir: Path) -> Iterator[Portal]:
    """A portal that is served."""
    portal = Portal(ready_data_dir, WEB_PROCESSES=str(WEB_PROCESSES))
    yield portal
    portal.process.send_signal(signal.SIGCONT)
    portal.clean_up()


def test_the_page_outlives_the_database(portal: Portal) -> None:
    assert is_open(portal)
    begun = command("maintenance", "begin", "--for", "2h", **portal.settings)
    assert (begun.returncode, begun.stderr) == (0, "")
    status, page, _ = answer_of(portal)  # at once, in every process
    assert (status, HEADING in page) == (503, True)

    # As long as the supervisor sleeps, nobody starts the database again.
    portal.process.send_signal(signal.SIGSTOP)
    database = portal.part("postgres")
    parts = database.children(recursive=True)
    database.kill()
    psutil.wait_procs(parts, timeout=SECONDS_AT_MOST)  # they notice and end by themselves
    waits = []
    for path in ("/", "/profile/", "/sign-in/", "/") * 5:
        status, page, seconds = answer_of(portal, path)
        assert (status, HEADING in page) == (503, True), portal.complaints.read_text()[-6000:]
        waits.append(seconds)
    assert sum(seconds > SECONDS_ONCE_NOTICED for seconds in waits) <= WEB_PROCESSES, "each notices it once"
    assert "We are working on the customer portal" in page

    portal.process.send_signal(signal.SIGCONT)
    eventually(lambda: command("maintenance", "end", **portal.settings).returncode == 0)
    eventually(lambda: is_open(portal))


def test_the_command_works_without_the_portal_and_leaves_a_page_for_the_proxy(ready_data_dir: Path) -> None:
    words = (("begin",), ("list",), ("end",), ("end",))
    done = [command("maintenance", *each, DATA_DIR=ready_data_dir) for each in words]
    assert [each.returncode for each in done] == [0, 0, 0, 1]
    assert re.match(r"\d+  running  20", done[1].stdout)
    assert done[3].stderr == "No maintenance is under way.\n"
    page = (ready_data_dir / "maintenance" / "unavailable.html").read_text()
    assert "Das Kundenportal ist gerade nicht erreichbar" in page
    command("maintenance", "begin", DATA_DIR=ready_data_dir)
    assert HEADING in (ready_data_dir / "maintenance" / "unavailable.html").read_text()


def test_a_database_of_the_operators_that_is_away_is_said_in_one_sentence(data_dir: Path) -> None:
    done = command(
        "maintenance", "begin", DATA_DIR=data_dir, DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/none"
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("kundenportal: The database cannot be used:")
    assert "Traceback" not in done.stderr
