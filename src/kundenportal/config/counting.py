"""Where the web processes count their requests."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from tempfile import mkdtemp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.env import Environment

# A directory of Linux's; elsewhere wherever the system keeps what does not last.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - nothing in it has a name of ours
COUNTS = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def counting_together(environment: Environment) -> Iterator[None]:
    """Each web process knows the counts of all, if anybody may ask for them; begun before the portal is loaded."""
    if environment.metrics_token is None or COUNTS in os.environ:
        yield
        return
    # Each process counts in files of its own, which all of them read. They are kept in memory: a process that counts
    # in a file on a disk that is full is killed.
    place, ours = mkdtemp(prefix="kundenportal-request-times-", dir=IN_MEMORY), os.getpid()
    # Prometheus' library looks for it when it is first imported, and nowhere else.
    os.environ[COUNTS] = place
    try:
        yield
    finally:
        if os.getpid() == ours:  # and not a web process, a copy of us, that ends before the others
            shutil.rmtree(place, ignore_errors=True)
