"""Pictures of every page in every colour scheme, at many widths and on paper: pytest tests/journeys --screens"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .browsing import SIDEWAYS
from .looks import Look, every_look
from .pages import PAGES
from .words import LANGUAGES, Words

if TYPE_CHECKING:
    from playwright.sync_api import ViewportSize

    from .browsing import Browsing
    from .demonstration import Demonstration

pytestmark = pytest.mark.journey

LIGHT = Look("light")
WIDTHS, WIDTHS_BETWEEN = (360, 1280), (320, 480, 600, 760, 900, 1100, 1920)
LOOKS = {width: list(every_look()) for width in WIDTHS} | {width: [LIGHT] for width in WIDTHS_BETWEEN}
SHEET_OF_PAPER: ViewportSize = {"width": 718, "height": 1047}  # what the margins leave of A4

HEIGHT = "document.scrollingElement.scrollHeight"


@pytest.mark.parametrize("words", LANGUAGES, ids=[words.language for words in LANGUAGES])
@pytest.mark.parametrize("name", PAGES)
def test_pictures_of_a_page(
    demonstration: Demonstration, browsing: Browsing, request: pytest.FixtureRequest, name: str, words: Words
) -> None:
    folder = Path(request.config.rootpath, "test-results", "screens", name)
    folder.mkdir(parents=True, exist_ok=True)
    page = PAGES[name].open(demonstration, browsing, words, reduced_motion="reduce")
    faults = []
    for width, looks in LOOKS.items():
        page.set_viewport_size({"width": width, "height": 800})
        faults += [f"{width}: {fault}" for fault in page.evaluate(SIDEWAYS)]
        # As high as the page, so that what sticks to the edge of the window does not cover anything.
        page.set_viewport_size({"width": width, "height": int(page.evaluate(HEIGHT))})
        for look in looks:
            look.put_on(page)
            page.screenshot(path=folder / f"{words.language}-{width}-{look}.png", full_page=True)

    page.set_viewport_size(SHEET_OF_PAPER)
    LIGHT.put_on(page)
    page.emulate_media(media="print")
    page.screenshot(path=folder / f"{words.language}-print.png", full_page=True)

    assert not faults, "\n".join(faults)
