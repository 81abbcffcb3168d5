"""kundenportal upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kundenportal.config import commands
from kundenportal.config.backups import making, places
from kundenportal.config.backups.commands import record
from kundenportal.config.postgres import DataDirectoryInUse
from kundenportal.config.postgres import places as postgres_places
from kundenportal.config.postgres.sharing import embedded_postgres, without_guests
from kundenportal.config.upgrade import moving
from kundenportal.config.upgrade.failures import CannotUpgrade
from kundenportal.kernel import clock
from kundenportal.kernel.reasons import first_line

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from kundenportal.config.env import Environment

HELP = (
    "after a new version was installed: carry the embedded database over to its PostgreSQL and bring the tables up to "
    "date, after a backup; the portal must not be running"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument(
        "--old-postgres",
        metavar="DIR",
        type=Path,
        help="the programs of the PostgreSQL that made the database, where the portal does not bring them along",
    )


def run(arguments: argparse.Namespace, environment: Environment) -> int:
    """0 once the database is what this version of the portal works with."""
    if environment.database is not None:
        raise CannotUpgrade(
            "The database is on a server of your own, whose upgrade is yours; `kundenportal backup` and `kundenportal "
            "migrate` do the rest, while the portal runs."
        )
    try:
        with without_guests(environment):
            return _upgrade(arguments, environment, now=clock.now())
    except DataDirectoryInUse:
        raise CannotUpgrade(
            f"The portal is running in {environment.data_dir}, or a command of it; stop it first, as with `systemctl "
            "stop kundenportal`, and run the upgrade again. Nothing has changed."
        ) from None


def _upgrade(arguments: argparse.Namespace, environment: Environment, *, now: datetime) -> int:
    directory = environment.data_dir
    outdated = moving.outdated_in(directory, arguments.old_postgres)
    if outdated is None and postgres_places.major_of(directory) is None:
        print(f"There is no database in {directory} yet; the first start makes one that is up to date.")
        return 0
    keys = making.keys_of(environment)
    backup = None
    if outdated is not None:
        print(f"The database was made by PostgreSQL {outdated.major} and is carried over to a newer one.", flush=True)
        backup = moving.carry_over(environment, outdated, keys=keys, now=now, tell=_tell)
    had_work = outdated is not None or moving.is_untidy(directory)
    with embedded_postgres(environment), commands.django_set_up():
        from kundenportal.domain.machinery.queries import tables_are_up_to_date  # noqa: PLC0415 - needs Django

        if not tables_are_up_to_date():
            had_work = True
            if backup is None:
                target = places.beside_others(environment.backup_dir, places.BEFORE_UPGRADE, now=now)
                backup = making.make(environment, target, keys=keys, now=now).path
                _tell(f"A backup has been made and read back: {backup}")
            _tell("The tables are brought up to date …")
            _migrate(backup)
        if backup is not None:
            record(now=now, size=backup.stat().st_size)
        moving.tidy_up(directory)
    print(
        "The database is up to date; start the portal." if had_work else "Everything is up to date; nothing was done."
    )
    if backup is not None:
        print(f"What was there before is in {backup}; remove it once you are content.")
    return 0


def _migrate(backup: Path) -> None:
    from django.db import Error  # noqa: PLC0415 - needs Django

    try:
        commands.migrate()
    except Error as fault:
        reason = first_line(fault).rstrip(".")
        raise CannotUpgrade(
            f"The tables could not be brought up to date: {reason}. Run `kundenportal upgrade` again once that is "
            f"mended; or go back as docs/operating.md says, to what is in {backup}."
        ) from None


def _tell(sentence: str) -> None:
    print(f"  {sentence}", flush=True)
