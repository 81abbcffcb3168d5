"""Every page in every colour scheme, kept under docs/: `pytest tests/journeys --pictures` takes the pictures anew."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from .looks import without_what_is_announced
from .pages import PAGES
from .sheets import FOLDER, INDEX, LOOKS, QUALITY, index_of, sheet_of
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

    from .browsing import Browsing
    from .demonstration import Demonstration
    from .looks import Look

pytestmark = pytest.mark.journey

TELEPHONE: ViewportSize = {"width": 360, "height": 1000}


@pytest.fixture(scope="module", autouse=True)
def _index() -> None:
    FOLDER.mkdir(exist_ok=True)
    INDEX.write_text(index_of(PAGES), encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_pictures_for_the_documentation(demonstration: Demonstration, browsing: Browsing, name: str) -> None:
    page = PAGES[name].open(demonstration, browsing, GERMAN, reduced_motion="reduce", viewport=TELEPHONE)
    without_what_is_announced(page)
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    sheet = sheet_of(_taken(page, look) for look in LOOKS)
    sheet.save(FOLDER / f"{name}.webp", "WEBP", quality=QUALITY, method=6)


def _taken(page: Page, look: Look) -> Image.Image:
    look.put_on(page)
    return Image.open(io.BytesIO(page.screenshot()))
