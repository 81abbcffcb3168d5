"""Child processes that never outlive us."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Work = Callable[[], int]  # returns an exit code

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
OUR_THREADS, OUR_FILES = Path("/proc/self/task"), Path("/proc/self/fd")  # as Linux tells of them
STANDARD_FILES = 3  # the journal may be at the other end of them

logger = logging.getLogger(__name__)


def start_child(command: Sequence[str], *, dies_by: signal.Signals, **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401
    """A process in a group of its own, which the kernel sends the signal `dies_by` when we are no more."""
    # A group of its own, because Ctrl-C reaches a whole group and we end our children one after the other.
    return subprocess.Popen(  # noqa: S603 - commands of our own making, no shell
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_bound_to_this_process(dies_by),  # noqa: PLW1509 - we start children before any thread
        **options,
    )


class Copy:
    """A copy of this process, with all that is loaded, that does one piece of work and ends with its exit code.

    Otherwise like a child that was started: in a group of its own, and sent `dies_by` when we are no more.
    """

    def __init__(self, name: str, work: Work, *, dies_by: signal.Signals) -> None:
        complain_of_what_no_copy_can_have()
        bind = _bound_to_this_process(dies_by)

        def live() -> None:
            os.setpgid(0, 0)
            if bind is not None:
                bind()
            _call_ourselves(name)
            for number in ENDING:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            sys.exit(work())

        # Or else Python would wait for it at our end, should we be told to end at this moment.
        self._process = get_context("fork").Process(target=live, daemon=True)
        # Our own handlers would end what is ours from within the copy.
        with _signals_wait():
            self._process.start()
        with suppress(PermissionError, ProcessLookupError):
            os.setpgid(self.pid, self.pid)  # whoever comes first

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None  # noqa: S101 - it has been started
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code, negative after a signal; None while it lives."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code once it has ended; raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        """It is told, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


Child = subprocess.Popen[bytes] | Copy


def complain_of_what_no_copy_can_have() -> None:
    """The log says so if we have more than one thread, or a connection to anybody, when we are about to be copied.

    What another thread holds at this moment is held for ever in the copy, and over one connection both would talk.
    Mostly it goes well all the same, so the portal is served; the tests take it for the fault that it is.
    """
    threads, connections = _number_of_threads(), _number_of_connections()
    if threads > 1 or connections:
        logger.error(
            "A process is copied with more than one thread or with a connection (threads: %s, of Python's: %s; "
            "connections: %s). The copy may wait for ever for what another thread held, or read another's answers.",
            threads,
            ", ".join(each.name for each in threading.enumerate()),
            connections,
        )


def end_child(child: Child, steps: Iterable[tuple[signal.Signals, float]]) -> None:
    """The child has ended: each signal in turn, each with its seconds, the last of all SIGKILL."""
    for number, seconds in steps:
        if child.poll() is not None:
            return
        child.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    kill_group(child)


def kill_group(child: Child) -> None:
    """Nothing is left of the child or of the processes in its group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def seconds_until(deadline: float) -> float:
    """What is left until a moment of the monotonic clock, never less than nothing."""
    return max(0.0, deadline - time.monotonic())


def _number_of_threads() -> int:
    # The system knows those, too, that are not Python's.
    return len(list(OUR_THREADS.iterdir())) if OUR_THREADS.exists() else threading.active_count()


def _number_of_connections() -> int:
    files = [int(file.name) for file in OUR_FILES.iterdir()] if OUR_FILES.exists() else []
    return sum(_is_connected(number) for number in files if number >= STANDARD_FILES)


def _is_connected(number: int) -> bool:
    with suppress(OSError):  # the file through which we have just looked is closed by now
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            with socket.socket(fileno=os.dup(number)) as end:
                end.getpeername()
                return True
    return False


@contextmanager
def _signals_wait() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _call_ourselves(name: str) -> None:
    # For `top` and `ps -o comm`; the command line stays that of the process we are a copy of.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())


def _bound_to_this_process(dies_by: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def bind() -> None:
        # Runs in the child after its user has changed: a change of user would undo it.
        prctl(PR_SET_PDEATHSIG, dies_by)
        if os.getppid() != parent:
            os._exit(1)

    return bind
