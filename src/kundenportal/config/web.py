"""The web server: gunicorn, set up for the portal and by nothing else."""

from __future__ import annotations

import logging
import os
import signal
from functools import partial
from socket import AF_INET6
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.db import connection
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.sock import TCP6Socket, TCPSocket
from psycopg_pool import ConnectionPool

from kundenportal.config.balance import BalancedWorker, Shares
from kundenportal.config.children import complain_of_what_no_copy_can_have
from kundenportal.config.counting import IN_MEMORY, counting_together
from kundenportal.config.leaving import LeavingArbiter, LeavingWorker
from kundenportal.config.listening import can_be_read, listen
from kundenportal.config.staying import StayingWorker
from kundenportal.config.variables import CONNECTIONS_PER_WEB_PROCESS
from kundenportal.kernel import memory

if TYPE_CHECKING:
    from socket import socket

    from gunicorn.arbiter import Arbiter
    from psycopg import Connection

    from kundenportal.config.env import Environment

# On a host that other hosts stand in for, and under a supervisor with whom everything ends.
SECONDS_TO_FINISH_REQUESTS, SECONDS_TO_FINISH_WITH_ALL = 30, 4
SECONDS_TO_GET_A_CONNECTION = 10
# The pool asks for a lost database less and less often, until it gives up; whoever comes then has it ask at once.
SECONDS_TO_LOOK_FOR_A_DATABASE = 3
SECONDS_TO_BELIEVE_A_CONNECTION = 1  # that has just worked; to ask for an answer takes a fifth of a page's time
SECONDS_TO_KEEP_A_CONNECTION = 60  # that nobody needs: each takes some 7 MB


def serve_web(environment: Environment) -> int:
    """Answer requests until told to stop, on a host that other hosts stand in for."""
    _share_connections()
    memory.share_one_heap()
    settings = _settings(environment, seconds_to_finish=SECONDS_TO_FINISH_REQUESTS)
    try:
        with counting_together(environment):
            web = _Web(settings | _of_the_arbiter(environment, Shares()))
            # Loaded before anybody is let in: a proxy that finds the door closed asks another host.
            web.wsgi()
            # Gunicorn would try a port that is taken for some seconds, and complain in ten lines.
            web.cfg.set("bind", f"fd://{listen(environment.bind).detach()}")
            LeavingArbiter(web).run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    finally:
        # Gunicorn's own handlers only queue what they are told, and nobody reads its queue any more.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return 0


class WebProcesses:
    """Makes web processes for a supervisor, which starts and watches them itself.

    Gunicorn's arbiter would do that as one more copy of all that is loaded, some 7 MB of it its own. The portal is
    loaded with the first of these; the socket is theirs from then on.
    """

    def __init__(self, environment: Environment, listener: socket) -> None:
        self._shares, self._made = Shares(), 0
        self._web = _Web(_settings(environment, seconds_to_finish=SECONDS_TO_FINISH_WITH_ALL))
        self._web.wsgi()
        self._log = _Log(self._web.cfg)
        kind = TCP6Socket if listener.family is AF_INET6 else TCPSocket
        self._listeners = [kind(listener.getsockname(), self._web.cfg, self._log, fd=listener.detach())]

    def another(self) -> WebProcess:
        """One that has yet to be copied, and to serve in its copy."""
        self._made += 1
        settings = self._web.cfg
        process = WebProcess(
            self._made, os.getpid(), self._listeners, self._web, settings.timeout / 2, settings, self._log
        )
        process.notify()  # it may hang before it gives a sign of life of its own
        self._shares.begin(self, process)
        return process

    def end(self, process: WebProcess) -> None:
        """What belonged to one that has died is nobody's."""
        self._shares.end(self, process)
        process.tmp.close()

    def close(self) -> None:
        """Nobody listens any more, as far as this process is concerned."""
        for listener in self._listeners:
            listener.close()


def _share_connections() -> None:
    # Most threads of a web process wait, for a browser, a turn or a hash: each with a connection of its own would be
    # more than a database can bear.
    database = connection.settings_dict
    database["CONN_MAX_AGE"] = 0
    database["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": CONNECTIONS_PER_WEB_PROCESS,
        "max_idle": SECONDS_TO_KEEP_A_CONNECTION,
        "timeout": SECONDS_TO_GET_A_CONNECTION,
        "reconnect_timeout": SECONDS_TO_LOOK_FOR_A_DATABASE,
    }
    # Django takes no other check than this one.
    ConnectionPool.check_connection = staticmethod(_Believing().check)  # type: ignore[assignment, method-assign]


class _Believing:
    """Whether a connection still works: asked once in a while, and in between whether the other end has closed it."""

    def __init__(self) -> None:
        self._ask = ConnectionPool.check_connection
        self._asked_at: WeakKeyDictionary[Connection[Any], float] = WeakKeyDictionary()

    def check(self, connection: Connection[Any]) -> None:
        """Raises OperationalError if it does not."""
        now = monotonic()
        if now - self._asked_at.get(connection, float("-inf")) >= SECONDS_TO_BELIEVE_A_CONNECTION or can_be_read(
            connection.fileno()
        ):
            # Nobody has asked anything: what is there to be read is that it ends.
            self._ask(connection)
            self._asked_at[connection] = now


def _settings(environment: Environment, *, seconds_to_finish: int) -> dict[str, object]:
    return {
        "threads": environment.threads_per_web_process,
        "worker_class": WebProcess,
        "graceful_timeout": seconds_to_finish,
        "accesslog": None,
        "loglevel": "warning",
        "logger_class": _Log,
        "proc_name": "kundenportal",
        # Who is believed is decided in one place, web.shared.proxies. Gunicorn would ask an environment variable of its
        # own whom to trust, refuse a request whose headers contradict one another with a bare 400, and, from whoever
        # it trusts, take a header SCRIPT_NAME for the place where the portal is mounted.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
        "header_map": "drop",
        # It would offer to steer the server to whoever reaches a file in the home directory.
        "control_socket_disable": True,
        # A heartbeat written to a busy disk can come too late.
        "worker_tmp_dir": IN_MEMORY,
    }


def _of_the_arbiter(environment: Environment, shares: Shares) -> dict[str, object]:
    return {
        "workers": environment.web_processes,
        "preload_app": True,
        "pre_fork": partial(_before_a_copy_is_made, shares),
        "child_exit": shares.end,
    }


class WebProcess(BalancedWorker, StayingWorker, LeavingWorker):
    """Gunicorn's, with what is ours."""

    def serve(self) -> int:
        """Answer requests until told to stop, in a copy of the supervisor that made it."""
        _share_connections()
        self.pid = os.getpid()
        try:
            self.init_process()
        except Exception:
            self.log.exception("A web process cannot go on.")
            return 1
        return 0

    def hangs(self, *, now: float) -> bool:
        """Whether no sign of life has come from the copy for longer than it may take; `now` is monotonic."""
        return bool(now - self.tmp.last_update() > self.cfg.timeout)


def _before_a_copy_is_made(shares: Shares, arbiter: Arbiter, worker: WebProcess) -> None:  # as gunicorn calls it
    complain_of_what_no_copy_can_have()
    shares.begin(arbiter, worker)


class _Log(Logger):  # type: ignore[misc]  # gunicorn is not typed
    """Gunicorn's, but what it has to say is written like everything else in the log."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Web(BaseApplication):  # type: ignore[misc]  # gunicorn is not typed
    def __init__(self, settings: dict[str, object]) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - whatever gunicorn takes for an application
        from kundenportal.config.wsgi import application  # noqa: PLC0415 - brings Django along

        # It warns of every HEAD request, whose answer Django writes like that of a GET, and drops the body.
        logging.getLogger("gunicorn.http.wsgi").setLevel(logging.ERROR)
        return application
