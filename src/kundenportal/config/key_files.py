"""Secrets kept in files that nobody but their owner can read."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def keep_new_key(kept: Path, make: Callable[[], str]) -> None:
    """The file holds a key: the one that was there before, or a new one, whole."""
    if kept.exists():
        return
    descriptor, draft = tempfile.mkstemp(prefix=f"{kept.name}.", dir=kept.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make() + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never replaces the key another process has just made.
        with suppress(FileExistsError):
            os.link(draft, kept)
    finally:
        Path(draft).unlink()
