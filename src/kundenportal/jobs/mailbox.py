"""kundenportal mailbox: takes in what comes into the portal's mailbox; serve runs it by itself."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from kundenportal.kernel.stopping import StopAsked

if TYPE_CHECKING:
    import argparse
    from datetime import datetime
    from types import FrameType
    from typing import NoReturn

    from kundenportal.domain.inbox.rules.keeping import Mailbox

HELP = "read the mailbox in KUNDENPORTAL_IMAP_URL: delivery reports, and letters to the service address"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument("--once", action="store_true", help="take in what is there, and end")


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Reads until told to stop; 1 and one sentence where there is nothing to read."""
    from django.conf import settings

    mailbox: Mailbox | None = settings.MAILBOX
    if mailbox is None:
        print("There is no mailbox: set KUNDENPORTAL_IMAP_URL, see docs/mail.md.", file=sys.stderr)
        return 1
    if arguments.once:
        return _read_once(mailbox)
    signal.signal(signal.SIGTERM, _stop)
    try:
        _read_for_ever(mailbox)
    except StopAsked:
        return 0


def _read_once(mailbox: Mailbox) -> int:
    from kundenportal.domain.inbox.reader import REASONS, CannotRead, read_once
    from kundenportal.kernel import clock

    try:
        taken_in = read_once(mailbox, clock=clock.now)
    except CannotRead as refusal:
        print(f"The mailbox cannot be read: {REASONS[refusal.trouble]}.", file=sys.stderr)
        return 1
    print(f"{taken_in} taken in.")
    return 0


def _read_for_ever(mailbox: Mailbox) -> NoReturn:
    from kundenportal.domain.inbox.reader import read_for_ever
    from kundenportal.kernel import clock

    read_for_ever(mailbox, clock=clock.now)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise StopAsked
