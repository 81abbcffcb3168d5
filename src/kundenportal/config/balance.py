"""How the web processes of a host share its connections.

Whoever is awake first takes a connection, and a kept one stays where it was taken, with every request that comes on it.
Left to chance, one process may have seven of a proxy's eight, and the other's processor core little to do. Therefore a
process that has more than another lets that one go first.
"""

from __future__ import annotations

import time
from mmap import mmap
from typing import TYPE_CHECKING

from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.sock import TCPSocket

# The other may be in the middle of something. It may also hang, and somebody waits.
LOOKS, SECONDS_BETWEEN_LOOKS = 5, 0.001

PLACES = 256  # of more processes than this two would have one place, and be shared less evenly
NOBODY = 2**31 - 1


class Shares:
    """How many connections each web process has, as all of them see it; made before they are."""

    def __init__(self) -> None:
        self._numbers = memoryview(mmap(-1, 4 * PLACES)).cast("i")
        for place in range(PLACES):
            self._numbers[place] = NOBODY

    def begin(self, worker: BalancedWorker) -> None:
        """A process is about to be, and has none."""
        worker.shares = self
        self.note(worker, 0)

    def end(self, arbiter: Arbiter, worker: BalancedWorker) -> None:
        """A process is no more; gunicorn's `child_exit`."""
        self.note(worker, NOBODY)

    def note(self, worker: BalancedWorker, number: int) -> None:
        """A process has so many."""
        self._numbers[worker.age % PLACES] = number

    def somebody_has_less_than(self, number: int) -> bool:
        """Whether there is a process that should go first."""
        return min(self._numbers) < number


class BalancedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    """Gunicorn's, which takes a connection when no other process has fewer, or none of them comes."""

    shares: Shares

    def accept(self, listener: TCPSocket) -> None:
        """Take one, unless another has by then."""
        for _ in range(LOOKS):
            if not self.shares.somebody_has_less_than(self.nr_conns):
                break
            time.sleep(SECONDS_BETWEEN_LOOKS)
        super().accept(listener)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """As gunicorn's, once the others know how many there are."""
        self.shares.note(self, self.nr_conns)
        super().wait_for_and_dispatch_events(timeout)
