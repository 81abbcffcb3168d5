"""No page is without its pictures in docs/, and there are none of pages that are gone."""

from __future__ import annotations

from journeys.pages import PAGES
from journeys.sheets import FOLDER, INDEX, index_of

TAKE_THEM = "pytest tests/journeys --pictures"
SMALL_ENOUGH = 6_500_000  # bytes; they are in everybody's copy of the repository


def test_every_page_has_its_pictures() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(PAGES), TAKE_THEM
    assert INDEX.read_text(encoding="utf-8") == index_of(PAGES), TAKE_THEM
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < SMALL_ENOUGH
