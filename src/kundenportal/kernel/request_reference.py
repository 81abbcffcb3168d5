"""By what the request that is being answered is known, in its answer and in every line of the log about it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from .randomness import TOKEN_ALPHABET, random_text

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = 10  # thousands of millions of millions: none is given twice

_current: ContextVar[str] = ContextVar("request_reference", default="")


def request_reference() -> str:
    """The reference of the request that is being answered; empty where none is."""
    return _current.get()


@contextmanager
def referenced() -> Iterator[str]:
    """A new reference, which is that of everything that happens meanwhile."""
    reference = random_text(TOKEN_ALPHABET, LENGTH)
    outer = _current.set(reference)
    try:
        yield reference
    finally:
        _current.reset(outer)
