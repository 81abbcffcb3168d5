"""Reads the mailbox and is killed at one step of it. Run as a program: reads which step from its input."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import django

from kill.dying import die_after, die_before

if TYPE_CHECKING:
    from collections.abc import Callable

django.setup()

from kundenportal.domain.credentials.operations import entitlement  # noqa: E402 - Django is set up first
from kundenportal.domain.inbox import operations, reader  # noqa: E402
from kundenportal.domain.inbox.models import ReceivedMail  # noqa: E402
from kundenportal.domain.inbox.rules.keeping import Mailbox  # noqa: E402
from kundenportal.domain.mail import operations as mail  # noqa: E402
from kundenportal.domain.support import operations as support  # noqa: E402

STEPS: dict[str, Callable[[int], None]] = {
    "before the beginning": lambda nth: die_before(operations, "begin", nth=nth),
    "begun": lambda nth: die_after(operations, "begin", nth=nth),
    "size known": lambda nth: die_after(reader, "_size", nth=nth),
    "fetched": lambda nth: die_after(reader, "_fetched", nth=nth),
    "judged": lambda nth: die_after(operations, "read", nth=nth),
    "reported, not committed": lambda nth: die_after(mail, "note_report", nth=nth),
    "check opened, not committed": lambda nth: die_after(entitlement, "request_check", nth=nth),
    "intake taken down, not committed": lambda nth: die_after(support, "take_down", nth=nth),
    "written down, not committed": lambda nth: die_after(ReceivedMail, "save", nth=nth),
    "remembered, not committed": lambda nth: die_after(operations, "_advance", nth=nth),
    "taken in": lambda nth: die_after(operations, "take_in", nth=nth),
    "before the end": lambda nth: die_before(operations, "note_read", nth=nth),
}


def read(step: str, nth: int, now: datetime, port: int, user: str, password: str) -> None:
    """Takes in whatever is new, up to the step."""
    STEPS[step](nth)
    reader.read_once(Mailbox("127.0.0.1", port, user, password, "none"), clock=lambda: now)


def main() -> None:
    """A reader for every line; says how each of them ended."""
    for line in sys.stdin:
        step, nth, now, port, user, password = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            read(step, int(nth), datetime.fromisoformat(now), int(port), user, password)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
