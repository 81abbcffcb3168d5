"""Processes of an earlier PostgreSQL that outlived it, or us."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pathlib import Path

SECONDS_BETWEEN_LOOKS = 0.05
SECONDS_TO_FINISH = 5
SECONDS_TO_DROP_EVERYTHING = 3


def end_predecessors(cluster: Path) -> None:
    """Nothing works in the cluster any more; what was committed there stays committed."""
    processes = processes_in(cluster)
    for process in processes:
        # SIGINT is a postmaster's orderly end; SIGTERM that of a backend whose postmaster is no more.
        _send(process, signal.SIGINT if _is_postmaster(process, processes) else signal.SIGTERM)
    for seconds, harder in (
        (SECONDS_TO_FINISH, signal.SIGQUIT),
        (SECONDS_TO_DROP_EVERYTHING, signal.SIGKILL),
    ):
        for process in _left_after(seconds, cluster):
            _send(process, harder)
    _left_after(SECONDS_TO_FINISH, cluster)
    _forget_a_stranger(cluster)


def processes_in(cluster: Path) -> list[psutil.Process]:
    """The processes of PostgreSQL that work in the cluster: each of them has it as its working directory."""
    inside = os.path.realpath(cluster)
    return [process for process in psutil.process_iter() if _works_in(process, inside)]


def _left_after(seconds: float, cluster: Path) -> list[psutil.Process]:
    # Looked for anew each time: in a container nobody may ever collect those that have ended.
    deadline = time.monotonic() + seconds
    while (processes := processes_in(cluster)) and time.monotonic() < deadline:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return processes


def _works_in(process: psutil.Process, directory: str) -> bool:
    try:
        return bool(process.name() == "postgres" and process.cwd() == directory)
    except psutil.Error:
        return False


def _is_postmaster(process: psutil.Process, processes: list[psutil.Process]) -> bool:
    try:
        return process.ppid() not in {other.pid for other in processes} and "-D" in process.cmdline()
    except psutil.Error:
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.Error):
        process.send_signal(number)


def _forget_a_stranger(cluster: Path) -> None:
    # A crashed server leaves its number behind. After a restart of the machine or the container another
    # program may bear it, which PostgreSQL takes for a running server; we have just seen that there is none.
    pid_file = cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text(encoding="ascii").split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if psutil.pid_exists(pid) and not processes_in(cluster):
        pid_file.unlink()
