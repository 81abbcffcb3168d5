"""The portal's figures as a monitoring system reads them."""

from __future__ import annotations

import os

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from .figures import Figures
from .machine import Disk
from .times import request_seconds

__all__ = ["CONTENT_TYPE", "everything"]


def everything() -> bytes:
    """What the database says, and of this machine its room and how long requests to all its web processes took."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    registry.register(Disk())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # set by config.counting
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(request_seconds)
    return generate_latest(registry)
