"""The ways a page can be painted: every colour scheme, and by day and by night where it follows the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .words import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

FOLLOWING_THE_DEVICE = ("device", "high-contrast")


@dataclass(frozen=True)
class Look:
    """A colour scheme on a device that is set to light or dark, and perhaps to more contrast."""

    scheme: str
    device: Literal["light", "dark"] = "light"
    contrast: Literal["more", "no-preference"] = "no-preference"

    def __str__(self) -> str:
        """A name for a report or a file."""
        return f"{self.scheme}-{self.device}" if self.scheme in FOLLOWING_THE_DEVICE else self.scheme

    def put_on(self, page: Page) -> None:
        """The page is shown like this, without being loaded anew."""
        page.emulate_media(color_scheme=self.device, contrast=self.contrast)
        page.evaluate(
            """(scheme) => {
                document.documentElement.dataset.colourScheme = scheme;
                const choice = document.querySelector(`[name="colour_scheme"][value="${scheme}"]`);
                if (choice) choice.checked = true;
            }""",
            self.scheme,
        )


def every_look() -> Iterator[Look]:
    """Every colour scheme; those that follow the device by day and by night."""
    for scheme in SCHEMES:
        yield Look(scheme)
        if scheme in FOLLOWING_THE_DEVICE:
            yield Look(scheme, "dark")


def every_other_look() -> Iterator[Look]:
    """Those a page can have beside the one it is opened in: by day and by night, a device's is light or dark."""
    yield from (look for look in every_look() if look.scheme not in {"device", "light"})


def without_what_is_announced(page: Page) -> None:
    """Takes the announcement of maintenance away: it will be over when somebody looks at the picture."""
    page.evaluate("""() => document.querySelector('.notices:has(a[href="/maintenance/"])')?.remove()""")
