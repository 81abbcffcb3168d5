"""Brand colours: which shades can be read, and the nearest one to a shade that cannot."""

from __future__ import annotations

import re
from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass
from enum import StrEnum

from kundenportal.kernel.refusal import Refusal

READABLE = 4.5  # WCAG 2.2, 1.4.3: text; borders and signs need less
STEPS = 1000
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)


class Ground(StrEnum):
    """What a brand colour is seen on."""

    LIGHT = "light"
    DARK = "dark"


class ColourMalformed(Refusal):
    """That is no colour as we write them."""


@dataclass(frozen=True)
class Pages:
    """The surfaces of a scheme the colour of links and buttons stands on, and the two inks of a button's label."""

    surfaces: tuple[str, ...]
    ink: str
    label: str
    wash: float  # how much of the colour is in the surface behind what is chosen
    hover: float  # how far the lightness moves under the pointer


# As in web/shared/css/settings/scheme-device.css; tests/web/test_brand.py compares them.
PAGES = {
    Ground.LIGHT: Pages(("#faf7f1", "#f0ebe1", "#fffefb"), "#211e1a", "#ffffff", 0.1, -0.1),
    Ground.DARK: Pages(("#1b1a18", "#131211", "#242320"), "#ede8de", "#0e1d38", 0.16, 0.1),
}


@dataclass(frozen=True)
class Tokens:
    """What a scheme is painted with in place of its own accent."""

    accent: str
    accent_hover: str
    on_accent: str
    accent_wash: str


# What the portal is painted with where there is no brand colour; likewise compared.
OWN = {
    Ground.LIGHT: Tokens(accent="#23487f", accent_hover="#16335f", on_accent="#ffffff", accent_wash="#e7edf6"),
    Ground.DARK: Tokens(accent="#a3c2f2", accent_hover="#c4d9fa", on_accent="#0e1d38", accent_wash="#26334a"),
}


def colour_in(entry: str) -> str:
    """The colour entered, as #rrggbb. Raises ColourMalformed."""
    found = _HEX.fullmatch(entry.strip())
    if found is None:
        raise ColourMalformed
    digits = found[1].lower()
    return f"#{digits if len(digits) == 6 else ''.join(2 * digit for digit in digits)}"  # noqa: PLR2004 - #rrggbb


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def tokens(colour: str, ground: Ground) -> Tokens:
    """The shades that follow from a brand colour; the portal's own where there is none."""
    if not colour:
        return OWN[ground]
    pages = PAGES[ground]
    hue, lightness, saturation = rgb_to_hls(*_rgb(colour))
    hover = _hex(hls_to_rgb(hue, min(1, max(0, lightness + pages.hover)), saturation))
    wash = _hex(tuple(
        part * pages.wash + below * (1 - pages.wash)
        for part, below in zip(_rgb(colour), _rgb(pages.surfaces[-1]), strict=True)
    ))  # fmt: skip
    return Tokens(accent=colour, accent_hover=hover, on_accent=pages.label, accent_wash=wash)


def pairs(colour: str, ground: Ground) -> list[tuple[str, str]]:
    """Every pair of colours that occurs with this one."""
    pages, shades = PAGES[ground], tokens(colour, ground)
    return [
        *((shade, surface) for shade in (shades.accent, shades.accent_hover) for surface in pages.surfaces),
        *((shades.on_accent, shade) for shade in (shades.accent, shades.accent_hover)),
        *((ink, shades.accent_wash) for ink in (pages.ink, shades.accent, shades.accent_hover)),
    ]


def least_contrast(colour: str, ground: Ground) -> float:
    """The contrast of the pair that is worst off."""
    return min(contrast(one, other) for one, other in pairs(colour, ground))


def is_readable(colour: str, ground: Ground) -> bool:
    """Whether every pair that occurs is far enough apart."""
    return least_contrast(colour, ground) >= READABLE


def nearest_readable(colour: str, ground: Ground) -> str:
    """The shade of the same hue that can be read and whose lightness is nearest."""
    hue, lightness, saturation = rgb_to_hls(*_rgb(colour))
    by_distance = sorted(range(STEPS + 1), key=lambda step: abs(step / STEPS - lightness))
    shades = (_hex(hls_to_rgb(hue, step / STEPS, saturation)) for step in by_distance)
    return next(shade for shade in (colour, *shades) if is_readable(shade, ground))


def _luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - as WCAG defines it
        for part in _rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255


def _hex(rgb: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)
