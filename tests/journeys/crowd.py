"""Many clients that knock at the same instant, each over a connection of its own."""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SECONDS_FOR_ALL = 120
SECONDS_BETWEEN_LOOKS = 0.001
CLIENTS_PER_ADDRESS = 4
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
SESSION = re.compile(rb"^set-cookie: session=[^;]+", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """What somebody enters, and where."""

    url: str
    address: str
    password: str


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes

    @property
    def lets_in(self) -> bool:
        """Whether a session has begun."""
        return self.status == HTTPStatus.FOUND and SESSION.search(self.head) is not None


@dataclass(frozen=True)
class _Form:
    """The sign-in form, as one browser got it; whoever sends it along may have any address."""

    token: str
    cookie: str

    @classmethod
    def of(cls, url: str) -> _Form:
        with urllib.request.urlopen(url, timeout=SECONDS_FOR_ALL) as page:
            found = TOKEN.search(page.read().decode())
            assert found is not None, "There is no form on the start page."
            cookies = page.headers.get_all("Set-Cookie")
        return cls(found[1], "; ".join(cookie.partition(";")[0] for cookie in cookies))

    def request(self, entry: Entry) -> bytes:
        body = urlencode({"address": entry.address, "password": entry.password, "csrfmiddlewaretoken": self.token})
        head = [
            "POST /sign-in/ HTTP/1.1",
            f"Host: {urlsplit(entry.url).netloc}",
            f"Cookie: {self.cookie}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        return "\r\n".join([*head, "", body]).encode()


@dataclass(frozen=True)
class Pause:
    """Who comes after so many others comes as soon as something is so, and not before."""

    after: int
    until: Callable[[], bool]


def all_at_once(entries: Sequence[Entry], pause: Pause | None = None) -> list[Answer | None]:
    """The answers, in the order of the entries: every connection stands before the first entry is sent.

    None for whoever was hung up on.
    """
    forms = {url: _Form.of(url) for url in {entry.url for entry in entries}}
    requests = [(entry.url, forms[entry.url].request(entry)) for entry in entries]
    # In a thread of its own: where a browser was driven before, this one has an event loop already.
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(lambda: asyncio.run(_all_at_once(requests, pause))).result()


async def _all_at_once(requests: Sequence[tuple[str, bytes]], pause: Pause | None) -> list[Answer | None]:
    async with asyncio.timeout(SECONDS_FOR_ALL):
        connections = await asyncio.gather(*(_connected(number, url) for number, (url, _) in enumerate(requests)))
        for number, ((_, writer), (_, request)) in enumerate(zip(connections, requests, strict=True)):
            if pause and number == pause.after:
                await asyncio.to_thread(_wait_for, pause.until)
            writer.write(request)  # without waiting for anybody
        return await asyncio.gather(*(_answer(*connection) for connection in connections))


def _wait_for(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_FOR_ALL
    while not until():
        assert time.monotonic() < deadline, "It has not come to that."
        time.sleep(SECONDS_BETWEEN_LOOKS)


async def _connected(number: int, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    # From many addresses, so that nobody is turned away for coming too often.
    place = number // CLIENTS_PER_ADDRESS
    source = f"127.0.{1 + place // 250}.{1 + place % 250}"
    server = urlsplit(url)
    return await asyncio.open_connection(server.hostname, server.port, local_addr=(source, 0))


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer | None:
    try:
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    except ConnectionResetError:
        return None
    finally:
        writer.close()
    if not head:
        return None
    return Answer(int(head.split(b" ", 2)[1]), head, body)
