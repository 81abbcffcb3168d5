"""From a backup back to a portal; killed at any moment, it leaves what was before, or says that it is unfinished.

verified, read      nothing has changed
marked, committing  the database changes as a whole; the files still are those of before
files, settled      likewise; restoring once more finishes it
mark removed        done
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from kundenportal.config.backups import archive, dumps, places
from kundenportal.config.backups.exchanging import Exchange
from kundenportal.config.backups.failures import BackupTrouble, damaged, is_lack_of_room
from kundenportal.config.backups.making import make, verify, write_down
from kundenportal.config.backups.sealing import opened
from kundenportal.config.postgres import database_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from kundenportal.config.backups.archive import About
    from kundenportal.config.backups.sealing import Keys
    from kundenportal.config.env import Environment


@dataclass(frozen=True)
class Restored:
    """A backup that holds again, and whether its key is kept now."""

    about: About
    keeps_key: bool


def restore(
    environment: Environment,
    path: Path,
    *,
    keys: Keys,
    replace: bool,
    known_migrations: frozenset[str],
    settle: Callable[[About], None],
    tell_of_before: Callable[[Path], None],
    now: datetime,
) -> Restored:
    """The portal is as it was when the backup was made, settled for its second life; the database has to be running.

    Where a portal is replaced, the backup made of it before is told of at once, whatever comes after.
    """
    address, programs = database_of(environment), environment.postgres_programs
    about = verify(path, keys=keys, programs=programs)
    _refuse_newer(about, known_migrations, path)
    standing = dumps.standing_of(address, programs=programs)
    mark = places.unfinished(environment)
    goes_on = mark.exists()
    exchange = Exchange(environment, needed=(path, keys.key_file))
    is_in_use = not standing.is_empty or exchange.takes_something_away
    _refuse_to_replace(standing, is_in_use=is_in_use, asked=replace or goes_on)
    if is_in_use and not goes_on:
        target = places.beside_others(environment.backup_dir, places.BEFORE_RESTORE, now=now)
        tell_of_before(make(environment, target, keys=keys, now=now).path)
    with _leaving_nothing_that_failed(environment, exchange):
        exchange.prepare()
        loading = dumps.Loading(address, empty_first=not standing.is_empty, programs=programs)
        try:
            _unpack(path, keys, exchange, loading, environment)
            _mark(mark, path)
            try:
                loading.commit()
            except BackupTrouble:
                if not goes_on:
                    mark.unlink()
                raise
        finally:
            loading.close()
    _put_into_place(environment, exchange)
    settle(about)
    keeps_key = keys.is_new_in(environment.backup_key_file)
    if keeps_key:
        keys.keep_in(environment.backup_key_file)
    mark.unlink()
    exchange.tidy_up()
    return Restored(about, keeps_key)


def _refuse_newer(about: About, known_migrations: frozenset[str], path: Path) -> None:
    if set(about.migrations) - known_migrations:
        raise BackupTrouble(
            f"{path} holds tables of a newer Kundenportal than this one; it was made by {about.version}. "
            "Install the newer version, then restore."
        )


def _refuse_to_replace(standing: dumps.Standing, *, is_in_use: bool, asked: bool) -> None:
    if standing.others_connected:
        raise BackupTrouble("The portal is running on this database; stop it everywhere, then restore.")
    if is_in_use and not asked:
        raise BackupTrouble(
            "There is a portal here already. With --replace it is replaced, after a backup of it has been made; or set "
            "KUNDENPORTAL_DATA_DIR to a new directory."
        )
    if not standing.is_empty and not standing.may_be_emptied:
        raise BackupTrouble(
            "The database cannot be emptied, because its schema public belongs to another role; make a new database."
        )
    if standing.made_of_ours:
        raise BackupTrouble(
            f"What others have made of the portal's tables would go with them: {', '.join(standing.made_of_ours)}. "
            "Keep how it was made, remove it, restore, and make it again."
        )


@contextmanager
def _leaving_nothing_that_failed(environment: Environment, exchange: Exchange) -> Iterator[None]:
    # It may be much, with the secret key among it, and nobody else would remove it; once more begins anew anyway.
    try:
        yield
    except BaseException as fault:
        exchange.tidy_up(as_far_as_possible=True)
        if is_lack_of_room(fault):
            raise BackupTrouble(
                f"There is no room left in {environment.data_dir} or where its uploads lie; the backup is not restored."
            ) from None
        raise


def _unpack(path: Path, keys: Keys, exchange: Exchange, loading: dumps.Loading, environment: Environment) -> None:
    with path.open("rb") as file, opened(file, keys, path) as plain:
        for part, content in archive.parts(plain, path):
            if part.startswith(archive.DATABASE):
                loading.take(content.read())
            elif part.startswith(archive.FILES):
                waiting = exchange.waiting(_safe(part.removeprefix(archive.FILES), path))
                if waiting is not None:
                    _write(waiting, content)
            elif part == archive.SECRET_KEY:
                key = content.read().decode()
                _refuse_other_key(environment, key)
                _keep_secret_key(exchange.draft / places.SECRET_KEY, key)
    loading.end()


def _safe(name: str, path: Path) -> PurePosixPath:
    safe = PurePosixPath(name)
    if safe.is_absolute() or ".." in safe.parts:
        raise damaged(path)
    return safe


def _write(waiting: Path, content: BinaryIO) -> None:
    waiting.parent.mkdir(parents=True, exist_ok=True)
    with waiting.open("wb") as copy:
        shutil.copyfileobj(content, copy)


def _refuse_other_key(environment: Environment, key: str) -> None:
    if environment.secret_key is not None and environment.secret_key != key:
        raise BackupTrouble(
            "The backup was made with another KUNDENPORTAL_SECRET_KEY than the one that is set, under which no initial "
            "password in it would work. Leave the variable out; the right key is then in the data directory."
        )


def _keep_secret_key(kept: Path, key: str) -> None:
    with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{key}\n")


def _mark(mark: Path, path: Path) -> None:
    draft = mark.with_name(f"{mark.name}.draft")
    with draft.open("w") as file:
        file.write(f"{path}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(mark)
    write_down(mark.parent)


def _put_into_place(environment: Environment, exchange: Exchange) -> None:
    exchange.put_into_place()
    (exchange.draft / places.SECRET_KEY).replace(environment.data_dir / places.SECRET_KEY)
