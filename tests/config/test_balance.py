"""Web processes share the connections of a host evenly, and none waits for one that hangs."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kundenportal.config.balance import LOOKS, Shares

from .workers import listening, web_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gunicorn.sock import TCPSocket

CONNECTIONS = 8


@contextmanager
def _knocking(listener: TCPSocket) -> Iterator[None]:
    with ExitStack() as all_of_them:
        for _ in range(CONNECTIONS):
            all_of_them.enter_context(socket.create_connection(listener.getsockname()))
        yield


@pytest.fixture
def listener() -> Iterator[TCPSocket]:
    with listening() as place:
        yield place


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """What happens while a process lets others go first."""

    def happens(something: Callable[[], object]) -> None:
        monkeypatch.setattr("kundenportal.config.balance.time.sleep", lambda _: something())

    return happens


def _take(process: Any, listener: TCPSocket) -> None:
    process.accept(listener)
    process.shares.note(process, process.nr_conns)


def test_a_process_that_is_always_first_gets_no_more_than_its_share(
    listener: TCPSocket, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    shares = Shares()
    with web_process(listener, shares, number=1) as quick, web_process(listener, shares, number=2) as slow:
        meanwhile(lambda: _take(slow, listener))
        with _knocking(listener):
            while quick.nr_conns + slow.nr_conns < CONNECTIONS:
                _take(quick, listener)
        assert (quick.nr_conns, slow.nr_conns) == (CONNECTIONS / 2, CONNECTIONS / 2)


def test_nobody_waits_long_for_a_process_that_hangs(
    listener: TCPSocket, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    shares, looks = Shares(), []
    with web_process(listener, shares, number=1) as quick, web_process(listener, shares, number=2):
        meanwhile(lambda: looks.append(quick.nr_conns))
        with _knocking(listener):
            for _ in range(CONNECTIONS):
                _take(quick, listener)
        assert quick.nr_conns == CONNECTIONS
        assert len(looks) == LOOKS * (CONNECTIONS - 1), "of the first none has fewer"


def test_a_process_that_has_ended_is_not_waited_for(
    listener: TCPSocket, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    shares = Shares()
    with web_process(listener, shares, number=1) as quick, web_process(listener, shares, number=2) as ended:
        shares.end(None, ended)
        meanwhile(lambda: pytest.fail("it waits for nobody"))
        with _knocking(listener):
            for _ in range(CONNECTIONS):
                _take(quick, listener)
        assert quick.nr_conns == CONNECTIONS
