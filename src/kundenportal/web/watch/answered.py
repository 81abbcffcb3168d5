"""What is told of a request, by whoever tells of it."""

from __future__ import annotations

from dataclasses import dataclass

NO_PAGE = "none"  # of what is not asked for by a page's name


@dataclass(frozen=True)
class Answered:
    """One request that has been answered: nothing in it was chosen by whoever asked, but for the last."""

    page: str
    method: str
    status: int
    seconds: float
    traceparent: str
