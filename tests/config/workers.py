"""Web processes of ours, as far as threads can stand in for them."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from gunicorn.sock import TCPSocket

from kundenportal.config.balance import Shares
from kundenportal.config.env import read_environment
from kundenportal.config.web import WebProcess, _of_the_arbiter, _settings, _Web

if TYPE_CHECKING:
    from collections.abc import Iterator


ENVIRONMENT = read_environment({"HOME": "/home/somebody"}, as_root=False)


def configuration() -> Any:
    """Gunicorn's, as the portal sets it up."""
    return _Web(_settings(ENVIRONMENT, seconds_to_finish=30)).cfg


def arbiters_configuration() -> Any:
    """The same where it is gunicorn's arbiter who starts the processes."""
    return _Web(_settings(ENVIRONMENT, seconds_to_finish=30) | _of_the_arbiter(ENVIRONMENT, Shares())).cfg


@contextmanager
def listening() -> Iterator[TCPSocket]:
    """A socket that people can knock at, as gunicorn has it."""
    place = socket.create_server(("127.0.0.1", 0))
    with closing(TCPSocket(place.getsockname(), configuration(), None, fd=place.detach())) as listener:
        listener.settimeout(0)
        yield listener


@contextmanager
def web_process(
    listener: TCPSocket, shares: Shares, *, number: int = 1, threads: int | None = None, application: Any = None
) -> Iterator[Any]:
    """A process that is ready, and looks at what is asked of it once its `run` is called."""
    settings = configuration()
    if threads is not None:
        settings.set("threads", threads)
    process = WebProcess(number, os.getppid(), [listener], None, 30, settings, settings.logger_class(settings))
    shares.begin(None, process)
    process.wsgi = application
    process.tpool, process.poller = process.get_thread_pool(), selectors.DefaultSelector()
    process.method_queue.init()
    try:
        yield process
    finally:
        process.tpool.shutdown()
        if process.poller.get_map() is not None:  # it has never run, and so closed nothing
            process.method_queue.run_callbacks(None)  # of those who have gone
            process.method_queue.close()
            process.poller.close()
        process.tmp.close()


@contextmanager
def running(process: Any) -> Iterator[None]:
    """It answers meanwhile."""
    work = threading.Thread(target=process.run)
    work.start()
    try:
        yield
    finally:
        process.handle_exit(None, None)
        work.join()
