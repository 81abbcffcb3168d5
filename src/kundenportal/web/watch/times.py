"""How long requests take: counted by each web process, in files in which any of them finds the counts of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Histogram

if TYPE_CHECKING:
    from .answered import Answered

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

request_seconds = Histogram(
    "kundenportal_request_seconds",
    "How long requests took, by page, method and status.",
    ("page", "method", "status"),
    buckets=BUCKETS,
    registry=None,
)


def observe(answered: Answered) -> None:
    """Counts one request."""
    request_seconds.labels(answered.page, answered.method, answered.status).observe(answered.seconds)
