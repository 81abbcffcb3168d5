"""How a web process's threads spare one another work.

Each request goes from the thread that watches all connections to one that answers, and the connection back again. Each
time one of them has to wait for Python's lock, and what it needs is no longer in the processor's caches. A proxy or
browser that keeps its connection and has more to ask mostly does so at once, so a thread that has answered listens for
a moment. Where each request comes on a connection of its own, as from the nginx of `deploy/`, nothing changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gunicorn.workers.gthread import ThreadWorker

from kundenportal.config.listening import can_be_read

if TYPE_CHECKING:
    from gunicorn.workers.gthread import TConn

MILLISECONDS_TO_LISTEN = 5


class StayingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    """Gunicorn's, whose threads answer what follows on a connection at once, unless somebody waits for one."""

    alive: bool

    def handle(self, conn: TConn) -> object:
        """Answer a request and what follows it; what gunicorn is to do with the connection then."""
        then = super().handle(conn)
        while then is True and self.alive and not self._somebody_waits_for_a_thread() and _has_more_to_ask(conn):
            then = super().handle(conn)
        return then

    def is_parent_alive(self) -> bool:
        """As gunicorn's; without a parent no thread stays."""
        self.alive = bool(self.alive and super().is_parent_alive())
        return self.alive

    def _somebody_waits_for_a_thread(self) -> bool:
        listened_to = len(self.keepalived_conns) + len(self.pending_conns)
        return bool(self.nr_conns - listened_to > self.cfg.threads)


def _has_more_to_ask(conn: TConn) -> bool:
    if conn.parser.unreader.buf.getvalue():  # it came along with the last one
        return True
    return can_be_read(conn.sock.fileno(), milliseconds=MILLISECONDS_TO_LISTEN)
