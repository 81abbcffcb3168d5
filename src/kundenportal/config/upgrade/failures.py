from __future__ import annotations


class CannotUpgrade(Exception):  # noqa: N818 - reads as the refusal it is
    """The upgrade has not begun, or has been given up, told in a sentence or two."""
