"""The web processes of a supervisor, who starts and watches them without gunicorn's arbiter."""

from __future__ import annotations

import os
import signal
import socket
import time
import urllib.request
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from kundenportal.config.children import kill_group
from kundenportal.config.commands import set_up_django
from kundenportal.config.env import read_environment
from kundenportal.config.supervisor import WebProgram

from .processes import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.children import Work
    from kundenportal.config.web import WebProcesses

# Gunicorn's patience with a process, and some.
SECONDS_WITHOUT_A_SIGN_OF_LIFE = 31


def made_for(listener: socket.socket) -> WebProcesses:
    """What makes them, as under a supervisor."""
    set_up_django()
    from kundenportal.config.web import WebProcesses

    return WebProcesses(read_environment({"HOME": "/home/somebody"}, as_root=False), listener)


@pytest.fixture
def program() -> Iterator[WebProgram]:
    """A web process that is watched from here, as by a supervisor."""
    with closing(made_for(socket.create_server(("127.0.0.1", 0)))) as processes, watched(processes) as begun:
        yield begun


@contextmanager
def watched(processes: WebProcesses) -> Iterator[WebProgram]:
    def part(work: Work) -> Work:
        return work

    program = WebProgram(processes, part, now=time.monotonic())
    try:
        yield program
    finally:
        kill_group(program.child)
        processes.end(program.process)


def in_half_a_minute(program: WebProgram, *, after: float) -> float:
    """The moment, with its supervisor looking all the time; it ends what hangs."""
    now = after
    while now < after + SECONDS_WITHOUT_A_SIGN_OF_LIFE and program.is_alive():
        now += 1
        program.look_after(now=now)
    return now


def test_one_that_lives_gives_signs_of_life(program: WebProgram) -> None:
    begun = program.process.tmp.last_update()

    eventually(lambda: program.process.tmp.last_update() > begun + 1)

    program.look_after(now=program.process.tmp.last_update() + 1)
    assert program.is_alive()


def test_one_that_hangs_is_ended_and_another_takes_its_place(
    program: WebProgram, caplog: pytest.LogCaptureFixture
) -> None:
    first, at_first = program.child, program.process
    os.kill(first.pid, signal.SIGSTOP)
    now = in_half_a_minute(program, after=time.monotonic())
    first.wait(10)

    program.look_after(now=now + 1)
    program.look_after(now=now + 3)

    assert program.is_alive()
    assert program.child.pid != first.pid
    assert program.process.shares is at_first.shares
    with pytest.raises(ValueError, match="closed"):
        at_first.tmp.fileno()
    assert caplog.messages[:2] == [
        "A web process gives no sign of life and is ended.",
        "A web process has died (SIGKILL) and is started again in 0.5 seconds.",
    ]


def test_after_the_whole_machine_stood_still_nobody_is_ended(program: WebProgram) -> None:
    os.kill(program.child.pid, signal.SIGSTOP)

    program.look_after(now=time.monotonic() + SECONDS_WITHOUT_A_SIGN_OF_LIFE)

    assert program.is_alive()


def test_one_that_keeps_dying_is_soon_there_again(program: WebProgram) -> None:
    now = time.monotonic()
    for _ in range(8):
        kill_group(program.child)
        program.look_after(now=now)
        now += WebProgram.longest_pause
        program.look_after(now=now)
        assert program.is_alive()


@pytest.mark.parametrize(
    ("family", "host", "place"), [(socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "[::1]")]
)
def test_it_answers_without_a_database(family: socket.AddressFamily, host: str, place: str) -> None:
    listener = socket.create_server((host, 0), family=family)
    address = f"http://{place}:{listener.getsockname()[1]}/health/live"
    with (
        closing(made_for(listener)) as processes,
        watched(processes),
        urllib.request.urlopen(address, timeout=60) as answer,
    ):
        assert answer.read() == b"alive\n"
