"""An English letter begins as English letters do: after the greeting's comma with a capital."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.utils.html import strip_tags

import kundenportal

DOMAIN = Path(kundenportal.__file__).parent / "domain"
LETTERS = sorted(
    "/".join(text.parts[-3:]) for text in DOMAIN.glob("*/templates/*/*/en.*") if text.name in {"en.txt", "en.html"}
)
GREETING = re.compile(r"(?:Dear|Hello)[^,]*,\s*(\S)")


# What a letter about a window says depends on what becomes of it.
WINDOWS = [(says, has_begun) for says in ("", "moved", "cancelled", "over") for has_begun in (False, True)]


@pytest.mark.parametrize("letter", LETTERS)
def test_after_the_greeting_a_sentence_begins(letter: str) -> None:
    for says, has_begun in WINDOWS:
        read = strip_tags(get_template(letter).render({"says": says, "has_begun": has_begun}))
        begins = GREETING.search(read)
        assert begins is not None
        assert begins[1].isupper(), read
