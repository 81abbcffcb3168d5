"""Brand colours are judged against what the pages are really painted with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kundenportal.domain.site.rules.colours import OWN, PAGES, Ground
from kundenportal.web import shared

SCHEME = (Path(shared.__file__).parent / "css/settings/scheme-device.css").read_text(encoding="utf-8")


def painted(token: str, ground: Ground) -> str:
    """The token as the style sheet has it."""
    found = re.search(rf"--{token}: light-dark\((#\w+), (#\w+)\);", SCHEME)
    assert found, token
    return found[1] if ground is Ground.LIGHT else found[2]


@pytest.mark.parametrize("ground", Ground)
def test_the_rule_knows_the_style_sheet(ground: Ground) -> None:
    surfaces = tuple(painted(token, ground) for token in ("paper", "paper-deep", "sheet"))
    assert PAGES[ground].surfaces == surfaces
    assert painted("masthead", ground) in surfaces
    assert PAGES[ground].ink == painted("ink", ground)
    assert PAGES[ground].label == painted("on-accent", ground)
    own = OWN[ground]
    assert (own.accent, own.accent_hover, own.on_accent, own.accent_wash) == tuple(
        painted(token, ground) for token in ("accent", "accent-hover", "on-accent", "accent-wash")
    )
