"""Child processes that never outlive us."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PR_SET_PDEATHSIG = 1

Child = subprocess.Popen[bytes]


def start_child(command: Sequence[str], *, dies_by: signal.Signals, **options: Any) -> Child:  # noqa: ANN401
    """A process in a group of its own, which the kernel sends the signal `dies_by` when we are no more."""
    # A group of its own, because Ctrl-C reaches a whole group and we end our children one after the other.
    return subprocess.Popen(  # noqa: S603 - commands of our own making, no shell
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_bound_to_this_process(dies_by),  # noqa: PLW1509 - we start children before any thread
        **options,
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
