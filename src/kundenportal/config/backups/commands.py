"""kundenportal backup and kundenportal restore."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kundenportal.config import commands
from kundenportal.config.backups import making, places, restoring
from kundenportal.config.backups.failures import BackupTrouble
from kundenportal.config.postgres import database_running
from kundenportal.config.postgres.places import major_of
from kundenportal.kernel import clock

if TYPE_CHECKING:
    import argparse

    from kundenportal.config.backups.archive import About
    from kundenportal.config.env import Environment

HELP_BACKUP = "write database, uploads and keys into one encrypted file, while the portal runs, and read it back"
HELP_RESTORE = "make the portal what it was when a backup was made; the portal must not be running"
MEGABYTE = 1_000_000


def configure_backup(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument("target", metavar="FILE|DIR", type=Path, nargs="?", help="default: KUNDENPORTAL_BACKUP_DIR")
    parser.add_argument("--verify", metavar="FILE", type=Path, help="read a backup to its end instead of making one")
    _add_key_file(parser)


def configure_restore(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the backup")
    parser.add_argument(
        "--replace", action="store_true", help="replace the portal that is there, after a backup of it has been made"
    )
    _add_key_file(parser)


def _add_key_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        type=Path,
        help="the key of backups without a passphrase; default: the one kept here",
    )


def run_backup(arguments: argparse.Namespace, environment: Environment) -> int:
    """0 once there is a backup that has been read back."""
    keys = making.keys_of(environment, arguments.key_file)
    if arguments.verify:
        about = making.verify(_existing(arguments.verify), keys=keys, programs=environment.postgres_programs)
        print(f"{arguments.verify} is whole: made on {_moment(about)} by Kundenportal {about.version}.")
        return 0
    if environment.database is None and major_of(environment.data_dir) is None:
        # Most likely another user's or another directory's: a backup of nothing would be believed for years.
        raise BackupTrouble(
            f"There is no portal in {environment.data_dir}; is KUNDENPORTAL_DATA_DIR the one it is served with?"
        )
    now = clock.now()
    target = making.target_in(environment, arguments.target, kind=places.BY_HAND, now=now)
    with database_running(environment):
        made = making.make(environment, target, keys=keys, now=now)
        with commands.django_set_up():
            from kundenportal.domain.machinery.queries import tables_are_up_to_date  # noqa: PLC0415 - needs Django

            if tables_are_up_to_date():
                record(now=now, size=made.size)
    print(f"{made.path} is made and has been read back ({made.size / MEGABYTE:.1f} MB).")
    _tell_of_uploads(environment, "not in it")
    if keys.passphrase is None:
        print(
            f"It can be opened only with the key in {keys.key_file}, which is not in it: keep a copy of that file "
            "elsewhere, or set KUNDENPORTAL_BACKUP_PASSPHRASE.",
            file=sys.stderr,
        )
    return 0


def run_restore(arguments: argparse.Namespace, environment: Environment) -> int:
    """0 once the portal is what it was when the backup was made."""
    path = _existing(arguments.file).absolute()
    keys = making.keys_of(environment, arguments.key_file)
    now = clock.now()
    with database_running(environment), commands.django_set_up():
        from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415 - needs settings

        from kundenportal.jobs import after_restore  # noqa: PLC0415 - likewise

        held: list[int] = []

        def settle(about: About) -> None:
            commands.migrate()
            held.append(after_restore.settle(made_at=datetime.fromisoformat(about.made_at), now=now))

        known = frozenset(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations)
        restored = restoring.restore(
            environment,
            path,
            keys=keys,
            replace=arguments.replace,
            known_migrations=known,
            settle=settle,
            tell_of_before=lambda before: print(f"What is there now has been backed up: {before}.", flush=True),
            now=now,
        )
    after_restore.tell(held=sum(held), moment=_moment(restored.about))
    _tell_of_uploads(environment, "as it was")
    if restored.keeps_key:
        print(f"The key it was opened with is kept in {environment.backup_key_file}: backups here are made with it.")
    return 0


def record(*, now: datetime, size: int) -> None:
    """The audit trail knows that a backup was made; Django is set up, and the tables are up to date."""
    from kundenportal.domain.audit import operations as audit  # noqa: PLC0415 - needs Django to be set up
    from kundenportal.domain.audit.events import Event  # noqa: PLC0415 - likewise
    from kundenportal.kernel.origin import COMMAND_LINE  # noqa: PLC0415 - likewise

    audit.record(Event.BACKUP_MADE, now=now, origin=COMMAND_LINE, size=size)


def _tell_of_uploads(environment: Environment, how: str) -> None:
    if environment.uploads is not None:
        print(f"What editors uploaded lies in {environment.uploads.place} and is {how}; see docs/operating.md.")


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise BackupTrouble(f"There is no file {path}.")
    return path


def _moment(about: About) -> str:
    return f"{datetime.fromisoformat(about.made_at).astimezone(UTC):%Y-%m-%d at %H:%M:%S UTC}"
