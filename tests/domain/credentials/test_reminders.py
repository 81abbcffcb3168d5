"""Who has not signed in yet is reminded, once for each day and never in vain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from factories.accounts import AT_HOME, NOW, delivered, enters, issued, suspended
from factories.jobs import do_queued_jobs
from factories.mail_server import TAKEN
from factories.threads import SECONDS_TO_MEET, together, until_done_or_blocked
from factories.trail import events_of, last_entry
from kundenportal.domain.credentials.models import AccessLetter, Reminder
from kundenportal.domain.credentials.operations import access, reminders
from kundenportal.domain.credentials.operations.reminders import queue_due_reminders
from kundenportal.domain.credentials.queries.letters import letters_to_be_reminded_of
from kundenportal.domain.credentials.rules.reminders import due_spans
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import GIVE_UP_AFTER, LEASE, State
from kundenportal.kernel.copied import copy_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ENDS_AT = NOW + 28 * DAY
FIRST_DUE_AT = ENDS_AT - 14 * DAY


def sweep_and_deliver(now: datetime) -> None:
    queue_due_reminders(now=now)
    deliver_due_mails(clock=lambda: now)


def reminders_to(account: Account, mail_server: MailServer) -> int:
    """How many mails came after the access letter."""
    return len(mail_server.mails_to(account.address)) - 1


def mail_states() -> list[str]:
    return list(Reminder.objects.order_by("pk").values_list("mail__state", flat=True))


# When


@pytest.mark.parametrize(
    "handed_over_at",
    [
        pytest.param(NOW, id="no change of the clock"),
        pytest.param(datetime.fromisoformat("2026-10-10T08:00:00+00:00"), id="the clock goes back before the first"),
        pytest.param(datetime.fromisoformat("2026-09-30T08:00:00+00:00"), id="the clock goes back before the last"),
        pytest.param(datetime.fromisoformat("2027-03-10T09:00:00+00:00"), id="the clock goes forward meanwhile"),
    ],
)
def test_three_reminders_go_out_each_to_the_second(mail_server: MailServer, handed_over_at: datetime) -> None:
    account, _ = delivered(mail_server, now=handed_over_at)
    ends_at = handed_over_at + 28 * DAY
    for number, days_before in enumerate((14, 7, 1), start=1):
        sweep_and_deliver(ends_at - days_before * DAY - SECOND)
        assert reminders_to(account, mail_server) == number - 1, "early"
        sweep_and_deliver(ends_at - days_before * DAY)
        assert reminders_to(account, mail_server) == number
        sweep_and_deliver(ends_at - days_before * DAY + SECOND)
        assert reminders_to(account, mail_server) == number, "twice"
        entry = last_entry()
        assert (entry.event, entry.details) == ("access.reminder.handed_over", {"days_before": days_before})
    assert events_of(account)[-3:] == ["access.reminder.handed_over"] * 3
    sweep_and_deliver(ends_at)
    assert reminders_to(account, mail_server) == 3


def test_after_a_standstill_one_reminder_goes_out_and_it_is_the_most_urgent(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    for now in (ENDS_AT - 5 * DAY, ENDS_AT - 5 * DAY + SECOND):
        sweep_and_deliver(now)
    assert list(Reminder.objects.values_list("days_before", flat=True)) == [7]
    assert reminders_to(account, mail_server) == 1


def test_an_end_that_moves_away_again_does_not_bring_back_a_less_urgent_reminder(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    sweep_and_deliver(ENDS_AT - DAY)
    AccessLetter.objects.filter(account=account).update(expires_at=ENDS_AT + 5 * DAY)
    assert queue_due_reminders(now=ENDS_AT - DAY) == 0


# To whom


def signs_in(account: Account, password: str) -> None:
    enters(account.address, password, now=FIRST_DUE_AT - SECOND)


def is_suspended(account: Account, _: str) -> None:
    suspended(account)


def is_issued_again(account: Account, _: str) -> None:
    access.issue_initial_password(account, issued_by=None, now=FIRST_DUE_AT - SECOND, origin=AT_HOME)


def gets_another_letter(account: Account, password: str) -> None:
    is_issued_again(account, password)
    deliver_due_mails(clock=lambda: FIRST_DUE_AT - SECOND)


NEEDS_NO_REMINDER = [signs_in, is_suspended, is_issued_again, gets_another_letter]


@pytest.mark.parametrize("happens", NEEDS_NO_REMINDER)
def test_nobody_is_reminded_in_vain(mail_server: MailServer, happens: Callable[[Account, str], None]) -> None:
    happens(*delivered(mail_server))
    assert queue_due_reminders(now=FIRST_DUE_AT) == 0


@pytest.mark.parametrize("happens", NEEDS_NO_REMINDER)
def test_a_queued_reminder_that_has_become_pointless_is_not_sent(
    mail_server: MailServer, happens: Callable[[Account, str], None]
) -> None:
    account, password = delivered(mail_server)
    assert queue_due_reminders(now=FIRST_DUE_AT) == 1
    happens(account, password)
    deliver_due_mails(clock=lambda: FIRST_DUE_AT)
    assert mail_states() == [State.NOT_NEEDED]
    assert not [received for received in mail_server.mails_to(account.address) if "nur noch" in received.text]


def test_a_reminder_of_an_expired_password_is_not_sent(mail_server: MailServer) -> None:
    delivered(mail_server)
    queue_due_reminders(now=ENDS_AT - SECOND)
    deliver_due_mails(clock=lambda: ENDS_AT)
    assert mail_states() == [State.NOT_NEEDED]


def test_two_reminders_that_waited_for_the_mail_server_do_not_arrive_together(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    mail_server.stop()
    sweep_and_deliver(ENDS_AT - 2 * DAY - SECOND)
    sweep_and_deliver(ENDS_AT - DAY)
    mail_server.start()
    deliver_due_mails(clock=lambda: ENDS_AT - DAY + timedelta(hours=2))
    assert reminders_to(account, mail_server) == 1
    assert dict(Reminder.objects.values_list("days_before", "mail__state")) == {
        7: State.NOT_NEEDED,
        1: State.HANDED_OVER,
    }


def test_a_newer_letter_has_reminders_of_its_own(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    gets_another_letter(account, password)
    sweep_and_deliver(FIRST_DUE_AT - SECOND + 14 * DAY)
    assert mail_states() == [State.HANDED_OVER]


def test_a_newer_letter_that_failed_leaves_the_earlier_one_to_be_reminded_of(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    mail_server.stop()
    is_issued_again(account, password)
    deliver_due_mails(clock=lambda: FIRST_DUE_AT - SECOND + GIVE_UP_AFTER)
    mail_server.start()
    sweep_and_deliver(FIRST_DUE_AT + GIVE_UP_AFTER)
    assert reminders_to(account, mail_server) == 1


def test_nobody_is_reminded_of_a_letter_that_was_never_handed_over(mail_server: MailServer) -> None:
    issued()
    mail_server.says_to_mail = "451 Not now"
    deliver_due_mails(clock=lambda: NOW)
    assert AccessLetter.objects.get().expires_at == ENDS_AT
    assert queue_due_reminders(now=FIRST_DUE_AT) == 0


def test_a_reminder_that_fails_is_not_repeated_and_the_next_one_is_tried(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    mail_server.says_to_recipient = lambda _: "550 5.2.2 Mailbox full"
    sweep_and_deliver(FIRST_DUE_AT)
    assert mail_states() == [State.FAILED]
    mail_server.says_to_recipient = lambda _: TAKEN
    sweep_and_deliver(FIRST_DUE_AT + SECOND)
    assert reminders_to(account, mail_server) == 0
    sweep_and_deliver(ENDS_AT - 7 * DAY)
    assert reminders_to(account, mail_server) == 1
    assert enters(account.address, password, now=ENDS_AT - SECOND) == account


# Many, at once, and interrupted


def issued_to_many(number: int, mail_server: MailServer) -> None:
    for _ in range(number):
        issued()
    deliver_due_mails(clock=lambda: NOW)
    mail_server.received.clear()


def test_a_batch_costs_as_many_queries_however_many_letters_it_holds(mail_server: MailServer) -> None:
    issued_to_many(2, mail_server)
    with CaptureQueriesContext(connection) as for_two:
        queue_due_reminders(now=FIRST_DUE_AT)
    issued_to_many(20, mail_server)
    with CaptureQueriesContext(connection) as for_twenty:
        assert queue_due_reminders(now=FIRST_DUE_AT) == 20
    assert len(for_twenty) == len(for_two)


def test_more_than_a_batch_is_done_in_several(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "BATCH_SIZE", 2)
    issued_to_many(5, mail_server)
    before = ProcrastinateJob.objects.count()
    assert queue_due_reminders(now=FIRST_DUE_AT) == 5
    assert ProcrastinateJob.objects.count() == before + 3, "the worker is called once for each batch"
    deliver_due_mails(clock=lambda: FIRST_DUE_AT)
    assert len(mail_server.received) == len({received.recipient for received in mail_server.received}) == 5
    reminded = Reminder.objects.select_related("mail", "letter__account")
    assert all(reminder.mail.recipient == reminder.letter.account.address for reminder in reminded)


def test_due_letters_are_found_by_the_index_of_their_ends() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    span = due_spans(FIRST_DUE_AT)[0]
    assert "live_letters_by_expiry" in letters_to_be_reminded_of(span, now=FIRST_DUE_AT)[:10].explain()


def test_a_sweep_that_dies_loses_nothing_and_leaves_nothing_half_done(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH_SIZE", 2)
    issued_to_many(5, mail_server)
    batches = iter(range(5))

    def die_in_the_second_batch(batch: Any) -> Any:
        if next(batches) == 1:
            raise SystemExit
        return copy_in(batch)

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "copy_in", die_in_the_second_batch)
        with pytest.raises(SystemExit):
            queue_due_reminders(now=FIRST_DUE_AT)
    assert Reminder.objects.count() == OutgoingMail.objects.filter(kind="reminder").count() == 2
    sweep_and_deliver(FIRST_DUE_AT + SECOND)
    assert mail_states() == [State.HANDED_OVER] * 5
    assert len(mail_server.received) == 5


@pytest.mark.django_db(transaction=True)
def test_a_sweep_waits_for_one_that_has_chosen_its_letters_and_not_yet_noted_them(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued_to_many(3, mail_server)
    other_sweeps: list[Future[int | Exception]] = []
    queue_many = mail.queue_many

    def queue_meanwhile(*arguments: Any, **options: Any) -> list[OutgoingMail]:
        other_sweeps.append(until_done_or_blocked(lambda: queue_due_reminders(now=FIRST_DUE_AT + SECOND)))
        assert not other_sweeps[0].done()
        monkeypatch.undo()
        return queue_many(*arguments, **options)

    monkeypatch.setattr(mail, "queue_many", queue_meanwhile)
    assert queue_due_reminders(now=FIRST_DUE_AT) == 3
    assert other_sweeps[0].result(SECONDS_TO_MEET) == 0
    assert OutgoingMail.objects.filter(kind="reminder").count() == 3


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_time_share_the_letters_among_them(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "BATCH_SIZE", 2)
    issued_to_many(15, mail_server)
    counts = together([lambda: queue_due_reminders(now=FIRST_DUE_AT)] * 4)
    assert sum(count for count in counts if isinstance(count, int)) == 15, counts
    deliver_due_mails(clock=lambda: FIRST_DUE_AT + LEASE)
    assert len(mail_server.received) == len({received.recipient for received in mail_server.received}) == 15


def test_the_database_itself_refuses_a_second_reminder(mail_server: MailServer) -> None:
    delivered(mail_server)
    queue_due_reminders(now=FIRST_DUE_AT)
    reminder = Reminder.objects.get()
    assert str(reminder) == f"reminder of letter {reminder.letter_id}, 14 days before its end"
    another_mail = OutgoingMail.objects.create(kind="reminder", queued_at=NOW, next_attempt_at=NOW)
    with pytest.raises(IntegrityError, match="one_reminder_per_letter_and_day"), transaction.atomic():
        Reminder.objects.create(letter=reminder.letter, days_before=14, mail=another_mail)


# In the worker


@pytest.mark.django_db(transaction=True)
def test_a_worker_reminds_and_delivers(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server, now=datetime.now(UTC) - 14 * DAY)
    app.perform_import_paths()  # type: ignore[no-untyped-call]  # as a worker does at its start
    app.tasks["upkeep.remind"](timestamp=0)
    do_queued_jobs()
    assert reminders_to(account, mail_server) == 1


def test_the_sweep_comes_every_ten_minutes_and_never_twice_in_the_queue() -> None:
    app.perform_import_paths()  # type: ignore[no-untyped-call]  # as a worker does at its start
    remind = app.tasks["upkeep.remind"]
    assert remind.queueing_lock == "upkeep.remind"
    (periodic,) = [task for task in app.periodic_registry.periodic_tasks.values() if task.task is remind]
    assert periodic.cron == "*/10 * * * *"
