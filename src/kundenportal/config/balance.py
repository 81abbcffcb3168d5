"""How the web processes of a host share its connections.

Whoever is awake first takes a connection, and a kept one stays where it was taken, with every request that comes on it.
Left to chance, one process may have all eight of a proxy's, and the other's processor core nothing to do. Therefore a
process that has two more than another lets that one go first. What counts are connections and not the work they bring:
so much a process knows of itself without measuring anything.
"""

from __future__ import annotations

from mmap import mmap
from time import monotonic, sleep
from typing import TYPE_CHECKING

from gunicorn.workers.gthread import ThreadWorker

from kundenportal.config.listening import can_be_read

if TYPE_CHECKING:
    from gunicorn.sock import TCPSocket

# Nobody waits for less: where each request comes on a connection of its own, numbers go up and down all the time.
LEAD = 1
# The other may be in the middle of something, or want for a processor. It may also hang: then it is not waited for each
# time.
LOOKS, SECONDS_BETWEEN_LOOKS = 5, 0.001
IN_VAIN_AT_MOST, SECONDS_WITHOUT_WAITING = 10, 1.0

PLACES = 256
NOBODY_THERE = 2**31 - 1  # more than anybody has


class Shares:
    """How many connections each web process has, as all of them see it; made before they are."""

    def __init__(self) -> None:
        self._numbers = memoryview(mmap(-1, 4 * PLACES)).cast("i")
        for place in range(PLACES):
            self._numbers[place] = NOBODY_THERE

    def note(self, worker: BalancedWorker, number: int) -> None:
        """A process has so many."""
        # Gunicorn counts its processes. Should two of them meet in one place, they are waited for too seldom.
        self._numbers[worker.age % PLACES] = number

    def begin(self, arbiter: object, worker: BalancedWorker) -> None:
        """A process is about to be; gunicorn's `pre_fork`."""
        worker.shares = self
        self.note(worker, 0)

    def end(self, arbiter: object, worker: BalancedWorker) -> None:
        """A process is no more; gunicorn's `child_exit`."""
        self.note(worker, NOBODY_THERE)

    def somebody_has_less_than(self, number: int) -> bool:
        """Whether there is a process that should go first."""
        return min(self._numbers) < number


class BalancedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    """Gunicorn's, which takes a connection when no other process has far fewer, or none of them comes."""

    shares: Shares
    in_vain, waits_again_at = 0, 0.0

    def accept(self, listener: TCPSocket) -> None:
        """Take one, unless another does."""
        if not self._is_left_to_another(listener):
            super().accept(listener)
            self.shares.note(self, self.nr_conns)

    def _is_left_to_another(self, listener: TCPSocket) -> bool:
        if monotonic() < self.waits_again_at:
            return False
        for _ in range(LOOKS):
            if not self.shares.somebody_has_less_than(self.nr_conns - LEAD):
                return False
            if not can_be_read(listener.fileno()):  # nobody knocks any more
                self.in_vain = 0
                return True
            sleep(SECONDS_BETWEEN_LOOKS)
        self.in_vain += 1
        if self.in_vain == IN_VAIN_AT_MOST:
            self.in_vain, self.waits_again_at = 0, monotonic() + SECONDS_WITHOUT_WAITING
        return False

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """As gunicorn's, once the others know how many there are."""
        # One that leaves takes no more, so nobody needs to wait for it.
        self.shares.note(self, self.nr_conns if self.alive else NOBODY_THERE)
        super().wait_for_and_dispatch_events(timeout)
