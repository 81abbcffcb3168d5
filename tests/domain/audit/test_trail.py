"""The trail only ever grows, whoever asks the database for something else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from factories.accounts import AT_HOME, NOW, issued
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.audit.rules import KEPT_AT_LEAST
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE

pytestmark = pytest.mark.django_db


def test_an_entry_says_who_did_what_to_whom_when_and_from_where() -> None:
    account, clerk = issued(), issued()
    audit.record(Event.SIGNED_OUT, subject=account, actor=clerk, now=NOW, origin=AT_HOME, count=3, reason="idle")
    entry = Entry.objects.latest("pk")
    assert (entry.happened_at, entry.event, entry.subject, entry.actor) == (NOW, "sign_in.ended", account, clerk)
    assert entry.network_address == "192.0.2.7"
    assert entry.details == {"count": 3, "reason": "idle"}
    assert str(entry) == "2026-11-23 09:00:00 sign_in.ended"


def test_an_entry_by_and_about_nobody_is_the_portals_own() -> None:
    audit.record(Event.SIGN_IN_REFUSED, now=NOW)
    entry = Entry.objects.latest("pk")
    assert (entry.subject, entry.actor, entry.network_address, entry.details) == (None, None, "", {})


def test_an_entry_tells_the_command_line_from_the_portal_itself() -> None:
    audit.record(Event.BACKUP_MADE, now=NOW, origin=COMMAND_LINE, size=7)
    entry = Entry.objects.latest("pk")
    assert (entry.network_address, entry.details) == ("", {"size": 7, "at_command_line": True})


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
    issued(now=clock.now())
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
    account = issued(now=clock.now())
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


# The two narrow doors of docs/decisions/0015: the table itself guards them.


def gone_account() -> int:
    """The number of an account that is gone, whose address was corrected once."""
    account = issued(now=clock.now())
    audit.record(Event.SIGNED_IN, subject=account, actor=account, now=clock.now(), origin=AT_HOME)
    audit.record(Event.ADDRESS_CORRECTED, subject=account, now=clock.now(), before="old@example.org", identity="x")
    AccessLetter.objects.filter(account=account).delete()
    Account.objects.filter(pk=account.pk).delete()
    return account.pk


def test_of_an_account_that_is_gone_nothing_is_left_but_its_number() -> None:
    number = gone_account()
    audit.forget_account(number)
    told = Entry.objects.filter(subject_id=number).order_by("pk")
    assert list(told.values_list("event", "network_address", "details"))[-2:] == [
        ("sign_in.succeeded", "", {}),
        ("account.address_corrected", "", {"identity": "x"}),
    ]
    audit.forget_account(number)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET network_address = ''",  # of an account that is there
        "UPDATE audit_entry SET network_address = '' WHERE subject_id IS NULL",
        "UPDATE audit_entry SET network_address = '203.0.113.9' WHERE subject_id = %(gone)s",
        "UPDATE audit_entry SET network_address = '', event = 'x' WHERE subject_id = %(gone)s",
        "UPDATE audit_entry SET network_address = '', happened_at = now() WHERE subject_id = %(gone)s",
        "UPDATE audit_entry SET network_address = '', subject_id = NULL WHERE subject_id = %(gone)s",
        "UPDATE audit_entry SET network_address = '', details = '{}' WHERE subject_id = %(gone)s",
        "UPDATE audit_entry SET details = details - 'identity' WHERE subject_id = %(gone)s",
        "DELETE FROM audit_entry WHERE subject_id = %(gone)s",
    ],
)
def test_to_forget_an_account_is_all_that_may_be_done_to_its_entries(statement: str) -> None:
    number = gone_account()
    issued(now=clock.now())
    audit.record(Event.SIGN_IN_REFUSED, now=clock.now(), origin=AT_HOME)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL kundenportal.trail_forgets = 'on'")
        with pytest.raises(ProgrammingError, match="never changed or removed"), transaction.atomic():
            cursor.execute(statement, {"gone": number})


@pytest.mark.parametrize(
    "statement", ["DELETE FROM audit_entry", "UPDATE audit_entry SET network_address = '' WHERE subject_id = %(gone)s"]
)
def test_not_even_that_is_done_by_whoever_does_not_mean_it(statement: str) -> None:
    number = gone_account()
    audit.record(Event.SIGN_IN_REFUSED, now=clock.now() - 2 * KEPT_AT_LEAST)
    audit.forget_old(keep_for=3 * KEPT_AT_LEAST, now=clock.now())  # the door is shut again behind it
    with (
        pytest.raises(ProgrammingError, match="never changed or removed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, {"gone": number})


def test_entries_leave_the_trail_once_they_are_old_a_chunk_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "CHUNK", 2)
    now, keep_for = clock.now(), KEPT_AT_LEAST + timedelta(days=30)
    for age in (keep_for + timedelta(seconds=1),) * 3 + (keep_for - timedelta(minutes=1), timedelta()):
        audit.record(Event.SIGN_IN_REFUSED, now=now - age, origin=AT_HOME)
    assert [audit.forget_old(keep_for=keep_for, now=now) for _ in range(3)] == [2, 1, 0]
    assert Entry.objects.count() == 2


def test_young_entries_stay_whatever_time_it_is_thought_to_be() -> None:
    """A clock that ran ahead, or a setting that is too short, empties no trail: the database looks at its own."""
    audit.record(Event.SIGN_IN_REFUSED, now=clock.now() - KEPT_AT_LEAST + timedelta(hours=1))
    with pytest.raises(ProgrammingError, match="never changed or removed"), transaction.atomic():
        audit.forget_old(keep_for=timedelta(days=365), now=clock.now() + timedelta(days=3650))
    assert Entry.objects.count() == 1
