"""Pictures of the portal for its help pages, taken by `pytest tests/journeys --help-pictures`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.core.files.images import get_image_dimensions
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).parent / "static/content/screenshots"
SCREENSHOTS = {
    "start": _("Start page"),
    "access-letter": _("E-mail with the access data"),
    "first-sign-in": _("Choosing a password at the first sign-in"),
    "expired": _("The password has expired"),
    "profile": _("Profile, upper part"),
    "new-password": _("Profile, creating a new password"),
    "weak-password": _("Profile, confirming a weak password"),
    "locked": _("Signing in is locked"),
}


@dataclass(frozen=True)
class Screenshot:
    """A picture of one page of the portal in one language."""

    address: str
    width: int
    height: int


@cache
def screenshot_of(name: str, language: str) -> Screenshot | None:
    """The picture that shows this page in this language; None where none has been taken."""
    file = FOLDER / language / f"{name}.webp"
    if not file.exists():
        return None
    width, height = get_image_dimensions(file)
    return Screenshot(static(f"content/screenshots/{language}/{name}.webp"), width or 0, height or 0)
