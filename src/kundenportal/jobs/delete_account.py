"""kundenportal delete-account: the same as the desk's step, for a terminal or a script."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kundenportal.jobs.moments import told

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

HELP = "suspend an account at once and delete it for good in two weeks, unless that is taken back"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument("address", metavar="ADDRESS", help="the address the account signs in with")
    parser.add_argument("--take-back", action="store_true", help="do not delete it; it stays suspended")


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Decides so, or takes it back; 1 and one sentence if there is nothing to do."""
    from kundenportal.domain.accounts.queries import account_of
    from kundenportal.domain.credentials.operations import deletions
    from kundenportal.kernel.origin import COMMAND_LINE

    account = account_of(arguments.address)
    if account is None:
        return _refuse(f"No account signs in with {arguments.address}.")
    if arguments.take_back:
        if not deletions.take_back(account, taken_back_by=None, now=now, origin=COMMAND_LINE):
            return _refuse(f"{account.address} is not to be deleted.")
        print(f"{account.address} will not be deleted; it is suspended until the desk restores it.")
        return 0
    try:
        deletion = deletions.decide_at_command_line(account.pk, now=now, origin=COMMAND_LINE)
    except deletions.AlreadyToBeDeleted:
        return _refuse(f"{account.address} is to be deleted already.")
    print(f"{account.address} is suspended, and deleted on {told(deletion.due_at)} by the worker.")
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
