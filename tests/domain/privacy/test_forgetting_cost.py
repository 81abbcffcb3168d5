"""What is forgotten by the clock is found by its age, however much is not old enough, or forgotten long since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.accounts import NOW
from factories.notices import NOTICE
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.inbox.models import ReceivedMail
from kundenportal.domain.inbox.rules.keeping import TEXT_FORGOTTEN_AFTER, Outcome, TakenFor
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

CROWD = 2000
KEEP_FOR = TEXT_FORGOTTEN_AFTER


def stock() -> None:
    """A few that are old; a crowd that is not, and of what comes in another that nothing is left of."""
    moments = [NOW - 2 * KEEP_FOR] * 3 + [NOW] * CROWD
    OutgoingMail.objects.bulk_create(
        OutgoingMail(kind=NOTICE, recipient=f"{number}@example.org", state=State.FAILED, queued_at=moment)
        for number, moment in enumerate(moments)
    )
    told = [("anna@example.org", moment) for moment in moments] + [("", NOW - 3 * KEEP_FOR)] * CROWD
    ReceivedMail.objects.bulk_create(
        ReceivedMail(
            uidvalidity=1,
            uid=number,
            digest=f"{number:064}",
            size=1,
            sender=sender,
            text=sender,
            received_at=moment,
            taken_for=TakenFor.LETTER,
            outcome=Outcome.INTAKE,
        )
        for number, (sender, moment) in enumerate(told)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE mail_outgoingmail, inbox_receivedmail")


@pytest.mark.parametrize(
    ("forget", "index"),
    [
        (lambda: mail.forget_old(keep_for=KEEP_FOR, now=NOW), "mails_by_age"),
        (lambda: inbox.forget_old_senders(keep_for=KEEP_FOR, now=NOW), "senders_by_age"),
        (lambda: inbox.forget_old_texts(now=NOW), "texts_by_age"),
    ],
)
def test_what_is_old_is_found_by_its_age(forget: Callable[[], object], index: str) -> None:
    stock()
    with CaptureQueriesContext(connection) as asked:
        forget()
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + asked[0]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan
    assert "Seq Scan on mail_outgoingmail" not in plan
    assert "Seq Scan on inbox_receivedmail" not in plan
