"""What the worker does by itself, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from factories.accounts import AT_HOME, clerk, issued
from factories.incoming import letter
from factories.jobs import do_queued_jobs
from factories.tables import checked, csv, imported, people
from factories.windows import begun, planned
from kundenportal.domain.accounts.models import Account, Session
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials import guard
from kundenportal.domain.credentials.models import (
    AccessLetter,
    CallerCode,
    EntitlementCheck,
    GuessCount,
    KnownBrowser,
    Lockout,
)
from kundenportal.domain.credentials.operations import browsers, caller_codes, deletions, entitlement
from kundenportal.domain.credentials.rules.deletion import TAKEN_BACK_WITHIN
from kundenportal.domain.credentials.rules.entitlement import Route as CheckRoute
from kundenportal.domain.credentials.rules.identity import Identity, Means
from kundenportal.domain.credentials.rules.lockout import FORGOTTEN_AFTER, KNOWN_FOR, LEASE, TOLD_WITHIN
from kundenportal.domain.imports import operations, queries
from kundenportal.domain.imports.models import ImportFile, ImportRun
from kundenportal.domain.imports.rules.runs import KEPT_FOR, Letters, RunState
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.inbox.models import ReceivedMail
from kundenportal.domain.inbox.rules.keeping import Place
from kundenportal.domain.machinery import queries as machinery
from kundenportal.domain.machinery.rules import FAILED_JOBS_ARE_KEPT
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.operations import queue
from kundenportal.domain.mail.rules import State
from kundenportal.domain.maintenance import operations as maintenance
from kundenportal.domain.maintenance.models import News
from kundenportal.domain.maintenance.rules.windows import OVERRUN_GRANTED
from kundenportal.domain.support import operations as intakes
from kundenportal.domain.support.models import Intake
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import chunks, clock
from kundenportal.kernel.origin import COMMAND_LINE

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)


def do(name: str) -> None:
    """The job of that name is done, as a worker does it."""
    app.perform_import_paths()  # type: ignore[no-untyped-call]  # as a worker does at its start
    app.tasks[name](timestamp=0)


@pytest.mark.parametrize(
    ("name", "cron"),
    [
        ("upkeep.settle_abandoned_guesses", "* * * * *"),
        ("upkeep.remind", "*/10 * * * *"),
        ("upkeep.go_on_with_imports", "* * * * *"),
        ("upkeep.follow_maintenance", "* * * * *"),
        ("upkeep.forget", "7 * * * *"),
        ("upkeep.delete_accounts", "37 * * * *"),
        ("upkeep.forget_history", "53 3 * * *"),
        ("upkeep.clear_ended_sessions", "23 3 * * *"),
        ("upkeep.forget_failed_jobs", "47 3 * * *"),
    ],
)
def test_every_job_has_its_time_and_is_queued_once(name: str, cron: str) -> None:
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    times = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert times[name] == cron
    assert app.tasks[name].queueing_lock == name


def test_sessions_that_have_ended_leave_the_database() -> None:
    now = clock.now()
    for key, expires_at in {"over": now - SECOND, "alive": now + timedelta(minutes=1)}.items():
        Session.objects.create(session_key=key, session_data="", expire_date=expires_at)
    do("upkeep.clear_ended_sessions")
    assert [session.session_key for session in Session.objects.all()] == ["alive"]


def test_jobs_that_failed_long_ago_are_gone_and_what_is_still_to_do_is_not() -> None:
    long_ago = clock.now() - FAILED_JOBS_ARE_KEPT - timedelta(hours=2)
    for name, status, at in (
        ("long-ago", "failed", long_ago),
        ("lately", "failed", long_ago + timedelta(hours=4)),
        ("waiting", "todo", long_ago),
    ):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES (%s, 'gone') RETURNING id", [name]
            )
            (job,) = cursor.fetchone()
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, job])
            cursor.execute("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [at, job])
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    app.tasks["upkeep.forget_failed_jobs"].defer(timestamp=0)
    do_queued_jobs(["upkeep"])
    assert {each.name for each in machinery.queues(now=clock.now())} >= {"lately", "waiting"}
    assert "long-ago" not in {each.name for each in machinery.queues(now=clock.now())}


def test_checks_whose_processes_died_are_counted_and_lock_like_any_others() -> None:
    account = issued()
    door, died_at = guard.door_of(account.address), clock.now() - LEASE
    for _ in range(5):
        guard.reserve(door, guard.look(door, now=died_at), account=account, now=died_at)
    do("upkeep.settle_abandoned_guesses")
    assert GuessCount.objects.get().wrong == 5
    assert Lockout.objects.get().account == account


def test_an_owner_who_was_not_told_of_a_lockout_is_told_some_minutes_later() -> None:
    lockout = Lockout.objects.create(account=issued(), in_known_browser=False, begun_at=clock.now() - TOLD_WITHIN)
    do("upkeep.settle_abandoned_guesses")
    lockout.refresh_from_db()
    assert lockout.mail is not None


def test_what_says_nothing_any_more_is_forgotten() -> None:
    account, now = issued(), clock.now()
    for name, counted_at in {"quiet@example.org": now - FORGOTTEN_AFTER, "recent@example.org": now}.items():
        guess = guard.reserve(
            guard.door_of(name), guard.look(guard.door_of(name), now=counted_at), account=None, now=counted_at
        )
        guard.settle_wrong(guess, now=counted_at)
    for browser_id, used_at in {"long-ago": now - KNOWN_FOR, "lately": now - KNOWN_FOR + timedelta(hours=1)}.items():
        browsers.remember(account, browser_id, now=used_at, origin=AT_HOME)
    do("upkeep.forget")
    assert GuessCount.objects.count() == 1
    assert KnownBrowser.objects.count() == 1


def test_accounts_whose_deletion_nobody_took_back_are_gone() -> None:
    account, kept = issued(), issued()
    decided_at = clock.now() - TAKEN_BACK_WITHIN
    for each in (account, kept):
        deletions.decide_at_command_line(each.pk, now=decided_at, origin=COMMAND_LINE)
    deletions.take_back(kept, taken_back_by=None, now=decided_at, origin=COMMAND_LINE)
    do("upkeep.delete_accounts")
    assert list(Account.objects.all()) == [kept]


def test_an_import_nobody_works_on_is_gone_on_with() -> None:
    run = checked(csv(people(3)), now=clock.now())
    operations.start(run, letters=Letters.NEVER, started_by=None, now=clock.now(), origin=AT_HOME)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    do("upkeep.go_on_with_imports")
    do_queued_jobs()
    assert queries.run_numbered(run.pk).state == RunState.FINISHED  # type: ignore[union-attr]


def test_imported_files_of_long_ago_are_gone() -> None:
    imported(csv(people(1)), now=clock.now() - KEPT_FOR)
    do("upkeep.forget")
    assert not ImportFile.objects.exists()


def test_maintenance_that_has_come_near_is_announced_and_countdowns_wait_for_what_overruns() -> None:
    now = clock.now()
    account = issued(now=now)
    maintenance.subscribe(account, now=now)
    AccessLetter.objects.update(keyed_hash="0" * 64, runs_out_at=now, expires_at=now)
    planned(now + timedelta(days=3), now=now - timedelta(days=10))
    begun(lasts=timedelta(hours=1), now=now - timedelta(hours=2))
    do("upkeep.follow_maintenance")
    assert [news.says for news in News.objects.all()] == ["announced"]
    assert AccessLetter.objects.filter(expires_at__gte=now + OVERRUN_GRANTED).exists()


def test_intakes_settled_long_ago_leave_the_database_and_open_ones_never_do(settings: Settings) -> None:
    settings.INTAKES_ARE_KEPT_FOR = timedelta(days=30)
    now, staff = clock.now(), issued()
    long_ago, lately = now - timedelta(days=30), now - timedelta(days=29)
    old, newer, still_open = (
        intakes.take_down(Request("Rückruf"), route=Route.PAGE, now=long_ago, origin=AT_HOME) for _ in range(3)
    )
    for intake, settled_at in ((old, long_ago), (newer, lately)):
        intakes.settle(intake.pk, settled_by=staff, now=settled_at, origin=AT_HOME)
    do("upkeep.forget")
    assert set(Intake.objects.all()) == {newer, still_open}
    assert Entry.objects.filter(details__intake=old.reference).count() == 2


def test_history_is_kept_for_as_long_as_the_operator_says_and_no_longer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of everything there is something old and something new; what an account still needs stays, however old."""
    monkeypatch.setattr(chunks, "SIZE", 1)
    settings.TRAIL_IS_KEPT_FOR = timedelta(days=400)
    settings.MAIL_LOG_IS_KEPT_FOR = settings.IMPORTS_ARE_KEPT_FOR = timedelta(days=100)
    now = clock.now()
    for ago in (timedelta(days=401), timedelta(days=101), timedelta(days=99)):
        then = now - ago
        staff, account = clerk(address=f"hr{ago.days}@example.org"), issued(f"kunde{ago.days}@example.org", now=then)
        arrived = {"state": State.HANDED_OVER, "handed_over_at": then, "next_attempt_at": None}
        OutgoingMail.objects.filter(recipient=account.address).update(**arrived)
        letters = AccessLetter.objects.filter(account=account)
        letters.update(keyed_hash="0" * 64, runs_out_at=then, expires_at=then)
        check = entitlement.request_check(account, route=CheckRoute.PAGE, now=then, origin=AT_HOME)
        entered = Identity(Means.INITIAL_PASSWORD)
        entitlement.approve(check.pk, stated=entered, decided_by=staff, now=then, origin=AT_HOME)
        letters.update(keyed_hash="")
        caller_codes.send(account.pk, sent_by=staff, now=then, origin=AT_HOME)
        window = planned(then + timedelta(days=3), now=then - timedelta(days=10))
        mail = queue("window_news", recipient=account.address, now=then)
        News.objects.create(window=window, account=account, says="announced", mail=mail)
        run = imported(csv(people(1)), now=then)
        ImportRun.objects.filter(pk=run.pk).update(emptied_at=then)
        mailbox = inbox.meet(inbox.mailbox_named("x", now=then), 1)
        inbox.take_in(mailbox, Place(1, ago.days), letter(f"a{ago.days}@example.org"), now=then)
    OutgoingMail.objects.filter(recipient__startswith="kunde").update(
        state=State.HANDED_OVER, handed_over_at=now, next_attempt_at=None
    )

    do("upkeep.forget_history")
    assert Entry.objects.filter(happened_at__lt=now - timedelta(days=400)).count() == 0
    assert Entry.objects.filter(happened_at__lt=now - timedelta(days=100)).exists()
    assert [News.objects.count(), CallerCode.objects.count(), EntitlementCheck.objects.count()] == [1, 1, 1]
    assert list(ImportRun.objects.values_list("ended_at", flat=True)) == [now - timedelta(days=99)]
    assert ReceivedMail.objects.exclude(sender="").get().sender == "a99@example.org"
    old = OutgoingMail.objects.filter(queued_at__lt=now - timedelta(days=100), recipient__startswith="kunde")
    assert {mail.kind for mail in old} == {"access_letter"}
    assert {letter.mail_id for letter in AccessLetter.objects.filter(mail__in=old)} == {mail.pk for mail in old}
    assert old.count() == 2  # the newest letter of each account
