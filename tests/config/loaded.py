"""Commands of the portal that have ended, run by a process that all these tests share."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from factories.environments import plain_environment
from factories.loaded import Loaded

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

_loaded = Loaded()


def command(*words: str, **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """A command as `processes.command` runs it, half a second of a processor sooner."""
    return _loaded.run(*words, environment=plain_environment(**settings))


@contextmanager
def ended_afterwards() -> Iterator[None]:
    """The process that has loaded it, if any command was run, is no more afterwards."""
    yield
    _loaded.end()
