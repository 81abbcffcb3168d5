"""The command `kundenportal`; exit codes: 0 done, 1 refused, 2 wrong usage or a wrong setting."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from kundenportal.config import commands, supervisor
from kundenportal.config.backups.failures import BackupTrouble
from kundenportal.config.backups.unfinished import refuse_unfinished
from kundenportal.config.env import make_data_directory, read_environment
from kundenportal.config.listening import CannotServe
from kundenportal.config.postgres import DatabaseUnavailable
from kundenportal.config.upgrade.failures import CannotUpgrade
from kundenportal.config.values import WrongSetting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from kundenportal.config.env import Environment

DONE, REFUSED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
REFUSALS = (DatabaseUnavailable, CannotServe, CannotUpgrade, BackupTrouble, commands.ChoosesPasswords)
# Loaded with their own commands only: what serves would have them in memory all the time.
MODULES = {
    "doctor": "kundenportal.config.doctor.examination",
    "backup": "kundenportal.config.backups.commands",
    "restore": "kundenportal.config.backups.commands",
    "upgrade": "kundenportal.config.upgrade.commands",
}
JOBS = ("demo", "issue-access", "import", "accounts", "delete-account", "maintenance", "mailbox", "after-restore")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what can be foreseen is refused in one sentence."""
    words = list(sys.argv[1:] if argv is None else argv)
    return _told(lambda: _run(words))


def _told(work: Callable[[], int]) -> int:
    try:
        return work()
    except WrongSetting as refusal:
        return _refuse(str(refusal), WRONG_USAGE)
    except REFUSALS as refusal:
        return _refuse(str(refusal), REFUSED)
    except BrokenPipeError:
        # Whoever read our output has seen enough; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as fault:
        return _refuse(f"{fault.filename or 'The system'}: {fault.strerror or fault}.", REFUSED)
    except KeyboardInterrupt:
        return INTERRUPTED


def _run(words: list[str]) -> int:
    # Django's own commands bring their own options, which are none of ours.
    if words[:1] == ["manage"]:
        return commands.run_manage(words[1:], _usable_environment())
    chosen = next((word for word in words if not word.startswith("-")), None)
    arguments = _parser(chosen).parse_args(words)
    if arguments.command == "doctor":
        # It makes nothing, not even the data directory.
        return int(_module("doctor").examine(read_environment(), arguments))
    if arguments.command == "restore":
        return int(_module("restore").run_restore(arguments, _environment()))
    return _do(arguments, words, _usable_environment())


def _do(arguments: argparse.Namespace, words: list[str], environment: Environment) -> int:
    match arguments.command:
        case "serve":
            code = supervisor.serve(environment, told=_told)
        case "web":
            code = commands.run_web(environment)
        case "worker":
            code = commands.run_worker(environment)
        case "migrate":
            code = commands.run_migrate(environment)
        case "backup":
            code = _module("backup").run_backup(arguments, environment)
        case "upgrade":
            code = _module("upgrade").run(arguments, environment)
        case "demo" if arguments.serve:
            code = supervisor.serve(
                environment, told=_told, demonstration=[word for word in words if word != "--serve"]
            )
        case job:
            code = commands.run_job(job, arguments, environment)
    return code


def _usable_environment() -> Environment:
    """Of a portal that is whole; raises BackupTrouble where a restore was broken off."""
    environment = _environment()
    refuse_unfinished(environment)
    return environment


def _environment() -> Environment:
    environment = read_environment()
    make_data_directory(environment.data_dir)
    return environment


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kundenportal",
        description="The customer portal: sign-in, profile and service desk.",
        epilog="Settings come from the environment (KUNDENPORTAL_…); docs/settings.md lists them. "
        "Exit codes: 0 done, 1 refused, 2 wrong usage or a wrong setting.",
    )
    parser.add_argument("--version", action="version", version=f"Kundenportal {version('kundenportal')}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add(subparsers, "serve", "serve the portal: database, web and worker in one")
    _add(subparsers, "web", "answer requests only")
    _add(subparsers, "worker", "do background jobs only, such as sending mail")
    _add(subparsers, "migrate", "bring the database up to date; serve does so by itself")
    for name in (*JOBS, *MODULES):
        if chosen in {None, name}:
            _configure(name, partial(_add, subparsers, name))
        else:
            subparsers.add_parser(name)
    _add(subparsers, "manage", "Django's own commands, for developers")
    return parser


def _add(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser], name: str, description: str
) -> argparse.ArgumentParser:
    return subparsers.add_parser(name, help=description, description=description)


def _configure(name: str, add: Callable[[str], argparse.ArgumentParser]) -> None:
    module = _module(name)
    match name:
        case "backup":
            module.configure_backup(add(module.HELP_BACKUP))
        case "restore":
            module.configure_restore(add(module.HELP_RESTORE))
        case _:
            module.configure(add(module.HELP))


def _module(name: str) -> ModuleType:
    return import_module(MODULES[name]) if name in MODULES else commands.job_module(name)


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(f"kundenportal: {sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
