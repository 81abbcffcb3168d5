"""Ways for a process to die at a certain step."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def die(*_: Any) -> None:
    """As a machine does whose plug is pulled: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_before(owner: Any, name: str, *, nth: int) -> None:
    """Dies instead of the nth call."""
    replace(owner, name, nth, die)


def die_after(owner: Any, name: str, *, nth: int) -> None:
    """Dies when the nth call is done."""

    def call_and_die(original: Callable[..., Any], arguments: Any, options: Any) -> None:
        original(*arguments, **options)
        die()

    replace(owner, name, nth, call_and_die)


def replace(owner: Any, name: str, nth: int, instead: Callable[[Callable[..., Any], Any, Any], object]) -> None:
    """Something else is done in place of the nth call."""
    original, calls = getattr(owner, name), 0

    def replacement(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        return instead(original, arguments, options) if calls == nth else original(*arguments, **options)

    setattr(owner, name, replacement)
