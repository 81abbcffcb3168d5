"""The operator's colours and logo, from addresses made of what they hold: browsers may keep them for good."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from kundenportal.domain.site import queries
from kundenportal.domain.site.rules.colours import ColourMalformed, Ground, colour_in, is_readable, tokens

from .access import everybody

if TYPE_CHECKING:
    from django.http import HttpRequest

    from kundenportal.domain.site.rules.settings import Site

KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
OWN = "own"
DIGEST_SIGNS = 8
# The same selectors and the same cascade layer as scheme-device.css, which it follows; more contrast, asked for by the
# device, still comes first.
SHEET = """@layer settings{{
[data-colour-scheme="light"],[data-colour-scheme="dark"],
:root:has([name="colour_scheme"]:is([value="light"],[value="dark"]):checked){{{tokens}}}
@media not (prefers-contrast:more){{
[data-colour-scheme="device"],:root:has([name="colour_scheme"][value="device"]:checked){{{tokens}}}
}}
}}
"""


def brand_url(site: Site) -> str:
    """The address of the style sheet with the operator's colours; empty where the portal's own are good enough."""
    if not site.brand:
        return ""
    light, dark = (site.brand.get(ground, "") for ground in Ground)
    return reverse("brand", args=[_name(light, dark)])


def logo_url(site: Site) -> str:
    """The address of the logo; empty where there is none."""
    return reverse("logo", args=[site.logo]) if site.logo else ""


@everybody
@require_safe
def brand(request: HttpRequest, name: str) -> HttpResponse:
    """The style sheet of these colours, whoever has them: it is made from its address and asks the database nothing."""
    try:
        light, dark = (part if part == OWN else colour_in(part) for part in name.split("-")[:2])
    except (ColourMalformed, ValueError):
        raise Http404 from None
    colours = {ground: "" if part == OWN else part for ground, part in zip(Ground, (light, dark), strict=True)}
    is_known = all(not colour or is_readable(colour, ground) for ground, colour in colours.items())
    if not is_known or name != _name(*colours.values()):
        raise Http404
    sheet = _sheet(*colours.values())
    return HttpResponse(sheet, content_type="text/css; charset=utf-8", headers={"Cache-Control": KEPT_FOR_GOOD})


@everybody
@require_safe
def logo(request: HttpRequest, name: str) -> HttpResponse:
    """The operator's logo, or an earlier one that still stands on some page."""
    content = queries.logo_named(name)
    if content is None:
        raise Http404
    return HttpResponse(content, content_type="image/png", headers={"Cache-Control": KEPT_FOR_GOOD})


def _name(light: str, dark: str) -> str:
    digest = hashlib.sha256(_sheet(light, dark).encode()).hexdigest()[:DIGEST_SIGNS]
    return "-".join((light.removeprefix("#") or OWN, dark.removeprefix("#") or OWN, digest))


def _sheet(light: str, dark: str) -> str:
    by_day, by_night = tokens(light, Ground.LIGHT), tokens(dark, Ground.DARK)
    pairs = {
        "accent": (by_day.accent, by_night.accent),
        "accent-hover": (by_day.accent_hover, by_night.accent_hover),
        "on-accent": (by_day.on_accent, by_night.on_accent),
        "accent-wash": (by_day.accent_wash, by_night.accent_wash),
        "link": (by_day.accent, by_night.accent),
        "masthead-mark": (by_day.accent, by_night.accent),
    }
    return SHEET.format(tokens="".join(f"--{name}:light-dark({day},{night});" for name, (day, night) in pairs.items()))
