"""Who goes the ways of the portal: in which language, and whether their browser runs scripts."""

from __future__ import annotations

import pytest

from .words import ENGLISH, GERMAN

SCRIPTED_OR_PLAIN = pytest.mark.parametrize("javascript", [True, False], ids=["scripted", "plain"])

# Two of the four show each word and each way once; all four by --thorough.
IN_EITHER_LANGUAGE = pytest.mark.parametrize(
    ("words", "javascript"),
    [
        pytest.param(GERMAN, True, id="german-scripted"),
        pytest.param(GERMAN, False, id="german-plain", marks=pytest.mark.thorough),
        pytest.param(ENGLISH, True, id="english-scripted", marks=pytest.mark.thorough),
        pytest.param(ENGLISH, False, id="english-plain"),
    ],
)
