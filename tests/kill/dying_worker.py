"""Delivers mail and is killed at one step of it. Run as a program: reads which step from its input, line by line."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

import django

from kill.dying import die, die_after, die_before, replace

if TYPE_CHECKING:
    from collections.abc import Callable

django.setup()

from django.conf import settings  # noqa: E402 - there is nothing to import before Django is set up

from kundenportal.domain.credentials.mails.access import AccessLetterKind  # noqa: E402
from kundenportal.domain.credentials.rules import initial_passwords  # noqa: E402
from kundenportal.domain.mail import delivery, handover  # noqa: E402
from kundenportal.domain.mail.models import OutgoingMail  # noqa: E402
from kundenportal.domain.mail.smtp import Pipelining  # noqa: E402


def die_in_the_middle_of_the_mail(*, nth: int) -> None:
    """Dies when half of the mail is on the wire."""

    def send_half(_: Callable[..., Any], arguments: Any, __: Any) -> None:
        smtp, message = arguments
        smtp.send(message[: len(message) // 2])
        die()

    replace(Pipelining, "put", nth, send_half)


def die_before_the_answer(*, nth: int) -> None:
    """Dies when the whole mail is on the wire and the server's answer is not."""
    die_after(Pipelining, "put", nth=nth)


STEPS: dict[str, Callable[[int], None]] = {
    "before the claim": lambda nth: die_before(delivery, "claim_due_mail", nth=nth),
    "claimed, not committed": lambda nth: die_after(OutgoingMail, "save", nth=nth),
    "claimed": lambda nth: die_after(delivery, "claim_due_mail", nth=nth),
    "password made": lambda nth: die_after(initial_passwords, "generate_initial_password", nth=nth),
    "hash stored, not committed": lambda nth: die_after(AccessLetterKind, "write", nth=nth),
    "hash stored": lambda nth: die_after(handover, "_write", nth=nth),
    "connected": lambda nth: die_after(handover, "reach_mail_server", nth=nth),
    "in the middle of the mail": lambda nth: die_in_the_middle_of_the_mail(nth=nth),
    "before the answer": lambda nth: die_before_the_answer(nth=nth),
    "taken, not marked": lambda nth: die_after(handover, "_send", nth=nth),
    "marked": lambda nth: die_after(handover, "hand_over", nth=nth),
    "noted, not committed": lambda nth: die_after(AccessLetterKind, "handed_over", nth=nth),
    "noted": lambda nth: die_after(handover, "note_hand_over", nth=nth),
    # The same of many that are written and noted together.
    "others claimed": lambda nth: die_after(delivery, "_claim_others_like", nth=nth),
    "hashes stored, not committed": lambda nth: die_after(AccessLetterKind, "write_many", nth=nth),
    "hashes stored": lambda nth: die_after(delivery, "_write_together", nth=nth),
    "taken, none noted": lambda nth: die_before(delivery, "_note_together", nth=nth),
    "all noted, not committed": lambda nth: die_after(AccessLetterKind, "many_handed_over", nth=nth),
    "all noted": lambda nth: die_after(delivery, "_note_together", nth=nth),
}


def work(step: str, nth: int, now: datetime, port: int) -> None:
    """Delivers whatever is due, up to the step."""
    settings.EMAIL_PORT = port
    STEPS[step](nth)
    delivery.deliver_due_mails(clock=lambda: now)


def main(work: Callable[[str, int, datetime, int], None] = work) -> None:
    """A worker for every line; says how each of them ended."""
    for line in sys.stdin:
        step, nth, now, number = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            work(step, int(nth), datetime.fromisoformat(now), int(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
