"""What of a data directory belongs into a backup, and where backups lie."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from kundenportal.config.env import Environment

SUFFIX = ".backup"
DAILY, BY_HAND = "kundenportal-daily", "kundenportal"
BEFORE_RESTORE, BEFORE_UPGRADE = "kundenportal-before-restore", "kundenportal-before-upgrade"
SECRET_KEY = "secret-key"  # noqa: S105 - the name of a file
DRAFT, UNFINISHED = "restore-draft", "restore-unfinished"
# Everything else is kept: uploads today, and whatever a later version adds.
LEFT_OUT = (
    "backup-key*",
    "captured-mail",
    "guests",
    "lock",
    "maintenance*",
    "postgres*",
    "restore-*",
    f"{SECRET_KEY}*",
    "static*",
)


def kept_entries(environment: Environment) -> list[Path]:
    """The files and folders of the data directory that belong into a backup."""
    return [
        path
        for path in sorted(environment.data_dir.iterdir())
        if not any(path.match(pattern) for pattern in LEFT_OUT)
        and path.resolve() not in {environment.backup_dir.resolve(), *environment.backup_dir.resolve().parents}
    ]


def unfinished(environment: Environment) -> Path:
    """The file that is there while a restore is under way, or was interrupted."""
    return environment.data_dir / UNFINISHED


def named(kind: str, *, now: datetime) -> str:
    """The file name of a backup of this moment."""
    return f"{kind}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
