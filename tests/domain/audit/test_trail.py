"""The trail only ever grows, whoever asks the database for something else."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from factories.accounts import AT_HOME, NOW, issued
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import AccessLetter

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_to_whom_when_and_from_where() -> None:
    account, clerk = issued(), issued()
    audit.record(Event.SIGNED_OUT, subject=account, actor=clerk, now=NOW, origin=AT_HOME, count=3, reason="idle")
    entry = Entry.objects.latest("pk")
    assert (entry.happened_at, entry.event, entry.subject, entry.actor) == (NOW, "sign_in.ended", account, clerk)
    assert entry.network_address == "192.0.2.7"
    assert entry.details == {"count": 3, "reason": "idle"}
    assert str(entry) == "2026-11-23 09:00:00 sign_in.ended"


def test_an_entry_about_nobody_comes_from_a_command_line_without_an_address() -> None:
    audit.record(Event.SIGN_IN_REFUSED, now=NOW)
    entry = Entry.objects.latest("pk")
    assert (entry.subject, entry.actor, entry.network_address, entry.details) == (None, None, "", {})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET event = 'sign_in.first'",
        "UPDATE audit_entry SET details = details",
        "UPDATE audit_entry SET subject_id = NULL",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)",
        "TRUNCATE audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "MERGE INTO audit_entry e USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
        "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (id) DO UPDATE SET event = 'x'",
    ],
)
def test_raw_sql_neither_changes_nor_removes_an_entry(statement: str) -> None:
    issued()
    before = list(Entry.objects.order_by("pk").values())
    assert before
    with (
        pytest.raises(ProgrammingError, match="never changed or removed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(Entry.objects.order_by("pk").values()) == before


def test_models_neither_change_nor_remove_an_entry() -> None:
    account = issued()
    entry = Entry.objects.filter(subject=account).latest("pk")
    entry.event = "something.else"
    for attempt in (entry.save, entry.delete, Entry.objects.all().delete):
        with pytest.raises(ProgrammingError, match="never changed or removed"), transaction.atomic():
            attempt()


def test_entries_outlive_the_account_they_speak_of() -> None:
    account = issued()
    pk = account.pk
    AccessLetter.objects.filter(account=account).delete()
    Account.objects.get(pk=pk).delete()
    assert list(Entry.objects.filter(subject_id=pk).values_list("event", flat=True)) == [
        "account.opened",
        "access.issued",
    ]


def test_every_event_has_a_name_that_fits_and_is_used_once() -> None:
    names = [event.value for event in Event]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 60 for name in names)
