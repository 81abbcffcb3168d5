"""The help shows the portal as it is. `pytest tests/journeys/test_help_pictures.py --help-pictures` takes them anew."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from kundenportal.web.content.screenshots import FOLDER, SCREENSHOTS

from .looks import Look, without_what_is_announced
from .pages import PAGES
from .words import LANGUAGES, Words

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

    from .browsing import Browsing
    from .demonstration import Demonstration

pytestmark = pytest.mark.journey

SHOWN = {
    "start": "start",
    "access-letter": "mail",
    "first-sign-in": "first-sign-in",
    "expired": "expired",
    "profile": "profile",
    "new-password": "profile-new-password",
    "weak-password": "profile-weak-password",
    "locked": "locked",
}
OUTLINES = Path(__file__).with_name("outlines")
VIEWPORT: ViewportSize = {"width": 800, "height": 720}
# What a reader would look for in vain, were the picture an old one.
OUTLINE = """() => [...document.querySelectorAll('main :is(h1, h2, h3, label, legend, button, dt)')]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .map((element) => element.textContent.replace(/\\s+/g, ' ').trim())"""
# From here on a picture shows the part of the page that its name speaks of.
BEGINS_AT = {"access-letter": "main pre", "new-password": "#password", "weak-password": "#password"}
# A reader's portal is not where a test's is.
ANOTHER_ADDRESS = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        text.data = text.data.replaceAll(location.origin, 'https://portal.example.org');
    }
}"""


@pytest.mark.parametrize("name", SCREENSHOTS)
@pytest.mark.parametrize("words", LANGUAGES, ids=[words.language for words in LANGUAGES])
def test_a_picture_in_the_help_shows_the_page_as_it_is(
    demonstration: Demonstration, browsing: Browsing, words: Words, name: str, request: pytest.FixtureRequest
) -> None:
    page = PAGES[SHOWN[name]].open(demonstration, browsing, words, reduced_motion="reduce", viewport=VIEWPORT)
    outline = page.evaluate(OUTLINE)
    picture = FOLDER / words.language / f"{name}.webp"
    seen = OUTLINES / words.language / f"{name}.json"
    if request.config.getoption("--help-pictures"):
        for file in (picture, seen):
            file.parent.mkdir(parents=True, exist_ok=True)
        seen.write_text(json.dumps(outline, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        _take(page, BEGINS_AT.get(name)).save(picture, "WEBP", quality=80, method=6)
    assert json.loads(seen.read_text(encoding="utf-8")) == outline, "take it anew: see the top of this file"


def _take(page: Page, begins_at: str | None) -> Image.Image:
    Look("light").put_on(page)
    without_what_is_announced(page)
    page.evaluate(ANOTHER_ADDRESS)
    page.evaluate("document.activeElement.blur()")
    if begins_at:
        page.locator(begins_at).evaluate("(element) => element.scrollIntoView({ block: 'start' })")
    else:
        page.evaluate("scrollTo(0, 0)")
    return Image.open(io.BytesIO(page.screenshot()))
