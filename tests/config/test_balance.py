"""Web processes share the connections of a host evenly, and none waits for one that hangs."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from kundenportal.config import balance
from kundenportal.config.balance import IN_VAIN_AT_MOST, LEAD, LOOKS, Shares

from .workers import arbiters_configuration, listening, web_process

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
        monkeypatch.setattr(balance, "sleep", lambda _: something())

    return happens


def test_a_process_that_is_always_first_gets_no_more_than_its_share(
    listener: TCPSocket, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    shares = Shares()
    with web_process(listener, shares, number=1) as quick, web_process(listener, shares, number=2) as slow:
        meanwhile(lambda: slow.accept(listener))
        with _knocking(listener):
            while quick.nr_conns + slow.nr_conns < CONNECTIONS:
                quick.accept(listener)
        assert quick.nr_conns - slow.nr_conns <= LEAD + 1


def test_nobody_waits_long_for_a_process_that_hangs(
    listener: TCPSocket, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    shares, looks = Shares(), []
    with web_process(listener, shares, number=1) as quick, web_process(listener, shares, number=2):
        meanwhile(lambda: looks.append(quick.nr_conns))
        for _ in range(3):
            with _knocking(listener):
                for _ in range(CONNECTIONS):
                    quick.accept(listener)
        assert quick.nr_conns == 3 * CONNECTIONS
        assert len(looks) == LOOKS * IN_VAIN_AT_MOST, "then it takes them at once"


def test_a_process_that_has_ended_is_not_waited_for(
    listener: TCPSocket, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    shares = Shares()
    with web_process(listener, shares, number=1) as quick, web_process(listener, shares, number=2) as ended:
        shares.end(None, ended)
        meanwhile(lambda: pytest.fail("it waits for nobody"))
        with _knocking(listener):
            for _ in range(CONNECTIONS):
                quick.accept(listener)
        assert quick.nr_conns == CONNECTIONS


def test_what_another_has_taken_is_not_waited_for(
    listener: TCPSocket, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    shares, looks = Shares(), []
    with web_process(listener, shares, number=1) as quick, web_process(listener, shares, number=2) as slow:
        meanwhile(lambda: looks.append(slow.accept(listener)))
        with _knocking(listener):
            for _ in range(CONNECTIONS // 2):
                quick.waits_again_at = float("inf")
                quick.accept(listener)
            quick.waits_again_at = 0
            # The other has far fewer, but as soon as nobody knocks any more there is nothing to wait for.
            for _ in range(CONNECTIONS):
                quick.accept(listener)
        assert quick.nr_conns - slow.nr_conns <= LEAD + 1
        assert len(looks) == slow.nr_conns


def test_processes_see_one_another_from_the_beginning_to_the_end() -> None:
    settings = arbiters_configuration()
    first, second = SimpleNamespace(age=1), SimpleNamespace(age=2)
    for each in (first, second):
        settings.pre_fork(None, each)
    assert first.shares is second.shares
    shares = first.shares
    for each in (first, second):
        if (child := os.fork()) == 0:
            shares.note(each, 5)
            os._exit(0)
        os.waitpid(child, 0)
    assert shares.somebody_has_less_than(6)
    assert not shares.somebody_has_less_than(5)
    settings.child_exit(None, first)
    assert shares.somebody_has_less_than(6), "the second is there"
    settings.child_exit(None, second)
    assert not shares.somebody_has_less_than(6)
