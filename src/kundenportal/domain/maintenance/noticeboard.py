"""The board in the data directory: what the web server and the proxy in front of it show when nobody can be asked.

Two files, each replaced as a whole: what is known of windows, and a page made of it that needs nothing but itself.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from . import queries
from .rules.board import Board, as_text, board_in

if TYPE_CHECKING:
    from datetime import datetime

KNOWN, PAGE = "windows.json", "unavailable.html"
STYLE = "maintenance/unavailable.css"

logger = logging.getLogger(__name__)


def put_up(board: Board, *, now: datetime) -> None:
    """The board hangs in the data directory; one that already does is not touched.

    A disk that is full costs the notice, not the operation it tells of.
    """
    directory = Path(settings.MAINTENANCE_BOARD)
    try:
        directory.mkdir(exist_ok=True)
        directory.chmod(0o755)  # whatever our umask: the proxy runs as another user
        _replace(directory / KNOWN, as_text(board))
        _replace(directory / PAGE, page(board, now=now))
    except OSError as fault:
        logger.warning("The notice of maintenance cannot be written: %s", fault)


def put_up_what_holds(*, now: datetime) -> None:
    """The board says what the database says."""
    put_up(queries.board(), now=now)


def remembered() -> Board | None:
    """The board as it was last put up; None if it never was."""
    with suppress(OSError, UnicodeError):
        return board_in(Path(settings.MAINTENANCE_BOARD, KNOWN).read_text(encoding="utf-8"))
    return None


def put_up_last() -> int:
    """Changes whenever another board is put up on this machine."""
    with suppress(OSError):
        return Path(settings.MAINTENANCE_BOARD, KNOWN).stat().st_mtime_ns
    return 0


def page(board: Board, *, now: datetime) -> str:
    """A page for whoever cannot be shown the portal, complete in itself and in both languages.

    It may still be shown long after it was written: nothing on it becomes untrue by itself.
    """
    context = {
        "contact": board.contact,
        "under_way": board.under_way(now=now),
        "announced": board.announced(now=now),
        "style": STYLE,
    }
    with translation.override("de"):
        return render_to_string("maintenance/unavailable.html", context)


def style_source() -> str:
    """The page's style as a Content-Security-Policy names it, so that the web server may show the page, too."""
    digest = hashlib.sha256(render_to_string(STYLE).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _replace(file: Path, text: str) -> None:
    with suppress(FileNotFoundError):
        if file.read_text(encoding="utf-8") == text:
            return
    descriptor, draft = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
            os.fchmod(written.fileno(), 0o644)
        Path(draft).replace(file)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
