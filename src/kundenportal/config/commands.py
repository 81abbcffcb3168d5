"""The commands that need Django, run against a database that is there."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from kundenportal.config.postgres import DatabaseUnavailable, database_running
from kundenportal.kernel import clock
from kundenportal.kernel.absent import load_without
from kundenportal.kernel.reasons import first_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from django.db.backends.utils import CursorWrapper

    from kundenportal.config.env import Environment

SETTINGS = "kundenportal.config.settings"
# Any number does, as long as every start of the portal uses the same.
ONE_MIGRATION_AT_A_TIME = 5_275_646_110
SECONDS_BETWEEN_TRIES = 0.2
ENCODING = "UTF8"
# Both let whoever types choose a password for somebody, unjudged and untold to its owner; it is the owner's to choose.
CHOOSE_PASSWORDS = frozenset({"changepassword", "createsuperuser"})


class ChoosesPasswords(Exception):  # noqa: N818 - reads as the refusal it is
    """A command of Django's own that has no place here, told in one sentence."""


def job_module(name: str) -> ModuleType:
    """The module of a command of the portal; Django is not needed to import it."""
    # `import` is a word of Python's own.
    module = "import_accounts" if name == "import" else name.replace("-", "_")
    return import_module(f"kundenportal.jobs.{module}")


def run_job(name: str, arguments: argparse.Namespace, environment: Environment) -> int:
    """The exit code of a command of the portal, which finds its database up to date."""
    with database_at_hand(environment):
        # The operator's own database is changed by `serve` and `demo` only, not in passing.
        if name == "demo" or environment.database is None:
            migrate()
        return int(job_module(name).run(arguments, now=clock.now()))


def run_web(environment: Environment) -> int:
    """The exit code of the web server, which runs until it is told to stop."""
    with database_at_hand(environment):
        from kundenportal.config.web import serve_web  # noqa: PLC0415 - not needed by other commands

        return serve_web(environment)


def run_worker(environment: Environment) -> int:
    """The exit code of the worker, which runs until it is told to stop."""
    with database_at_hand(environment):
        from kundenportal.config.worker import work  # noqa: PLC0415 - needs Django to be set up

        return work()


def run_migrate(environment: Environment) -> int:
    """0 when the database is up to date."""
    with database_at_hand(environment):
        migrate()
    return 0


def run_manage(arguments: Sequence[str], environment: Environment) -> int:
    """The exit code of a command of Django's own; those that choose somebody's password are refused."""
    if CHOOSE_PASSWORDS.intersection(arguments[:1]):
        raise ChoosesPasswords(
            f"Nobody chooses a password for somebody else, so there is no {arguments[0]} here; "
            "`kundenportal issue-access` opens an account, and its owner chooses the password."
        )
    with database_at_hand(environment):
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - needs settings

        try:
            execute_from_command_line(["kundenportal manage", *arguments])
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1
    return 0


def migrate() -> None:
    """The tables are those the code expects; several starts at once take turns."""
    from django.core.management import call_command  # noqa: PLC0415 - needs settings
    from django.db import connection  # noqa: PLC0415 - needs settings

    from kundenportal.domain.machinery.queries import tables_are_up_to_date  # noqa: PLC0415 - likewise

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
        if encoding != ENCODING:
            raise DatabaseUnavailable(
                f"The database is encoded in {encoding}, which cannot hold every name; "
                f"make it anew with: CREATE DATABASE … ENCODING '{ENCODING}' TEMPLATE template0"
            )
        _wait_for_turn(cursor)
        try:
            if not tables_are_up_to_date():
                call_command("migrate", interactive=False, verbosity=0)
                _count_rows(cursor)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_MIGRATION_AT_A_TIME])


def _wait_for_turn(cursor: CursorWrapper) -> None:
    # A statement that waits has a snapshot, and an index that is built concurrently waits for whoever has an older one:
    # with pg_advisory_lock, each would wait for the other.
    while True:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_MIGRATION_AT_A_TIME])
        (ours,) = cursor.fetchone()
        if ours:
            return
        time.sleep(SECONDS_BETWEEN_TRIES)


def _count_rows(cursor: CursorWrapper) -> None:
    # PostgreSQL takes a table it has never counted for a large one, and would count few rows much later or never. Of an
    # empty one that is right: it may soon be large.
    cursor.execute(
        "SELECT relid::regclass::text FROM pg_stat_user_tables JOIN pg_class ON oid = relid"
        " WHERE last_analyze IS NULL AND last_autoanalyze IS NULL AND pg_relation_size(relid) > 0"
        " AND schemaname = current_schema() AND pg_has_role(relowner, 'USAGE')"
    )
    if tables := [table for (table,) in cursor.fetchall()]:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(tables)}")


@contextmanager
def database_at_hand(environment: Environment) -> Iterator[None]:
    """Meanwhile Django may be used; raises DatabaseUnavailable."""
    with database_running(environment), django_set_up():
        yield


def set_up_django() -> None:
    """Django is ready, and has not asked the database anything."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django  # noqa: PLC0415 - costs time other commands need not spend
    from django.apps import apps  # noqa: PLC0415 - likewise

    if apps.ready:  # in a copy of a process that has done so; to set up the log anew would take 2 MB of its own
        return
    # Some 13 MB of what all processes share: with Wagtail come pictures in HEIC, which are not taken, pages in an
    # encoding that has to be guessed, and another language of templates; with the names of browsers comes YAML.
    load_without("willow.plugins.pillow", "pillow_heif")
    load_without("bs4", "charset_normalizer", "chardet", "cchardet")
    load_without("django.test.utils", "jinja2")
    load_without("ua_parser.loaders", "yaml")
    django.setup()


@contextmanager
def django_set_up() -> Iterator[None]:
    """Django is ready meanwhile; a database that cannot be used is refused in one sentence."""
    set_up_django()
    from django.db import DatabaseError, OperationalError  # noqa: PLC0415 - see above
    from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction, UndefinedTable  # noqa: PLC0415 - see above

    try:
        yield
    except DatabaseError as fault:
        reason = first_line(fault)
        causes = set(map(type, _causes(fault)))
        if UndefinedTable in causes:
            raise DatabaseUnavailable("The database is not up to date; run `kundenportal migrate` first.") from None
        if InsufficientPrivilege in causes:
            raise DatabaseUnavailable(
                f"The database allows too little: {reason}. The role in KUNDENPORTAL_DATABASE_URL has to own it."
            ) from None
        if isinstance(fault, OperationalError) or ReadOnlySqlTransaction in causes:
            raise DatabaseUnavailable(f"The database cannot be used: {reason}.") from None
        raise


def _causes(fault: BaseException | None) -> Iterator[BaseException]:
    while fault is not None:
        yield fault
        fault = fault.__cause__ or fault.__context__
