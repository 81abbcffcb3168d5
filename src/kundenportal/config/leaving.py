"""How a web host stops without losing a request.

A listening socket that is closed throws away the connections that nobody has taken yet, with the requests in them; a
proxy must not send an entry twice, and so cannot ask another host instead. Therefore nobody is let into the queue any
more, it is emptied, and only then the socket is closed: whoever comes meanwhile hears nothing, asks once more and is
refused, and that any proxy takes for what it is.
"""

from __future__ import annotations

import ctypes
import logging
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING

from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gunicorn.sock import TCPSocket

# Whoever was half-way in by then is in.
SECONDS_TO_GET_IN = 0.3
SECONDS_TO_EMPTY_THE_QUEUE = 10.0
SECONDS_BETWEEN_LOOKS = 0.02

SO_ATTACH_FILTER = 26  # asm-generic/socket.h; linux/filter.h has the rest
_FILTER = struct.Struct("HBBI")
# Of a TCP header, the byte with the flags: what has SYN in it asks for a new connection, and is dropped.
_NO_NEW_CONNECTION = b"".join(
    _FILTER.pack(*instruction)
    for instruction in (
        (0x30, 0, 0, 13),  # load the byte at 13
        (0x45, 0, 1, 0x02),  # is SYN set in it? on to the next, or past it
        (0x06, 0, 0, 0),  # take nothing of the packet
        (0x06, 0, 0, 0xFFFF_FFFF),  # take all of it
    )
)

logger = logging.getLogger(__name__)


def let_nobody_in(listeners: Sequence[TCPSocket]) -> None:
    """No new connection comes about, and those that had begun have been taken; the sockets may be closed."""
    if sys.platform != "linux":
        return
    try:
        for listener in listeners:
            _refuse_new_connections(listener)
        deadline = time.monotonic() + SECONDS_TO_EMPTY_THE_QUEUE
        time.sleep(SECONDS_TO_GET_IN)
        while any(listener.get_backlog() > 0 for listener in listeners) and time.monotonic() < deadline:
            time.sleep(SECONDS_BETWEEN_LOOKS)
    except OSError as fault:
        # It stops all the same; what waits in the queue is lost.
        logger.warning("Nobody could be kept from coming in while the web server ends: %s", fault.strerror)


def _refuse_new_connections(listener: TCPSocket) -> None:
    program = ctypes.create_string_buffer(_NO_NEW_CONNECTION)
    length = len(_NO_NEW_CONNECTION) // _FILTER.size
    listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", length, ctypes.addressof(program)))


class LeavingArbiter(Arbiter):  # type: ignore[misc]  # gunicorn is not typed
    """Gunicorn's, which lets nobody in any more before it tells its processes to end."""

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002 - gunicorn's
        if graceful:
            let_nobody_in(self.LISTENERS)
        super().stop(graceful)


class LeavingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    """Gunicorn's, which closes the door before it finishes what it has begun: whoever comes is refused at once."""

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()
