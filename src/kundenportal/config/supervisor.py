"""`serve`: database, web, worker and, where there is a mailbox, its reader under one roof.

What they need is loaded here, and a page made with it once; otherwise it is used in the copies only, so that nothing
here can fail that they do.
"""

from __future__ import annotations

import http.client
import logging
import signal
import subprocess
import sys
import time
from argparse import Namespace
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from kundenportal.config import commands
from kundenportal.config.backups.unfinished import refuse_unfinished
from kundenportal.config.children import Copy, end_child, kill_group, seconds_until, start_child
from kundenportal.config.counting import counting_together
from kundenportal.config.keeping import Database, Program
from kundenportal.config.listening import CannotServe, listen
from kundenportal.config.postgres.sharing import embedded_postgres
from kundenportal.kernel import memory
from kundenportal.kernel.stopping import StopAsked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from socket import socket
    from types import FrameType

    from kundenportal.config.children import Child, Work
    from kundenportal.config.env import Environment
    from kundenportal.config.keeping import Member
    from kundenportal.config.web import WebProcesses

    Closable = socket | WebProcesses

SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_TO_START = 240  # of a web server that is alive: a busy machine is no reason to give up
SECONDS_TO_ANSWER = 10
SECONDS_TO_STOP = 5
SECONDS_AWAY = 5  # far more than between two looks
DEATHS_AT_A_START = 3  # of one part

logger = logging.getLogger(__name__)


class WebProgram(Program):
    """A web process; one that gives no sign of life any more is ended, and so started again."""

    # Others may be left to answer, or none.
    longest_pause = 2.0

    def __init__(self, processes: WebProcesses, part: Callable[[Work], Work], *, now: float) -> None:
        self._processes, self._part = processes, part
        self._looked_at, self._patient_until = now, now
        # Nothing gentler: it would wait for whoever is slow, and keep the port from whoever starts us next.
        super().__init__("A web process", "web", self._another, dies_by=signal.SIGKILL, now=now)

    def look_after(self, *, now: float) -> None:
        if now - self._looked_at > SECONDS_AWAY:
            # The whole machine stood still, or we did: nobody could be seen to live.
            self._patient_until = now + self.process.cfg.timeout
        self._looked_at = now
        if not self.is_alive():
            self._processes.end(self.process)
        elif now > self._patient_until and self.process.hangs(now=now):
            self._patient_until = now + self.process.cfg.timeout  # what waits for a disk does not end at once
            logger.error("%s gives no sign of life and is ended.", self.name)
            self.child.send_signal(signal.SIGKILL)
        super().look_after(now=now)

    def _another(self) -> Work:
        self.process = self._processes.another()
        return self._part(self.process.serve)


def serve(environment: Environment, *, told: Callable[[Work], int], demonstration: Sequence[str] | None = None) -> int:
    """Serve until told to stop, once the tables are up to date or, where that is asked for, the demonstration is made.

    `told` does a piece of work and returns its exit code; what can be foreseen is refused in one sentence.
    """
    rest = ExitStack()
    try:
        with _stoppable():
            return _serve(environment, told, demonstration, rest)
    except StopAsked:
        return 0
    finally:
        rest.close()


def _serve(
    environment: Environment,
    told: Callable[[Work], int],
    demonstration: Sequence[str] | None,
    rest: ExitStack,
) -> int:
    members: list[Member] = []
    if environment.database is None:
        members.append(Database(rest.enter_context(embedded_postgres(environment)), now=time.monotonic()))
    # The socket is ours, so that a web server that dies loses no request that waits there.
    listener = rest.enter_context(closing(listen(environment.bind)))
    programs: list[Program] = []
    rest.callback(_end, programs)
    # A demonstration decides by what settings the portal is served, so nothing that reads them may be loaded before.
    if demonstration is not None and (code := _ended(start_child(_command(*demonstration), dies_by=signal.SIGTERM))):
        return code
    rest.enter_context(counting_together(environment))
    memory.share_one_heap()
    commands.set_up_django()

    def part(work: Work, *needless: Closable) -> Work:
        return partial(told, partial(_live, environment, work, needless))

    migration = None
    if demonstration is None:
        migration = Copy("migrate", part(partial(commands.run_migrate, environment), listener), dies_by=signal.SIGTERM)
        rest.callback(end_child, migration, ((signal.SIGTERM, SECONDS_TO_STOP),))
    # Meanwhile the rest is loaded, which asks the tables nothing.
    processes = _load_the_portal(environment, listener)
    rest.callback(processes.close)
    if migration is not None and (code := _ended(migration)):
        return code
    _use_the_portal_once(environment)
    programs.extend(WebProgram(processes, part, now=time.monotonic()) for _ in range(environment.web_processes))
    worker = partial(part, partial(commands.run_worker, environment), processes)
    programs.append(Program("The worker", "worker", worker, dies_by=signal.SIGTERM, now=time.monotonic()))
    if environment.mailbox is not None:
        reader = partial(part, partial(commands.run_job, "mailbox", Namespace(once=False), environment), processes)
        programs.append(Program("The mailbox reader", "mailbox", reader, dies_by=signal.SIGTERM, now=time.monotonic()))
    if not _answers(environment, programs):
        raise CannotServe("The web server does not start; its own words are above.")
    if environment.demonstration:
        sys.stdout.write(
            "This is a demonstration: mail is captured, and everybody who reaches the portal can read it.\n"
        )
    sys.stdout.write(f"Kundenportal is served on {environment.base_url}\n")
    sys.stdout.flush()
    return _keep([*members, *programs])


def _live(environment: Environment, work: Work, needless: Sequence[Closable]) -> int:
    # Not as a command with words of its own: to read them, and the settings once more, each part would copy 5 MB.
    for each in needless:
        each.close()
    refuse_unfinished(environment)  # a restore may have begun since we were started
    return work()


@contextmanager
def _stoppable() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> NoReturn:
        _heed(signal.SIG_IGN)
        raise StopAsked

    _heed(stop)
    try:
        yield
    finally:
        # Being asked a second time must not keep us from ending our children.
        _heed(signal.SIG_IGN)


def _heed(handler: Callable[[int, FrameType | None], NoReturn] | signal.Handlers) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handler)
    # A terminal that is closed ends us, unless we were started to outlive it.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, handler)


def _load_the_portal(environment: Environment, listener: socket) -> WebProcesses:
    from procrastinate.contrib.django import app  # noqa: PLC0415 - needs Django to be set up

    app.perform_import_paths()  # type: ignore[no-untyped-call]  # the jobs; the worker would do so
    from kundenportal.config import worker  # noqa: F401, PLC0415 - needs Django to be set up
    from kundenportal.config.web import WebProcesses  # noqa: PLC0415 - likewise

    return WebProcesses(environment, listener)


def _use_the_portal_once(environment: Environment) -> None:
    # What the first page brings about once and for all, on memory all over the place, would otherwise be brought about
    # by each copy for itself. That it comes, nobody asks here: whoever watches asks the web server.
    if environment.traces_url:
        return  # they are sent by a thread, which no copy would have
    from kundenportal.config.wsgi import freeze, show_the_start_page  # noqa: PLC0415 - it has been loaded

    show_the_start_page(environment.base_url)
    freeze()


def _ended(child: Child) -> int:
    try:
        code = child.wait()
    finally:
        end_child(child, ((signal.SIGTERM, SECONDS_TO_STOP),))
    return code if code >= 0 else 1


def _command(*words: str) -> list[str]:
    # -P: a file that happens to lie where we are started must not take the place of a module.
    return [sys.executable, "-P", "-m", "kundenportal.config.cli", *words]


def _answers(environment: Environment, programs: Sequence[Program]) -> bool:
    deadline = time.monotonic() + SECONDS_TO_START
    while all(each.deaths < DEATHS_AT_A_START for each in programs) and time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException):
            _ask_whether_it_lives(environment)
            return True
        _look_after(programs)
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return False


def _ask_whether_it_lives(environment: Environment) -> None:
    address = environment.bind.reachable
    connection = http.client.HTTPConnection(address.host, address.port, timeout=SECONDS_TO_ANSWER)
    with closing(connection):
        connection.request("GET", "/health/live")
        connection.getresponse()


def _keep(members: Sequence[Member]) -> NoReturn:
    while True:
        _look_after(members)
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _look_after(members: Sequence[Member]) -> None:
    for member in members:
        member.look_after(now=time.monotonic())


def _end(programs: Sequence[Program]) -> None:
    deadline = time.monotonic() + SECONDS_TO_STOP
    for program in programs:
        program.child.send_signal(signal.SIGTERM)
    for program in programs:
        with suppress(subprocess.TimeoutExpired):
            program.child.wait(seconds_until(deadline))
        kill_group(program.child)
