from __future__ import annotations

import csv
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .landscape import landscape as new_landscape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .landscape import Landscape

PEOPLE = 40
FAULT = re.compile("Traceback|Internal Server Error|A process is copied with")


def issue(landscape: Landscape, addresses: list[str]) -> None:
    """Access is issued to all of them by an import; their letters are queued."""
    table = landscape.host("web1").directory / "people.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["E-Mail", "Name", "Organisation"])
        rows.writerows([address, f"Person {number}", "Kita Musterstadt"] for number, address in enumerate(addresses))
    landscape.command("web1", "import", str(table))


@pytest.fixture(scope="session")
def landscape() -> Iterator[Landscape]:
    """The portal on many machines, for all tests here: each leaves it running."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("only root may make networks, and only Linux has them")
    # Short, because the path of a socket may have 107 characters.
    directory = Path(tempfile.mkdtemp(prefix="kundenportal-machines-"))
    directory.chmod(0o711)
    try:
        with new_landscape(directory) as there:
            yield there
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def people(landscape: Landscape) -> list[tuple[str, str]]:
    """Who has access: addresses, and the passwords in their letters."""
    addresses = [f"person{number}@example.org" for number in range(PEOPLE)]
    issue(landscape, addresses)
    landscape.mail.wait_until(lambda: len(landscape.mail.received) >= PEOPLE, seconds=120)
    return [(address, landscape.mail.mail_to(address).password) for address in addresses]


@pytest.fixture(scope="session")
def proxy(landscape: Landscape) -> str:
    """Where people come in."""
    return landscape.host("proxy").address


@pytest.fixture(autouse=True)
def _everything_runs(landscape: Landscape) -> Iterator[None]:
    """No test leaves a fault of ours in a log."""
    seen = {name: len(program.said) for name, program in landscape.programs.items()}
    yield
    for name in ("web1", "web2", "worker1", "worker2"):
        said = landscape.programs[name].said
        fresh = said[seen.get(name, 0) :] if len(said) >= seen.get(name, 0) else said
        faults = [line for line in fresh.splitlines() if FAULT.search(line)]
        assert not faults, f"{name}: {fresh[-4000:]}"
