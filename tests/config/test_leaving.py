"""A web host that stops lets nobody in any more, and turns away nobody who is in."""

from __future__ import annotations

import socket
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from kundenportal.config.leaving import let_nobody_in

from .processes import eventually
from .workers import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gunicorn.sock import TCPSocket

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a host stops as gunicorn does")

A_MOMENT = 0.2


@pytest.fixture
def listener() -> Iterator[TCPSocket]:
    with listening() as place:
        yield place


def _knocks(listener: TCPSocket) -> str:
    try:
        socket.create_connection(listener.getsockname(), timeout=A_MOMENT).close()
    except TimeoutError:
        return "is not heard"
    return "is let in"


def test_who_waits_is_taken_and_who_comes_is_not_heard(listener: TCPSocket) -> None:
    assert _knocks(listener) == "is let in"
    listener.accept()[0].close()
    with socket.create_connection(listener.getsockname()) as waiting:
        waiting.sendall(b"an entry")
        leaving = threading.Thread(target=let_nobody_in, args=([listener],))
        leaving.start()
        eventually(lambda: _knocks(listener) == "is not heard")
        assert leaving.is_alive(), "it did not wait for those who are in the queue"

        eventually(lambda: listener.get_backlog() > 0)
        taken, _ = listener.accept()
        with taken:
            leaving.join()
            assert taken.recv(100) == b"an entry"
            taken.sendall(b"an answer")
            assert waiting.recv(100) == b"an answer"


def test_whoever_comes_once_the_door_is_closed_is_refused(listener: TCPSocket) -> None:
    let_nobody_in([listener])
    address = listener.getsockname()
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=A_MOMENT)
