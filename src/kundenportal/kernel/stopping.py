"""How a program that runs until it is told to stop learns that it is told."""

from __future__ import annotations


class StopAsked(BaseException):
    """Somebody wants us to stop; it passes through whatever is being waited for."""
