"""Logos as they are served: always our own PNG, whatever was uploaded."""

from __future__ import annotations

import hashlib
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from kundenportal.kernel.refusal import Refusal

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 2_000_000
MOST_PIXELS = 20_000_000
# Shown 28 pixels high; four times that is sharp on every screen.
MOST_WIDE, MOST_HIGH = 480, 112


class NoPicture(Refusal):
    """That is no picture of these formats, or one nobody needs that large."""


def drawn_anew(content: bytes) -> tuple[str, bytes]:
    """The picture in the size it is shown in, without whatever else was in the file, and its name. Raises NoPicture."""
    if len(content) > MOST_BYTES:
        raise NoPicture
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as uploaded:
            if uploaded.width * uploaded.height > MOST_PIXELS:
                raise NoPicture
            picture = uploaded.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as unreadable:
        raise NoPicture from unreadable
    picture.thumbnail((MOST_WIDE, MOST_HIGH))
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    drawn = file.getvalue()
    return f"{hashlib.sha256(drawn).hexdigest()[:20]}.png", drawn
