"""A backup, from the running portal to a file that has been read back."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, BinaryIO

from kundenportal.config.backups import archive, dumps, places
from kundenportal.config.backups.failures import BackupTrouble, damaged, is_lack_of_room
from kundenportal.config.backups.sealing import Keys, opened, sealed
from kundenportal.config.env import secret_key
from kundenportal.config.postgres import database_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from kundenportal.config.backups.archive import About
    from kundenportal.config.env import Environment


@dataclass(frozen=True)
class Backup:
    """A backup that has been read back from its file."""

    path: Path
    size: int
    about: About


def keys_of(environment: Environment, key_file: Path | None = None) -> Keys:
    """What backups are sealed and opened with here."""
    return Keys(environment.backup_passphrase, key_file or environment.backup_key_file)


def target_in(environment: Environment, wanted: Path | None, *, kind: str, now: datetime) -> Path:
    """The file a backup is written to: the one that is wanted, or one named by the moment in a folder."""
    if wanted is None or wanted.is_dir():
        return places.beside_others((wanted or environment.backup_dir).absolute(), kind, now=now)
    return wanted.absolute()


def make(environment: Environment, target: Path, *, keys: Keys, now: datetime, programs: Path | None = None) -> Backup:
    """The database, which has to be running, the files and the secret key are in the file, which has been read back.

    A file of that name is there only once all of that has succeeded. Other programs than ours write for older ones.
    """
    address = database_of(environment)
    standing = dumps.standing_of(address, programs=environment.postgres_programs)
    about = archive.About(
        made_at=now.isoformat(),
        version=version("kundenportal"),
        postgres=standing.postgres,
        migrations=standing.migrations,
    )
    with _draft_of(target) as (draft, file):
        with sealed(file, keys) as plain:
            archive.write(
                plain,
                about,
                secret_key=secret_key(environment),
                dump=dumps.dump(address, programs=programs or environment.postgres_programs),
                files=places.kept_files(environment),
                directory=environment.data_dir,
            )
        file.flush()
        os.fsync(file.fileno())
        verify(draft, keys=keys, programs=environment.postgres_programs, name=target)
        draft.replace(target)
    write_down(target.parent)
    return Backup(target, target.stat().st_size, about)


def verify(path: Path, *, keys: Keys, programs: Path | None = None, name: object = None) -> About:
    """The file can be opened, is whole, and its dump can be read to its end; nothing is restored."""
    name = name or path
    about: About | None = None
    trial = dumps.Trial(programs=programs)
    try:
        with path.open("rb") as file, opened(file, keys, name) as plain:
            for part, content in archive.parts(plain, name):
                if part == archive.ABOUT:
                    about = archive.about_in(content, name)
                elif part.startswith(archive.DATABASE):
                    trial.take(content.read())
        trial.end()
    finally:
        trial.close()
    if about is None:
        raise damaged(name)
    return about


def write_down(directory: Path) -> None:
    """What the folder holds by now is on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _draft_of(target: Path) -> Iterator[tuple[Path, BinaryIO]]:
    draft = target.with_name(f"{target.name}.draft")
    if target.exists():
        raise BackupTrouble(f"{target} exists already; name another file.")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_abandoned_drafts(target.parent)
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as fault:
        raise BackupTrouble(f"No backup can be written in {target.parent}: {fault.strerror}.") from None
    with os.fdopen(descriptor, "r+b") as file:
        if not _is_ours(file):
            raise BackupTrouble(f"Another backup is being written to {target}.")
        file.truncate()
        try:
            yield draft, file
        except BaseException as fault:
            draft.unlink(missing_ok=True)
            if is_lack_of_room(fault):
                raise BackupTrouble(f"There is no room left in {target.parent} for the backup; none is made.") from None
            raise


def _remove_abandoned_drafts(directory: Path) -> None:
    for draft in directory.glob(f"kundenportal*{places.SUFFIX}.draft"):
        # Nothing is written, but over NFS only who may write may lock a file alone.
        with draft.open("r+b") as file:
            if _is_ours(file):
                draft.unlink(missing_ok=True)


def _is_ours(file: BinaryIO) -> bool:
    # The kernel lifts the lock when its holder dies, however that happens.
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
