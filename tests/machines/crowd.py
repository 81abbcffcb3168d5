"""People who come to the portal through the proxy, as browsers do, and note each answer."""

from __future__ import annotations

import http.client
import random
import re
import ssl
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from .hosts import NETWORK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from email.message import Message

NAME = "portal.example.org"
# Whoever comes from outside has one of these addresses: all of them together are no flood.
VISITORS = [f"{NETWORK}.1.{number}" for number in range(1, 201)]
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PAGES = ("/", "/help/", "/news/", "/profile/", "/downloads/")
PAGES_PER_VISIT = 4
PATIENCE = 90  # seconds
UNKNOWN_AUTHORITY = ssl.create_default_context()
UNKNOWN_AUTHORITY.check_hostname, UNKNOWN_AUTHORITY.verify_mode = False, ssl.CERT_NONE


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    text: str


class Asked(NamedTuple):
    """A request and how it ended; status 0 where nothing came back."""

    begun: float
    ended: float
    what: str
    status: int
    reference: str

    @property
    def failed(self) -> bool:
        """Whether whoever asked saw that something is wrong."""
        return self.status not in {200, 302}


def ask(address: str, port: int, path: str, **headers: str) -> Answer:
    """One request to a web host itself, without the proxy."""
    connection = http.client.HTTPConnection(address, port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": NAME, **headers})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    finally:
        connection.close()


@dataclass
class Browser:
    """A browser with its cookies, at an address of its own."""

    proxy: str
    source: str = VISITORS[0]
    asked: list[Asked] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: http.client.HTTPSConnection | None = None

    def ask(self, method: str, path: str, entries: Mapping[str, str] | None = None) -> Answer:
        """An answer; every request is noted, also one that fails. Raises OSError or HTTPException."""
        begun, status, reference = time.monotonic(), 0, ""
        try:
            answer = self._ask(method, path, entries)
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        else:
            status, reference = answer.status, answer.headers.get("X-Request-Reference", "")
            return answer
        finally:
            self.asked.append(Asked(begun, time.monotonic(), f"{method} {path}", status, reference))

    def _ask(self, method: str, path: str, entries: Mapping[str, str] | None) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPSConnection(
                self.proxy, timeout=PATIENCE, context=UNKNOWN_AUTHORITY, source_address=(self.source, 0)
            )
        headers = {"Host": NAME, "Origin": f"https://{NAME}", "Accept-Language": "de"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if entries is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, urlencode(entries) if entries is not None else None, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode(errors="replace")
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel.value:
                    self.cookies[name] = morsel.value
        return Answer(answer.status, answer.headers, text)

    def get(self, path: str) -> Answer:
        """A page."""
        return self.ask("GET", path)

    def send(self, path: str, **entries: str) -> Answer:
        """A form, as its page was shown last."""
        found = TOKEN.search(self.get("/" if path == "/sign-in/" else path).text)
        assert found is not None, f"there is no form on {path}"
        return self.ask("POST", path, {"csrfmiddlewaretoken": found[1], **entries})

    def sign_in(self, address: str, password: str) -> bool:
        """Whether the entrance opens."""
        return self.send("/sign-in/", address=address, password=password).status == 302

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Its connection is closed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass
class Crowd:
    """What was asked by all of them."""

    asked: list[Asked] = field(default_factory=list)

    @property
    def failed(self) -> list[Asked]:
        """The requests whose sender saw that something is wrong."""
        return [each for each in self.asked if each.failed]

    def in_flight(self, since: float, until: float) -> list[Asked]:
        """What was asked before something was over, and not answered before it began."""
        return [each for each in self.asked if each.begun <= until and each.ended >= since]

    def sign_ins(self) -> list[Asked]:
        """The entries that were right and answered so."""
        return [each for each in self.asked if each.what == "POST /sign-in/" and each.status == 302]

    def first_good(self, moment: float) -> float:
        """How long after a moment the first request was made that was answered well."""
        return min(each.ended for each in self.asked if each.begun > moment and not each.failed) - moment

    def told(self) -> str:
        """A line with its figures."""
        took = sorted(each.ended - each.begun for each in self.asked) or [0.0]
        statuses = dict(sorted(Counter(each.status for each in self.asked).items()))
        return (
            f"{len(self.asked)} requests, {len(self.sign_ins())} full sign-ins, {len(self.failed)} failed; "
            f"statuses {statuses}; median {took[len(took) // 2] * 1000:.0f} ms, longest {took[-1]:.1f} s"
        )


@contextmanager
def crowd(proxy: str, people: Sequence[tuple[str, str]], *, at_once: int = 6) -> Iterator[Crowd]:
    """Meanwhile people come: each signs in, opens some pages and leaves, and then the next one comes."""
    there, enough = Crowd(), threading.Event()
    threads = [
        threading.Thread(target=_come_and_go, args=(proxy, people, number, there, enough), daemon=True)
        for number in range(at_once)
    ]
    for thread in threads:
        thread.start()
    try:
        yield there
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def _come_and_go(
    proxy: str, people: Sequence[tuple[str, str]], number: int, there: Crowd, enough: threading.Event
) -> None:
    choice = random.Random(number)
    while not enough.is_set():
        browser = Browser(proxy, choice.choice(VISITORS), there.asked)
        try:
            _visit(browser, *choice.choice(people), choice)
        except (OSError, http.client.HTTPException, AssertionError):
            # It is noted; whoever comes next tries again.
            enough.wait(0.1)
        finally:
            browser.close()


def _visit(browser: Browser, address: str, password: str, choice: random.Random) -> None:
    if not browser.sign_in(address, password):
        return
    for page in choice.choices(PAGES, k=PAGES_PER_VISIT):
        browser.get(page)
