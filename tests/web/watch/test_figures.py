"""What a monitoring system reads is what has happened."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client

from factories.accounts import issued
from kundenportal.config.addresses import mailbox_in
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.inbox.models import MailboxState
from kundenportal.domain.inbox.rules.keeping import Trouble
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.kernel import clock
from kundenportal.web.watch import times
from web.residents import attempt, letter_holder, settled, sign_in, suspend, too_late

from .conftest import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django import DjangoAssertNumQueries, Settings

    Figure = Callable[..., float]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN} "])
def test_figures_are_for_whoever_shows_the_token(settings: Settings, header: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    answer = Client().get("/metrics", headers={"authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert b"kundenportal_" not in answer.content


def test_sign_ins_are_counted_by_outcome(figures: Figure) -> None:
    holder = settled("anna@example.org")  # one first sign-in, by its way
    attempt(Client(), holder.address, "wrong")
    sign_in(holder)
    expired, suspended = too_late("late@example.org"), suspend(settled("away@example.org"))
    attempt(Client(), expired.address, expired.password)
    attempt(Client(), suspended.address, suspended.password)
    seen = {outcome: figures("sign_ins_lately", outcome=outcome) for outcome in ("wrong", "expired", "suspended")}
    assert seen == {"wrong": 1, "expired": 1, "suspended": 1}
    assert figures("sign_ins_lately", outcome="succeeded") == 3
    assert figures("sign_ins_lately", outcome="first") == 2


def test_what_happened_long_ago_is_not_counted_any_more(figures: Figure) -> None:
    settled(now=clock.now() - timedelta(minutes=6))
    assert figures("sign_ins_lately", outcome="succeeded") == 0


def test_lockouts_are_counted_and_wait_at_the_desk(figures: Figure) -> None:
    holder = settled()
    for _ in range(5):
        attempt(Client(), holder.address, "wrong")
    assert figures("lockouts_lately") == 1
    assert figures("desk_waiting", kind="lockout") == 1
    assert figures("desk_waiting", kind="check") == 0
    assert 0 <= figures("desk_waiting_oldest_seconds", kind="lockout") < 60


def test_mails_are_counted_by_where_they_lie_and_for_how_long(figures: Figure) -> None:
    now = clock.now()
    for _ in range(5):
        issued(now=now - timedelta(minutes=10))
    tried, held, sending, failed, _ = OutgoingMail.objects.order_by("pk")
    changed: dict[OutgoingMail, dict[str, Any]] = {
        tried: {"attempts": 3, "next_attempt_at": now + timedelta(hours=1)},
        held: {"next_attempt_at": now + timedelta(days=1)},
        sending: {"state": State.SENDING, "claimed_at": now - timedelta(minutes=2), "attempts": 1},
        failed: {"state": State.FAILED},
    }
    for mail, changes in changed.items():
        OutgoingMail.objects.filter(pk=mail.pk).update(**changes)
    states = ("due", "later", "deferred", "sending", "failed", "bounced")
    assert [figures("mails", state=state) for state in states] == [1, 1, 1, 1, 1, 0]
    assert figures("mails_oldest_seconds", state="due") == pytest.approx(600, abs=30)
    assert figures("mails_oldest_seconds", state="deferred") == pytest.approx(600, abs=30)
    assert figures("mails_oldest_seconds", state="sending") == pytest.approx(120, abs=30)


def test_a_mail_that_is_sent_again_has_waited_since_then(figures: Figure) -> None:
    now = clock.now()
    issued(now=now - timedelta(days=30))
    again = now - timedelta(minutes=10)
    OutgoingMail.objects.update(attempts=1, next_attempt_at=now + timedelta(hours=1), sent_again_at=again)
    assert figures("mails_oldest_seconds", state="deferred") == pytest.approx(600, abs=30)


def test_jobs_are_counted_by_queue_with_the_age_of_the_oldest(figures: Figure) -> None:
    issued()
    issued()
    assert figures("jobs", queue="mail", state="waiting") == 2
    assert 0 <= figures("jobs_oldest_seconds", queue="mail") < 60
    assert figures("workers") == 0
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()), (now() - interval '1 hour')")
    assert figures("workers") == 1


def test_a_mailbox_is_unread_if_it_cannot_be_read_and_if_nobody_reads_it(figures: Figure, settings: Settings) -> None:
    now, minutes = clock.now(), timedelta(minutes=1)
    settings.MAILBOX = mailbox_in("imaps://user:password@mail.example.org")
    assert figures("mailbox_unread_seconds") == math.inf, "nobody ever has"
    state = MailboxState.objects.create(name=settings.MAILBOX.name, first_read_at=now)
    assert figures("mailbox_unread_seconds") == math.inf
    MailboxState.objects.filter(pk=state.pk).update(read_at=now - minutes)
    assert figures("mailbox_unread_seconds") == 0
    MailboxState.objects.filter(pk=state.pk).update(read_at=now - 10 * minutes)
    assert figures("mailbox_unread_seconds") == pytest.approx(600, abs=30)
    MailboxState.objects.filter(pk=state.pk).update(unread_since=now - 20 * minutes, trouble=Trouble.NOT_LET_IN)
    assert figures("mailbox_unread_seconds") == pytest.approx(1200, abs=30)
    settings.MAILBOX = None
    assert figures("mailbox_unread_seconds") == 0


def test_backups_are_told_by_the_last_one_and_by_the_last_that_was_made(figures: Figure) -> None:
    now, day = clock.now(), timedelta(days=1)
    assert figures("backup_failed") == 0
    with pytest.raises(KeyError):
        figures("backup_age_seconds")
    audit.record(Event.BACKUP_MADE, now=now - day, size=1)
    assert figures("backup_failed") == 0
    assert figures("backup_age_seconds") == pytest.approx(86400, abs=30)
    audit.record(Event.BACKUP_FAILED, now=now, trouble="There is no room left.")
    assert figures("backup_failed") == 1
    assert figures("backup_age_seconds") == pytest.approx(86400, abs=30)


def test_without_the_database_that_is_what_is_told(figures: Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    assert figures("database_up") == 1
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    assert figures("database_up") == 0
    with pytest.raises(KeyError):
        figures("workers")


def test_of_a_replica_nothing_is_told_where_there_is_none(figures: Figure) -> None:
    with pytest.raises(KeyError):
        figures("replica_up")


def test_requests_are_timed_by_page_and_never_by_what_somebody_made_up(figures: Figure) -> None:
    times.request_seconds.clear()
    holder, browser = letter_holder(), Client()
    browser.get("/?secret=1")
    browser.get("/password/choose/secret-token/")
    browser.generic("BREW", "/")
    browser.get("/no-such-page/")
    attempt(browser, holder.address, "wrong")
    seen = {
        tuple(sample.labels.values())
        for family in times.request_seconds.collect()
        for sample in family.samples
        if sample.name.endswith("_count")
    }
    assert seen == {
        ("home", "GET", "200"),
        ("reset-link", "GET", "302"),
        ("home", "other", "405"),
        ("none", "GET", "404"),
        ("sign-in", "POST", "200"),
    }
    assert figures("request_seconds_count", page="home", method="GET", status="200") == 1


def test_asking_for_figures_stays_cheap_however_much_there_is(
    figures: Figure, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        issued(now=clock.now())
    with django_assert_max_num_queries(30):
        figures("workers")


def test_the_room_left_on_the_disk_is_told_and_nothing_where_there_is_no_disk(
    figures: Figure, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    assert 0 < figures("disk_free_bytes") <= figures("disk_bytes")
    settings.DATA_DIR = tmp_path / "missing"
    with pytest.raises(KeyError):
        figures("disk_free_bytes")
