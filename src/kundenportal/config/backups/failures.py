from __future__ import annotations


class BackupTrouble(Exception):  # noqa: N818 - reads as the refusal it is
    """A backup cannot be made, read or restored, told in one sentence."""


class Damaged(BackupTrouble):
    """The file is not whole."""


def damaged(name: object) -> Damaged:
    """The one sentence for a file that was changed, cut off or copied wrongly."""
    return Damaged(f"{name} is damaged or was not copied to its end; take another backup.")
