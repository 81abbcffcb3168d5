"""The portal as it is measured: a demonstration in a directory of its own, served by `kundenportal`."""

from __future__ import annotations

import http.client
import re
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import psutil

from bench.visitors import Door
from journeys.demonstration import CUSTOMER, Demonstration
from journeys.people import let_in
from journeys.serving import new_portal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journeys.serving import Portal

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = ("supervisor", "web", "worker")
PEOPLE = 40
PASSWORD = "Regen auf 47 Ziegel"  # noqa: S105 - of nobody


@dataclass(frozen=True)
class Served:
    """A portal that answers, and what it takes to sign in to it."""

    url: str
    address: str
    password: str
    process: psutil.Process

    @property
    def door(self) -> Door:
        """Where one signs in to it."""
        return Door(self.url, "/", "/sign-in/", "address", "password")

    def connect(self) -> http.client.HTTPConnection:
        """A connection to it."""
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)

    def form(self) -> tuple[str, str]:
        """A CSRF cookie, and the token that goes with it."""
        connection = self.connect()
        connection.request("GET", "/")
        answer = connection.getresponse()
        found = TOKEN.search(answer.read().decode())
        assert found is not None
        return _cookies(answer)["csrf"], found[1]

    def sign_in(self, *, from_address: str = "198.51.100.1") -> tuple[int, str, float]:
        """The status, the session and the seconds of one right entry."""
        cookie, token = self.form()
        entry = {"csrfmiddlewaretoken": token, "address": self.address, "password": self.password}
        headers = {"Cookie": f"csrf={cookie}", "X-Forwarded-For": from_address, **FORM}
        connection = self.connect()
        begun = time.perf_counter()
        connection.request("POST", "/sign-in/", urlencode(entry), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, _cookies(answer).get("session", ""), time.perf_counter() - begun

    def memory(self) -> float:
        """MB of everything it is made of, database included, each page of memory counted once."""
        return sum(self.memory_of_parts().values())

    def processor(self) -> float:
        """Milliseconds of a processor all of it has used so far; other work on the machine has no part in it."""
        used = 0
        for member in self._family():
            with suppress(FileNotFoundError, ProcessLookupError):  # PostgreSQL's own helpers come and go
                for task in Path(f"/proc/{member.pid}/task").iterdir():
                    used += int((task / "schedstat").read_text().split()[0])
        return used / 1e6

    def memory_of_parts(self) -> dict[str, float]:
        """The same, by what the processes are."""
        parts: dict[str, float] = {}
        for member in self._family():
            with suppress(psutil.NoSuchProcess):  # likewise
                part = "supervisor" if member == self.process else member.name()
                part = part if part in PARTS else "postgres"
                parts[part] = parts.get(part, 0) + member.memory_full_info().pss / 1e6
        return parts

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def person(number: int) -> str:
    """The address of one of PEOPLE."""
    return f"person{number % PEOPLE}@example.org"


def move_in(portal: Portal) -> None:
    """So many people may sign in, each with PASSWORD."""
    let_in(portal, [person(number) for number in range(PEOPLE)], PASSWORD)


@contextmanager
def served_demonstration() -> Iterator[Served]:
    """A demonstration, served meanwhile as an operator would."""
    with served_portal() as (_, served):
        yield served


@contextmanager
def served_portal(**settings: str) -> Iterator[tuple[Portal, Served]]:
    """The same, and the portal itself, for whoever has to prepare something in it."""
    # The limit an operator gets without asking; the journeys, which all come from one address, have set it aside.
    others = psutil.Process().children()
    with new_portal(**{"ENTRIES_PER_MINUTE": "60", **settings}) as portal, portal.running("demo", "--serve"):
        ours = [child for child in psutil.Process().children() if child not in others]
        (process,) = [child for child in ours if "--serve" in child.cmdline()]
        yield portal, Served(portal.url, CUSTOMER, Demonstration.of(portal).passwords[CUSTOMER], process)


def _cookies(answer: http.client.HTTPResponse) -> Mapping[str, str]:
    pairs = (header.partition(";")[0].partition("=") for header in answer.headers.get_all("Set-Cookie", []))
    return {name: value for name, _, value in pairs}
