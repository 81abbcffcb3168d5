"""The embedded database, carried from an older major of PostgreSQL to ours; killed at any moment, nothing is lost.

a successor beside it is filled, and compared    the old database holds, unchanged; the next upgrade begins anew
the old one is put aside                         the successor is whole; whoever starts next puts it into place
the successor is in place                        it holds; the next upgrade removes what is left of the old one
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg

from kundenportal.config.backups import making
from kundenportal.config.backups import places as backup_places
from kundenportal.config.backups.dumps import Loading, dump
from kundenportal.config.backups.failures import BackupTrouble
from kundenportal.config.postgres import (
    DatabaseUnavailable,
    DataDirectoryInUse,
    EmbeddedPostgres,
    client_programs,
    places,
)
from kundenportal.config.postgres.making import finish_succession
from kundenportal.config.postgres.owner import owner_of
from kundenportal.config.postgres.predecessors import end_predecessors
from kundenportal.config.postgres.programs import INSTALLATIONS, MAJOR, Outdated
from kundenportal.config.upgrade.comparing import content_of
from kundenportal.config.upgrade.failures import CannotUpgrade
from kundenportal.kernel.reasons import first_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from kundenportal.config.backups.sealing import Keys
    from kundenportal.config.env import Environment
    from kundenportal.config.postgres.owner import Owner

# What a large database still writes when it is told to end must not be cut short.
SECONDS_TO_REST = 600
GIGABYTE = 1_000_000_000
NOTHING_HAS_CHANGED = (
    "Nothing has changed: the database is as it was. Run `kundenportal upgrade` again once that is mended, or install "
    "the version of the portal that you had, which starts as before."
)


def outdated_in(directory: Path, programs: Path | None) -> Outdated | None:
    """The older major that a database has to be carried over from; None where there is nothing to carry."""
    finish_succession(directory)
    major = places.major_of(directory)
    if major is None or major >= MAJOR:
        return None
    if programs is None and major not in INSTALLATIONS:
        raise CannotUpgrade(
            f"The database was made by PostgreSQL {major}, whose programs this Kundenportal does not bring along. Name "
            f"their folder with --old-postgres, such as /usr/lib/postgresql/{major}/bin; or make a backup with the "
            "version of the portal that you had, and restore it with this one into an empty data directory."
        )
    if programs is not None and not (programs / "postgres").is_file():
        raise CannotUpgrade(f"There is no program postgres in {programs}.")
    return Outdated(major, programs)


def carry_over(
    environment: Environment, outdated: Outdated, *, keys: Keys, now: datetime, tell: Callable[[str], None]
) -> Path:
    """The database is one of our major, holding what it held; the backup that was made before is returned."""
    directory = environment.data_dir
    try:
        # Started first: it takes the directory, so that what is left of an earlier attempt is nobody's.
        with EmbeddedPostgres(directory, outdated=outdated) as old:
            owner = owner_of(places.cluster(directory))
            _remove_leftovers(directory)
            _refuse_too_little_room(environment)
            target = backup_places.beside_others(environment.backup_dir, backup_places.BEFORE_UPGRADE, now=now)
            # By the old programs, so that the portal of before can read it, should somebody have to go back.
            programs = outdated.programs or client_programs(outdated.major)
            backup = making.make(environment, target, keys=keys, now=now, programs=programs)
            tell(f"A backup has been made and read back: {backup.path}")
            try:
                _fill_successor(old, owner, tell)
                old.rest(seconds=SECONDS_TO_REST)
            except BaseException:
                # As large as the old one, and perhaps why there was no room. Here, for the directory is still ours.
                with suppress(OSError):
                    _remove_leftovers(directory)
                raise
            _succeed(directory)
    except DataDirectoryInUse:
        raise
    except (BackupTrouble, CannotUpgrade, DatabaseUnavailable, OSError, psycopg.Error) as fault:
        reason = first_line(fault).rstrip(".")
        raise CannotUpgrade(f"{reason}. {NOTHING_HAS_CHANGED}") from None
    tell(f"PostgreSQL {MAJOR} holds it now.")
    return backup.path


def tidy_up(directory: Path) -> None:
    """Nothing is left of the database of before, nor of attempts that were given up; ours has to be in place."""
    _remove_leftovers(directory)
    shutil.rmtree(places.outdated(directory), ignore_errors=True)


def is_untidy(directory: Path) -> bool:
    """Whether there is something to tidy up."""
    return places.successor(directory).exists() or places.outdated(directory).exists()


def _remove_leftovers(directory: Path) -> None:
    successor = places.successor(directory)
    if successor.exists():
        end_predecessors(places.cluster(successor))
        # The socket of a path that is too long lies elsewhere.
        sockets = places.socket_directory(successor)
        if not sockets.is_relative_to(successor):
            shutil.rmtree(sockets, ignore_errors=True)
        shutil.rmtree(successor)


def _refuse_too_little_room(environment: Environment) -> None:
    # Once for the successor; the backup, which is compressed, is smaller than the database.
    needed, free = places.size_of(places.cluster(environment.data_dir)), shutil.disk_usage(environment.data_dir).free
    if free < needed:
        raise CannotUpgrade(
            f"There are {free / GIGABYTE:.1f} GB free where {environment.data_dir} is, and {needed / GIGABYTE:.1f} GB "
            "are needed for a while"
        )


def _fill_successor(old: EmbeddedPostgres, owner: Owner, tell: Callable[[str], None]) -> None:
    new = EmbeddedPostgres(places.successor(old.directory), owner=owner)
    with new:
        tell("The database is copied …")
        loading = Loading(new.address, empty_first=False)
        try:
            for piece in dump(old.address, with_what_is_not_ours=True):
                loading.take(piece)
            loading.end()
            loading.commit()
        finally:
            loading.close()
        with psycopg.connect(new.url, autocommit=True) as connection:
            # Without it, the first hours would be slow.
            connection.execute("ANALYZE")
        held, holds = content_of(old.address), content_of(new.address)
        if differences := held.differences_to(holds):
            raise CannotUpgrade(f"The copy is not the same as the original in: {', '.join(differences)}")
        tell(f"The copy is whole: {len(holds.tables)} tables, {holds.rows} rows, compared one by one.")
        new.rest(seconds=SECONDS_TO_REST)


def _succeed(directory: Path) -> None:
    # Of an upgrade before this one, whose successor is the one we have just read.
    shutil.rmtree(places.outdated(directory), ignore_errors=True)
    places.cluster(directory).rename(places.outdated(directory))
    making.write_down(directory)
    finish_succession(directory)
    making.write_down(directory)
