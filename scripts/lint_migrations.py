#!/usr/bin/env python3
"""Shows that whatever came after the last release changes tables so that its code can still use them meanwhile.

In a rolling upgrade the older version answers requests while the tables are already those of the newer one, and what
locks a large table keeps everybody waiting. docs/migrations.md says how a change is made in two steps instead.

Usage: lint_migrations.py [--release VERSION] [--baseline FILE] [--package NAME]
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import sqlparse
from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MessageType, MigrationLinter
from django_migration_linter.sql_analyser.base import Check, CheckMode, CheckType
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

from kundenportal.config.commands import database_at_hand
from kundenportal.config.env import read_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASELINE = Path(__file__).with_name("migrations_released.toml")
EXPLANATION = """\
# The newest migrations of the last release; `make check` lints those that came after them (docs/migrations.md).
# Written by: scripts/lint_migrations.py --release VERSION
"""


def _on_tables_that_were_there(pattern: str) -> Callable[..., bool]:
    """Whether a statement like this is about a table that the same migration has not made itself."""
    searched = re.compile(pattern)

    def found(statements: list[str], **_: object) -> bool:
        made = {match[1] for statement in statements if (match := re.match(r"CREATE TABLE (\S+)", statement))}
        return any(match["table"] not in made for statement in statements if (match := searched.match(statement)))

    return found


def _cannot_be_done_again(statements: list[str], **_: object) -> bool:
    """Whether an index is built concurrently, and what is left of it when that is broken off stays in the way."""
    dropped, built = (
        {match[1] for statement in statements if (match := re.match(pattern, statement))}
        for pattern in (
            r"DROP INDEX CONCURRENTLY IF EXISTS ([^\s;]+)",
            r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (\S+)",
        )
    )
    return not built <= dropped


class Analyser(PostgresqlAnalyser):
    """What the library looks for; what it says of new tables, whose indexes may have conditions, is put right."""

    migration_checks = [
        *PostgresqlAnalyser.migration_checks,
        Check(
            code="CREATE_INDEX",
            fn=_on_tables_that_were_there(r"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY)\S+ ON (?P<table>\S+)"),
            message="CREATE INDEX keeps everybody from writing",
            mode=CheckMode.TRANSACTION,
            type=CheckType.ERROR,
        ),
        Check(
            code="CREATE_INDEX_ONCE",
            fn=_cannot_be_done_again,
            message="CREATE INDEX CONCURRENTLY, which cannot be done again once it was broken off",
            mode=CheckMode.TRANSACTION,
            type=CheckType.ERROR,
        ),
        Check(
            code="ADD_UNIQUE",
            fn=_on_tables_that_were_there(
                r"(?:ALTER TABLE(?= \S+ ADD CONSTRAINT \S+ UNIQUE \()|CREATE UNIQUE INDEX .*? ON) (?P<table>\S+)"
            ),
            message="ADDING a unique constraint, against which older code may write",
            mode=CheckMode.TRANSACTION,
            type=CheckType.ERROR,
        ),
        Check(
            code="ADD_CHECK",
            fn=_on_tables_that_were_there(
                r"ALTER TABLE (?P<table>\S+) .*ADD CONSTRAINT (?!.* NOT VALID).* (?:CHECK|EXCLUDE) "
            ),
            message="ADDING a constraint, which reads the whole table while nobody may use it",
            mode=CheckMode.TRANSACTION,
            type=CheckType.ERROR,
        ),
    ]


class Linter(MigrationLinter):
    """The library's, which sees each statement as a whole, however many lines it was written on."""

    def __init__(self) -> None:
        # The one left out says again what CREATE_INDEX says, and does not know which tables are new.
        super().__init__(
            all_warnings_as_errors=True,
            quiet=[MessageType.OK.value, MessageType.IGNORE.value],
            no_cache=True,
            exclude_migration_tests=["CREATE_INDEX_EXCLUSIVE"],
        )
        self.sql_analyser_class = Analyser

    def get_sql(self, app_label: str, migration_name: str) -> list[str]:
        lines = super().get_sql(app_label, migration_name)
        statements = sqlparse.split(sqlparse.format("\n".join(lines), strip_comments=True))
        return [" ".join(statement.split()) for statement in statements]


def main() -> int:
    """0 if nothing that came after the release is in the way of its code."""
    arguments = _arguments()
    with database_at_hand(read_environment()):
        loader = MigrationLoader(connection)
        ours = {config.label for config in apps.get_app_configs() if config.name.startswith(arguments.package)}
        if arguments.release:
            arguments.baseline.write_text(_release(loader, ours, arguments.release), encoding="utf-8")
            return 0
        said = tomllib.loads(arguments.baseline.read_text(encoding="utf-8"))
        excused = said.get("excused", {})
        linter = Linter()
        for app, name in sorted(set(_after(loader, ours, said["newest"]))):
            if f"{app}.{name}" not in excused:
                linter.lint_migration(loader.disk_migrations[app, name])
        if linter.has_errors:
            sys.stderr.write(f"The code of {said['version']} could not go on beside these; see docs/migrations.md.\n")
        return 1 if linter.has_errors else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", metavar="VERSION", help="note that what there is now has been released")
    parser.add_argument("--baseline", metavar="FILE", type=Path, default=BASELINE)
    parser.add_argument("--package", metavar="NAME", default="kundenportal.", help="how the names of the apps begin")
    return parser.parse_args()


def _after(loader: MigrationLoader, ours: set[str], newest: dict[str, str]) -> Iterator[tuple[str, str]]:
    released = {step for leaf in newest.items() for step in loader.graph.forwards_plan(leaf)}
    return ((app, name) for app, name in loader.disk_migrations if app in ours and (app, name) not in released)


def _release(loader: MigrationLoader, ours: set[str], version: str) -> str:
    leaves = sorted(leaf for leaf in loader.graph.leaf_nodes() if leaf[0] in ours)
    newest = "".join(f'{app} = "{name}"\n' for app, name in leaves)
    return f'{EXPLANATION}\nversion = "{version}"\n\n[newest]\n{newest}'


if __name__ == "__main__":
    sys.exit(main())
