"""Whoever is copied has one thread and is connected to nobody, or the log says so."""

from __future__ import annotations

import pytest

from .processes import python

COPIED = """
import os, signal, socket, threading
from kundenportal.config.children import Copy
{before}
open_before = os.listdir("/proc/self/fd")
print(Copy("copy", lambda: 7, dies_by=signal.SIGKILL).wait(), os.listdir("/proc/self/fd") == open_before)
"""
THREAD = "threading.Thread(target=threading.Event().wait, name='clock', daemon=True).start()"
CONNECTION = "ends = socket.socketpair()"
DOOR = "door = socket.create_server(('127.0.0.1', 0))"


@pytest.mark.parametrize(
    ("before", "complaint"),
    [
        (DOOR, ""),
        (THREAD, "threads: 2, of Python's: MainThread, clock; connections: 0"),
        (CONNECTION, "threads: 1, of Python's: MainThread; connections: 2"),
    ],
)
def test_a_copy_of_more_than_one_thread_or_of_a_connection_is_made_and_complained_of(
    before: str, complaint: str
) -> None:
    said, complaints = python(COPIED.format(before=before)).communicate()

    assert said == "7 True\n"
    assert complaint in complaints
    assert complaints.count("\n") == bool(complaint)
