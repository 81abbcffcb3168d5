"""From letters nobody has used to reminders in the queue. What is reminded of is noted together with its mail, batch
by batch: a sweep that dies has done so many batches, and the next one goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.credentials.mails import REMINDER
from kundenportal.domain.credentials.models import Reminder
from kundenportal.domain.credentials.queries.letters import letters_to_be_reminded_of
from kundenportal.domain.credentials.rules.reminders import due_spans
from kundenportal.domain.mail import operations as mail
from kundenportal.kernel.copied import copy_in
from kundenportal.kernel.locks import wait_for_others

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.credentials.rules.reminders import Span

BATCH_SIZE = 5_000  # some 20 MB, and half a second during which other sweeps wait


def queue_due_reminders(*, now: datetime) -> int:
    """Queues every reminder that is due, each once however many sweeps there are at a time; how many it queued."""
    return sum(_queue_all_within(span, now=now) for span in due_spans(now))


def _queue_all_within(span: Span, *, now: datetime) -> int:
    queued = 0
    while batch := _queue_some_within(span, now=now):
        queued += batch
    return queued


def _queue_some_within(span: Span, *, now: datetime) -> int:
    with transaction.atomic():
        _wait_for_other_sweeps()
        letters = list(letters_to_be_reminded_of(span, now=now)[:BATCH_SIZE])
        if letters:
            mails = mail.queue_many(REMINDER, recipients=[letter.account.address for letter in letters], now=now)
            copy_in(
                Reminder(letter=letter, days_before=span.days_before, mail=its_mail)
                for letter, its_mail in zip(letters, mails, strict=True)
            )
    return len(letters)


def _wait_for_other_sweeps() -> None:
    # Until the end of the transaction. A lock on the letters would not do: whoever waited for it would still look
    # at the reminders as they were before, and would hold up first sign-ins.
    wait_for_others(__name__)
