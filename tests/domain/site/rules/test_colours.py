from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kundenportal.domain.site.rules.colours import (
    OWN,
    ColourMalformed,
    Ground,
    colour_in,
    contrast,
    is_readable,
    nearest_readable,
    tokens,
)

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54), ("#123456", "#123456", 1)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(("entry", "colour"), [("#23487F", "#23487f"), (" 23487f ", "#23487f"), ("#abc", "#aabbcc")])
def test_a_colour_is_entered_as_designers_write_it(entry: str, colour: str) -> None:
    assert colour_in(entry) == colour


@pytest.mark.parametrize("entry", ["", "rot", "#12345", "#1234567", "#12345g", "#é23456"])
def test_what_is_no_colour(entry: str) -> None:
    with pytest.raises(ColourMalformed):
        colour_in(entry)


@pytest.mark.parametrize(
    ("colour", "ground", "readable"),
    [
        ("#23487f", Ground.LIGHT, True),
        ("#ffd400", Ground.LIGHT, False),  # a yellow nobody reads on paper
        ("#ffd400", Ground.DARK, True),
        ("#23487f", Ground.DARK, False),
    ],
)
def test_a_colour_can_be_read_on_one_ground_and_not_on_the_other(colour: str, ground: Ground, readable: bool) -> None:  # noqa: FBT001
    assert is_readable(colour, ground) is readable


@settings(deadline=None)
@given(COLOURS, st.sampled_from(Ground))
def test_the_nearest_shade_can_be_read_and_is_the_colour_itself_if_that_can(colour: str, ground: Ground) -> None:
    nearest = nearest_readable(colour, ground)
    assert is_readable(nearest, ground)
    if is_readable(colour, ground):
        assert nearest == colour


@pytest.mark.parametrize("ground", Ground)
def test_without_a_brand_colour_the_portal_keeps_its_own(ground: Ground) -> None:
    assert tokens("", ground) == OWN[ground]
    assert is_readable(OWN[ground].accent, ground)
