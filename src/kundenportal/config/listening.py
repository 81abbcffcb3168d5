"""The socket on which requests arrive, and whether there is anything on one."""

from __future__ import annotations

import errno
import socket
import time
from select import POLLIN, poll
from typing import TYPE_CHECKING

from kundenportal.config.values import WrongSetting

if TYPE_CHECKING:
    from kundenportal.config.addresses import Endpoint

SECONDS_FOR_A_PORT_TO_BECOME_FREE = 3
SECONDS_BETWEEN_TRIES = 0.1
QUEUE_OF_CONNECTIONS = 2048


class CannotServe(Exception):  # noqa: N818 - reads as the refusal it is
    """The portal cannot be served, told in one sentence."""


def listen(bind: Endpoint) -> socket.socket:
    """A socket that listens, on a port that is nobody else's."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(bind.host, bind.port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise _no_address_of_ours(bind) from None
    deadline = time.monotonic() + SECONDS_FOR_A_PORT_TO_BECOME_FREE
    while True:
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(QUEUE_OF_CONNECTIONS)
        except OSError as fault:
            listener.close()
            # The portal that ran here before may still be ending.
            if fault.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise _refusal(bind, fault) from None
            time.sleep(SECONDS_BETWEEN_TRIES)
        else:
            return listener


def can_be_read(number: int, *, milliseconds: int = 0) -> bool:
    """Whether something, or its end, waits on the socket of this number, or comes within so long."""
    asked = poll()
    asked.register(number, POLLIN)
    return bool(asked.poll(milliseconds))


def _refusal(bind: Endpoint, fault: OSError) -> Exception:
    if fault.errno == errno.EADDRINUSE:
        return CannotServe(
            f"Another program already listens on {bind}; end it or set KUNDENPORTAL_BIND to another port."
        )
    if fault.errno == errno.EACCES:
        return CannotServe(f"The system does not let this user listen on {bind}; choose a port above 1023.")
    return _no_address_of_ours(bind)


def _no_address_of_ours(bind: Endpoint) -> WrongSetting:
    return WrongSetting(f"KUNDENPORTAL_BIND names {bind.host}, which is no address of this machine.")
