"""Whoever asks for pages while it is measured: as light as possible, for they share the portal's processors."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

SCRIPT = Path(__file__).with_name("pages.lua")
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
COOKIE = re.compile(rb"\r\nset-cookie: *([^=]+)=([^;\r]*)", re.IGNORECASE)
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
AT_ONCE = 8


@dataclass(frozen=True)
class Door:
    """Where one signs in, and what its fields are called."""

    url: str
    page: str
    form: str
    address: str
    password: str
    home: str = "/"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class Visitor:
    """A browser that keeps its connection and its cookies, and looks at nothing else in an answer."""

    def __init__(self, url: str, *, source: str = "") -> None:
        self._place = urlsplit(url).netloc
        self._host, _, self._port = self._place.partition(":")
        # It is believed, for it comes by way of this machine: so not everybody has the same address.
        self._source = f"X-Forwarded-For: {source}\r\n" if source else ""
        self._connection: socket.socket | None = None
        self.cookies: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def get(self, path: str) -> Answer:
        """The page."""
        return self._ask(f"GET {path} HTTP/1.1\r\n", "")

    def post(self, path: str, entry: Mapping[str, str]) -> Answer:
        """What follows from the entry."""
        return self._ask(
            f"POST {path} HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n", urlencode(entry)
        )

    def knock(self, door: Door) -> str:
        """The token that stands in the form of the sign-in page."""
        found = TOKEN.search(self.get(door.page).body)
        assert found is not None
        return found[1].decode()

    def enter(self, door: Door, token: str, address: str, password: str) -> Answer:
        """What follows from address and password."""
        return self.post(door.form, {"csrfmiddlewaretoken": token, door.address: address, door.password: password})

    def sign_in(self, door: Door, address: str, password: str) -> None:
        """From nothing to the home page, as somebody who comes in the morning."""
        self.cookies.clear()
        answer = self.enter(door, self.knock(door), address, password)
        assert answer.status == 302, answer
        assert self.get(door.home).status == 200

    def _ask(self, beginning: str, body: str) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = (
            f"{beginning}Host: {self._place}\r\n{self._source}Cookie: {cookies}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        received = self._answer_to((head + body).encode())
        while b"\r\n\r\n" not in received:
            received += self._more()
        headers, _, content = received.partition(b"\r\n\r\n")
        headers += b"\r\n"
        length = LENGTH.search(headers)
        assert length is not None, headers
        while len(content) < int(length[1]):
            content += self._more()
        for name, value in COOKIE.findall(headers):
            self.cookies[name.decode()] = value.decode()
        if b"\r\nConnection: close\r\n" in headers:
            self._hang_up()
        return Answer(int(headers[9:12]), content)

    def _answer_to(self, question: bytes) -> bytes:
        if self._connection is not None:
            # A server hangs up on who has been silent for a while.
            with suppress(ConnectionError):
                self._connection.sendall(question)
                if received := self._connection.recv(65536):
                    return received
        self._hang_up()
        self._connection = socket.create_connection((self._host, int(self._port)), timeout=60)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.sendall(question)
        return self._more()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _more(self) -> bytes:
        assert self._connection is not None
        more = self._connection.recv(65536)
        assert more, "the server has hung up"
        return more


@dataclass
class Work:
    """What several people did at once: how often, and for how long each time."""

    seconds: float
    took: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """How often in a second."""
        return len(self.took) / self.seconds


def at_once(people: int, seconds: float, act: Callable[[int, int], object]) -> Work:
    """As many people do it again and again; each is told who they are and for which time they do it."""
    work, begun = Work(seconds), time.perf_counter()
    faults: list[BaseException] = []

    def live(person: int) -> None:
        number = 0
        try:
            while (started := time.perf_counter()) < begun + seconds:
                act(person, number)
                work.took.append(time.perf_counter() - started)
                number += 1
        except BaseException as fault:  # noqa: BLE001 - raised again by whoever measures
            faults.append(fault)

    threads = [threading.Thread(target=live, args=(person,)) for person in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    # The last ones ended a little later.
    work.seconds = time.perf_counter() - begun
    return work


@dataclass(frozen=True)
class Load:
    """How a page stands up to being asked for as fast as it comes."""

    rate: float
    p50: float
    p95: float


def load(url: str, *, cookie: str = "", seconds: float, people: int = AT_ONCE) -> Load:
    """A page asked for by several people at once, each again as soon as they have it; milliseconds."""
    done = subprocess.run(
        ["wrk", "-t1", f"-c{people}", f"-d{seconds:g}s", "--timeout", "30s", "-s", str(SCRIPT), url, "--", cookie],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"rate (\S+) p50 (\S+) p95 (\S+) wrong (\d+)", done.stdout)
    assert found is not None, done.stdout
    assert found[4] == "0", done.stdout
    return Load(*(float(figure) for figure in found.groups()[:3]))
