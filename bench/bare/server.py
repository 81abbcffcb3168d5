"""Gunicorn's settings: the web processes are the portal's, which share connections and stay with those that ask more.

With gunicorn's own, one process now and then has all connections, which has nothing to do with what is served.
"""

from kundenportal.config.balance import Shares
from kundenportal.config.web import WebProcess

_shares = Shares()

worker_class = WebProcess
preload_app = True
loglevel = "warning"
control_socket_disable = True
pre_fork = _shares.begin
child_exit = _shares.end
