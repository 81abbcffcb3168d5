"""Pictures of every page in every colour scheme: pytest tests/journeys --screens"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .looks import Look, every_look
from .pages import PAGES, Demonstration
from .words import GERMAN, LANGUAGES, Words

if TYPE_CHECKING:
    from .browsing import Browsing

pytestmark = pytest.mark.journey

WIDTHS = (360, 1280)


@pytest.mark.parametrize("words", LANGUAGES, ids=[words.language for words in LANGUAGES])
@pytest.mark.parametrize("name", PAGES)
def test_pictures_of_a_page(
    demonstration: Demonstration, browsing: Browsing, request: pytest.FixtureRequest, name: str, words: Words
) -> None:
    folder = Path(request.config.rootpath, "test-results", "screens", name)
    folder.mkdir(parents=True, exist_ok=True)
    page = PAGES[name].open(demonstration, browsing, words, reduced_motion="reduce")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        # As high as the page, so that what sticks to the edge of the window does not cover anything.
        height = int(page.evaluate("document.scrollingElement.scrollHeight"))
        page.set_viewport_size({"width": width, "height": height})
        # What a scheme looks like does not depend on the language.
        looks = list(every_look()) if words is GERMAN else [Look("light")]
        for look in looks:
            look.put_on(page)
            page.screenshot(path=folder / f"{words.language}-{width}-{look}.png", full_page=True)
