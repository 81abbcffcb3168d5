"""Where a page says a rule's number in words, the rule says the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import kundenportal
from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME

PAGES = Path(kundenportal.__file__).parent / "web"


def test_four_weeks_are_how_long_an_initial_password_lives() -> None:
    pages = [page.name for page in PAGES.rglob("*.html") if "four weeks" in page.read_text().lower()]
    assert pages
    assert timedelta(weeks=4) == LIFETIME, f"change the words on {', '.join(pages)}"
