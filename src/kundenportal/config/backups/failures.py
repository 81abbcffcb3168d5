from __future__ import annotations

import errno


class BackupTrouble(Exception):  # noqa: N818 - reads as the refusal it is
    """A backup cannot be made, read or restored, told in one sentence."""


class Damaged(BackupTrouble):
    """The file is not whole."""


def damaged(name: object) -> Damaged:
    """The one sentence for a file that was changed, cut off or copied wrongly."""
    return Damaged(f"{name} is damaged or was not copied to its end; take another backup.")


def is_lack_of_room(fault: BaseException) -> bool:
    """Whether a disk is full, or what somebody may keep on it."""
    return isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT}
