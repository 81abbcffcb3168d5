"""The pictures kept under docs/: a sheet for each page, on which it stands in every colour scheme side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from .demonstration import CUSTOMER, NEWCOMER, NOBODY, SEVERAL, STAFF
from .looks import Look

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .pages import Place

DOCS = Path(__file__).parents[2] / "docs"
INDEX, FOLDER = DOCS / "pictures.md", DOCS / "pictures"

# Each as it looks once: what follows the device is light by day and dark by night.
LOOKS = {
    Look("light"): "Hell",
    Look("dark", "dark"): "Dunkel",
    Look("high-contrast"): "Hoher Kontrast by day",
    Look("high-contrast", "dark"): "and by night",
    Look("leine"): "Leine",
    Look("heide"): "Heide",
    Look("nordsee", "dark"): "Nordsee",
    Look("bernstein", "dark"): "Bernstein",
}
READERS = {
    "Whoever is not signed in": {NOBODY},
    "Customers": {NEWCOMER, CUSTOMER, SEVERAL},
    "Staff": {STAFF},
}
WIDTH, GAP, GREY = 180, 8, "#808080"
QUALITY = 15  # enough to read by; there are many of them


def sheet_of(pictures: Iterable[Image.Image]) -> Image.Image:
    """The pictures side by side, made smaller."""
    small = [
        each.resize((WIDTH, round(each.height * WIDTH / each.width)), Image.Resampling.LANCZOS) for each in pictures
    ]
    size = (len(small) * (WIDTH + GAP) - GAP, max(each.height for each in small))
    sheet = Image.new("RGB", size, GREY)
    for number, each in enumerate(small):
        sheet.paste(each, (number * (WIDTH + GAP), 0))
    return sheet


def index_of(pages: Mapping[str, Place]) -> str:
    """What docs/pictures.md says."""
    looks = ", ".join(LOOKS.values())
    parts = [
        "# What every page looks like",
        f"Each on a telephone, from its top: {looks}. *Wie das Gerät* looks like *Hell* or *Dunkel*.",
        "`pytest tests/journeys --pictures` takes them and writes this page; a test sees to it that none is forgotten.",
    ]
    for heading, readers in READERS.items():
        names = [name for name, place in pages.items() if place.who in readers]
        parts += [f"## {heading}", "\n".join(f"- [{name}](pictures/{name}.webp)" for name in names)]
    return "\n\n".join(parts) + "\n"
