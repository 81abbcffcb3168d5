"""A thread of a web process answers what comes on its connection at once, but never while somebody waits for it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kundenportal.config import staying
from kundenportal.config.balance import Shares

from .processes import eventually
from .workers import listening, running, web_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SECONDS_AT_MOST = 30


class Answering:
    """A portal that notes what it is asked, and answers nothing before it is let."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may_answer = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        self.asked.append(environ["PATH_INFO"])
        assert self.may_answer.wait(SECONDS_AT_MOST)
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]


@contextmanager
def _asking(listener: Any) -> Iterator[socket.socket]:
    with socket.create_connection(listener.getsockname(), timeout=SECONDS_AT_MOST) as client:
        yield client


def _ask(client: socket.socket, *paths: str) -> None:
    client.sendall("".join(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n" for path in paths).encode())


def _hear(client: socket.socket, answers: int) -> None:
    heard = b""
    while heard.count(b"\r\n\r\nok") < answers:
        piece = client.recv(4096)
        assert piece, "the connection has been closed"
        heard += piece


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any, Answering]]:
    # However busy this machine is, nobody is given up: a test in which it matters says what else ends the listening.
    monkeypatch.setattr(staying, "MILLISECONDS_TO_LISTEN", SECONDS_AT_MOST * 1000)
    answering = Answering()
    with (
        listening() as listener,
        web_process(listener, Shares(), threads=1, application=answering) as process,
        running(process),
    ):
        yield listener, process, answering


def test_what_comes_at_once_is_answered_by_the_same_thread(
    portal: tuple[Any, Any, Answering], monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, process, answering = portal
    submitted, submit = [], process.tpool.submit

    def noted(*work: Any) -> Any:
        submitted.append(work)
        return submit(*work)

    monkeypatch.setattr(process.tpool, "submit", noted)
    with _asking(listener) as client:
        _ask(client, "/1")
        eventually(lambda: answering.asked == ["/1"])
        _ask(client, "/2", "/3")
        answering.may_answer.set()
        _hear(client, 3)
        _ask(client, "/4")
        _hear(client, 1)
    assert answering.asked == ["/1", "/2", "/3", "/4"]
    assert len(submitted) == 1


def test_whoever_waits_for_a_thread_goes_first(portal: tuple[Any, Any, Answering]) -> None:
    listener, process, answering = portal
    with _asking(listener) as greedy, _asking(listener) as waiting:
        _ask(greedy, "/1")
        eventually(lambda: answering.asked == ["/1"])
        _ask(greedy, "/2")
        _ask(waiting, "/somebody-else")
        eventually(lambda: process.nr_conns == 2)
        answering.may_answer.set()
        _hear(waiting, 1)
        waiting.close()  # or else the only thread would go on listening to it
        _hear(greedy, 2)
    assert answering.asked == ["/1", "/somebody-else", "/2"]


def test_a_connection_that_is_silent_goes_back_to_be_watched(
    portal: tuple[Any, Any, Answering], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staying, "MILLISECONDS_TO_LISTEN", 1)
    listener, process, answering = portal
    answering.may_answer.set()
    with _asking(listener) as client:
        _ask(client, "/1")
        _hear(client, 1)
        eventually(lambda: len(process.keepalived_conns) == 1)
        _ask(client, "/2")
        _hear(client, 1)
