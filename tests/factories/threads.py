"""Several things at the same time, each with a database connection of its own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from django.db import connection, connections

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SECONDS_TO_MEET = 20
Result = TypeVar("Result")


def together(doings: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """What each of them returned or raised, once all are done."""
    with ThreadPoolExecutor(max_workers=len(doings)) as pool:
        return [future.result() for future in [pool.submit(_alone, doing) for doing in doings]]


def meanwhile(doing: Callable[[], Result]) -> Result:
    """What it returned, done by another thread while this one waits."""
    (outcome,) = together([doing])
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _alone(doing: Callable[[], Result]) -> Result | Exception:
    try:
        return doing()
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return error
    finally:
        connections.close_all()


def until_done_or_blocked(doing: Callable[[], Result]) -> Future[Result | Exception]:
    """Begins it in another thread; comes back once it is done, or waits for a lock that this thread holds."""
    outcome: Future[Result | Exception] = Future()
    threading.Thread(target=lambda: outcome.set_result(_alone(doing)), daemon=True).start()
    deadline = time.monotonic() + SECONDS_TO_MEET
    while not outcome.done() and not _somebody_waits_for_us():
        assert time.monotonic() < deadline, "neither done nor blocked"
        time.sleep(0.01)
    return outcome


def _somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))")
        return bool(cursor.fetchone()[0])
