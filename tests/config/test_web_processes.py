"""The web processes of a supervisor, who starts and watches them without gunicorn's arbiter."""

from __future__ import annotations

import signal
import socket
import time
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from kundenportal.config.children import kill_group
from kundenportal.config.commands import set_up_django
from kundenportal.config.env import read_environment
from kundenportal.config.supervisor import WebProgram

from .processes import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.web import WebProcess, WebProcesses

SECONDS_WITHOUT_A_SIGN_OF_LIFE = 31


@pytest.fixture
def processes() -> Iterator[WebProcesses]:
    """What makes them, as under a supervisor."""
    set_up_django()
    from kundenportal.config.web import WebProcesses

    environment = read_environment({"HOME": "/home/somebody"}, as_root=False)
    with closing(WebProcesses(environment, socket.create_server(("127.0.0.1", 0)))) as made:
        yield made


def _give_a_sign_of_life_and_hang(process: WebProcess) -> int:
    process.notify()
    while True:
        signal.pause()


def test_one_that_hangs_is_ended_and_another_takes_its_place(
    processes: WebProcesses, capsys: pytest.CaptureFixture[str]
) -> None:
    copied: list[WebProcess] = []

    def part(process: WebProcess) -> partial[int]:
        copied.append(process)
        return partial(_give_a_sign_of_life_and_hang, process)

    program = WebProgram(processes, part)
    first = program.child
    try:
        eventually(lambda: copied[0].tmp.last_update() <= time.monotonic())
        now = copied[0].tmp.last_update()
        program.look_after(now=now + SECONDS_WITHOUT_A_SIGN_OF_LIFE - 2)
        assert program.is_alive()

        program.look_after(now=now + SECONDS_WITHOUT_A_SIGN_OF_LIFE)
        first.wait(10)
        program.look_after(now=now + SECONDS_WITHOUT_A_SIGN_OF_LIFE)
        program.look_after(now=now + SECONDS_WITHOUT_A_SIGN_OF_LIFE + 1)

        assert program.is_alive()
        assert program.child.pid != first.pid
        assert [process.age for process in copied] == [1, 2]
        assert capsys.readouterr().err.splitlines() == [
            "kundenportal: A web process gives no sign of life and is ended.",
            "kundenportal: A web process has died and is started again in 0.5 seconds.",
        ]
    finally:
        kill_group(program.child)
        for process in copied:
            processes.end(process)
