"""Gunicorn's settings: the web processes are the portal's, which share connections and stay with those that ask more.

Gunicorn's own would have all of them at one process every now and then, and that is no matter of what is served.
"""

from kundenportal.config.balance import Shares
from kundenportal.config.web import WebProcess

_shares = Shares()

worker_class = WebProcess
preload_app = True
loglevel = "warning"
control_socket_disable = True
child_exit = _shares.end


def pre_fork(arbiter: object, worker: WebProcess) -> None:
    """Gunicorn's hook, before each process."""
    worker.shares = _shares
    _shares.note(worker, 0)
