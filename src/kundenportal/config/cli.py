"""The command `kundenportal`; exit codes: 0 done, 1 refused, 2 wrong usage or a wrong setting."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
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

    from kundenportal.config.env import Environment

DONE, REFUSED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
REFUSALS = (DatabaseUnavailable, CannotServe, CannotUpgrade, BackupTrouble, commands.ChoosesPasswords)
JOBS = ("demo", "issue-access", "import", "accounts", "delete-account", "maintenance", "mailbox")


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
        from kundenportal.config.doctor import examination  # noqa: PLC0415 - see _configure

        # It makes nothing, not even the data directory.
        return examination.examine(read_environment(), arguments)
    if arguments.command == "restore":
        from kundenportal.config.backups.commands import run_restore  # noqa: PLC0415 - see _configure

        return run_restore(arguments, _environment())
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
            from kundenportal.config.backups.commands import run_backup  # noqa: PLC0415 - see _configure

            code = run_backup(arguments, environment)
        case "upgrade":
            from kundenportal.config.upgrade.commands import run  # noqa: PLC0415 - see _configure

            code = run(arguments, environment)
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
    for name in (*JOBS, "doctor", "backup", "restore", "upgrade"):
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
    # Loaded with its own command only: what serves would have it in memory all the time.
    match name:
        case "doctor":
            from kundenportal.config.doctor import examination  # noqa: PLC0415 - see above

            examination.configure(add(examination.HELP))
        case "backup" | "restore":
            from kundenportal.config.backups import commands as backups  # noqa: PLC0415 - see above

            if name == "backup":
                backups.configure_backup(add(backups.HELP_BACKUP))
            else:
                backups.configure_restore(add(backups.HELP_RESTORE))
        case "upgrade":
            from kundenportal.config.upgrade import commands as upgrade  # noqa: PLC0415 - see above

            upgrade.configure(add(upgrade.HELP))
        case job:
            module = commands.job_module(job)
            module.configure(add(module.HELP))


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(f"kundenportal: {sentence}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
