"""Claiming costs the same however many mails wait: nothing is sorted, the first entry of an index is taken."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.accounts import NOW
from factories.notices import NOTICE
from kundenportal.domain.mail.delivery import claim_due_mail
from kundenportal.domain.mail.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

CROWD = 3000


def nodes(plan: dict[str, object]) -> Iterator[dict[str, object]]:
    """A plan and everything below it."""
    yield plan
    for part in plan.get("Plans", []):  # type: ignore[attr-defined]
        yield from nodes(part)


@pytest.mark.parametrize("due", [True, False])
def test_claiming_sorts_nothing(due: bool) -> None:  # noqa: FBT001
    turn = NOW if due else NOW + timedelta(hours=1)
    OutgoingMail.objects.bulk_create(
        OutgoingMail(kind=NOTICE, recipient=f"{number}@example.org", queued_at=NOW, next_attempt_at=turn)
        for number in range(CROWD)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE mail_outgoingmail")
        with CaptureQueriesContext(connection) as asked:
            claimed = claim_due_mail(now=NOW)
        assert (claimed is not None) is due
        looks = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
        assert len(looks) == (2 if due else 3)
        for sql in looks:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
            (answer,) = cursor.fetchone()
            (explained,) = json.loads(answer) if isinstance(answer, str) else answer
            used = list(nodes(explained["Plan"]))
            assert {"Index Scan", "Seq Scan"} & {node["Node Type"] for node in used} == {"Index Scan"}
        # The last look is the one at those who wait.
        assert not [node for node in used if node["Node Type"] == "Sort"]
        assert [node["Index Name"] for node in used if "Index Name" in node] == ["waiting_mails_in_turn"]


def test_mails_queued_together_go_out_in_their_order() -> None:
    mails = OutgoingMail.objects.bulk_create(
        OutgoingMail(kind=NOTICE, recipient=f"{number}@example.org", queued_at=NOW, next_attempt_at=NOW)
        for number in range(5)
    )
    claimed = [claim_due_mail(now=NOW) for _ in mails]
    assert [mail and mail.pk for mail in claimed] == [mail.pk for mail in mails]
