"""By what the request that is being answered is known: in its answer, on an error page, in each line of the log."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from .references import new_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

_current: ContextVar[str] = ContextVar("request_reference", default="")


def request_reference() -> str:
    """The reference of the request that is being answered; empty where none is."""
    return _current.get()


@contextmanager
def referenced() -> Iterator[str]:
    """A new reference, which is that of everything that happens meanwhile."""
    reference = new_reference()
    outer = _current.set(reference)
    try:
        yield reference
    finally:
        _current.reset(outer)
