"""Where a page says a rule's number in words, the rule says the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.utils import translation

import kundenportal
from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME
from kundenportal.domain.credentials.rules.lockout import KNOWN_FOR
from kundenportal.domain.worklist.rules import ENDS_SOON, Kind
from kundenportal.web.content.shipped.legal import PRIVACY_DE, PRIVACY_EN
from kundenportal.web.desk.words import WAITING

PACKAGE = Path(kundenportal.__file__).parent
TEXTS = [*PACKAGE.rglob("templates/**/*.html"), *PACKAGE.rglob("templates/**/*.txt")]
IN_WORDS = ("four weeks", "vier wochen")


def test_four_weeks_are_how_long_an_initial_password_lives() -> None:
    told = [
        str(text.relative_to(PACKAGE)) for text in TEXTS if any(words in text.read_text().lower() for words in IN_WORDS)
    ]
    assert any(text.startswith("web/") for text in told)
    assert any(text.startswith("domain/") for text in told)
    assert timedelta(weeks=4) == LIFETIME, f"change the words in {', '.join(sorted(told))}, and in the catalogue"


def test_the_privacy_page_says_how_long_a_browser_is_known() -> None:
    for told in (f"aussperren können; {KNOWN_FOR.days} Tage.", f"bis {KNOWN_FOR.days} Tage nach"):
        assert told in str(PRIVACY_DE.blocks)
    for told in (f"lock you out; {KNOWN_FOR.days} days.", f"until {KNOWN_FOR.days} days after"):
        assert told in str(PRIVACY_EN.blocks)


def test_the_desk_says_how_soon_what_ends_soon_ends() -> None:
    with translation.override("de"):
        assert f"{ENDS_SOON.days} Tagen" in str(WAITING[Kind.EXPIRING])
