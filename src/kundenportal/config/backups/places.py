"""What of a data directory belongs into a backup, and where backups lie."""

from __future__ import annotations

from datetime import UTC
from itertools import count
from typing import TYPE_CHECKING

from kundenportal.config.backups.failures import BackupTrouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from kundenportal.config.env import Environment

SUFFIX = ".backup"
DAILY, BY_HAND = "kundenportal-daily", "kundenportal"
BEFORE_RESTORE, BEFORE_UPGRADE = "kundenportal-before-restore", "kundenportal-before-upgrade"
SECRET_KEY = "secret-key"  # noqa: S105 - the name of a file
DRAFT, UNFINISHED = "restore-draft", "restore-unfinished"
# The system's own, at the top of a disk; only root may look into it.
LOST_AND_FOUND = "lost+found"
# Everything else is kept: uploads today, and whatever a later version adds.
LEFT_OUT = (
    f"*{SUFFIX}",
    f"*{SUFFIX}.draft",
    "backup-key*",
    "backups",  # also where they are kept elsewhere by now
    "captured-mail",
    "guests",
    "lock",
    LOST_AND_FOUND,
    "maintenance*",
    "postgres*",
    "restore-*",
    f"{SECRET_KEY}*",
    "static*",
)
LEFT_OUT_OF_FOLDERS = (DRAFT, LOST_AND_FOUND)
UPLOADS = "uploads"


def kept_entries(environment: Environment) -> list[Path]:
    """The files and folders of the data directory that belong into a backup; a link there may lead to a folder."""
    uploads = environment.data_dir / UPLOADS
    if environment.backup_dir.resolve().is_relative_to(uploads.resolve()):
        # What holds backups is in none, and nobody must believe in one without uploads.
        raise BackupTrouble(
            f"{environment.backup_dir} lies in {uploads}, which is to be backed up; "
            "choose another KUNDENPORTAL_BACKUP_DIR."
        )
    entries = [path for path in sorted(environment.data_dir.iterdir()) if is_kept(environment, path)]
    for path in entries:
        if path.is_symlink() and not path.exists():
            # A disk that is not mounted, perhaps, with all the uploads.
            raise BackupTrouble(f"{path} leads to {path.readlink()}, which is not there; mount it, or remove the link.")
    return entries


def is_kept(environment: Environment, path: Path) -> bool:
    """Whether what has this path in the data directory belongs into a backup."""
    place = path.resolve()
    return not any(path.match(pattern) for pattern in LEFT_OUT) and not any(
        inside.resolve().is_relative_to(place) for inside in (environment.backup_dir, environment.data_dir)
    )


def contents_of(folder: Path) -> list[Path]:
    """What lies in one of these folders, but for what a restore or the file system keeps there."""
    return [path for path in sorted(folder.iterdir()) if path.name not in LEFT_OUT_OF_FOLDERS]


def kept_files(environment: Environment) -> Iterator[Path]:
    """Every file that belongs into a backup; which ones is looked up as they are asked for."""
    for entry in kept_entries(environment):
        if entry.is_dir():
            for path in contents_of(entry):
                yield from _files_in(path)
        else:
            yield entry


def unfinished(environment: Environment) -> Path:
    """The file that is there while a restore is under way, or was interrupted."""
    return environment.data_dir / UNFINISHED


def named(kind: str, *, now: datetime) -> str:
    """The file name of a backup of this moment."""
    return f"{kind}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"


def beside_others(folder: Path, kind: str, *, now: datetime) -> Path:
    """Where the portal itself puts a backup of this moment: it may have made another in the same second."""
    first = path = folder / named(kind, now=now)
    numbers = count(2)
    while path.exists():
        path = first.with_stem(f"{first.stem}-{next(numbers)}")
    return path


def _files_in(path: Path) -> Iterator[Path]:
    if path.is_dir() and not path.is_symlink():
        for below in sorted(path.iterdir()):
            yield from _files_in(below)
    else:
        yield path
