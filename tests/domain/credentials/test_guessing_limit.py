"""Five wrong entries lock a sign-in name, and nobody can turn that against its owner (rule R8)."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.accounts import AT_HOME, NOW, OWN_PASSWORD, active, enters, issued
from factories.argon2_work import Argon2Work
from factories.entries import NOBODY, comes_in, is_locked, is_wrong
from factories.jobs import do_queued_jobs
from factories.threads import together
from factories.traces import places_of, whole_database
from factories.trail import events_of
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials import guard, hashing
from kundenportal.domain.credentials.hashing import Argon2id, NoMemoryToHash
from kundenportal.domain.credentials.models import GuessCount, KnownBrowser, Lockout
from kundenportal.domain.credentials.operations import browsers, lockouts
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.queries.door import count_and_account
from kundenportal.domain.credentials.rules import hashing_line, lockout

if TYPE_CHECKING:
    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

MINE, ANOTHER = "the browser at the office", "the browser at home"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)


# Five


def test_the_sixth_entry_is_not_checked_even_if_it_is_right(mail_server: MailServer) -> None:
    account = active(mail_server)
    is_wrong(account.address, times=5)
    assert is_locked(account.address)
    assert is_locked(f"  {account.address.upper()} ")


def test_a_right_entry_before_the_fifth_wrong_one_clears_the_count(mail_server: MailServer) -> None:
    account = active(mail_server)
    for _ in range(3):
        is_wrong(account.address, times=4)
        assert comes_in(account.address) == account
    assert not GuessCount.objects.exists()


@pytest.mark.parametrize("before", range(5))
def test_whoever_is_told_that_an_entry_is_wrong_has_waited_until_that_is_on_the_disk(before: int) -> None:
    is_wrong(NOBODY, times=before)
    with CaptureQueriesContext(connection) as queries:
        is_wrong(NOBODY)
    statements = [query["sql"] for query in queries]
    reserved = [number for number, sql in enumerate(statements) if "synchronous_commit" in sql][-1]
    settled = [number for number, sql in enumerate(statements) if "credentials_guesscount" in sql][-1]
    begun = next(number for number, sql in enumerate(statements) if sql.startswith("SAVEPOINT"))
    assert reserved < begun < settled, "what is settled is written with less care"


@pytest.mark.parametrize("wrong_before", [0, 4])
def test_what_could_not_be_checked_for_want_of_memory_does_not_count(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, wrong_before: int
) -> None:
    account = active(mail_server)
    is_wrong(account.address, times=wrong_before)
    with monkeypatch.context() as full_machine:
        full_machine.setattr(Argon2id, "verify", Mock(side_effect=NoMemoryToHash))
        for _ in range(6):
            with pytest.raises(NoMemoryToHash):
                comes_in(account.address)
    assert list(GuessCount.objects.values_list("wrong", "pending")) == [(4, [])][: wrong_before // 4]
    assert comes_in(account.address, now=NOW + lockout.LEASE) == account


def test_a_name_nobody_has_is_locked_like_any_other() -> None:
    is_wrong(NOBODY, times=5)
    assert is_locked(NOBODY)
    assert Lockout.objects.get().account is None


def test_a_locked_name_costs_no_argon2_and_one_look(mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    account = active(mail_server)
    is_wrong(account.address, times=5)
    counted = GuessCount.objects.get().version
    work = Argon2Work()
    work.watch(monkeypatch)
    for entry in (OWN_PASSWORD, "wrong"):
        with CaptureQueriesContext(connection) as asked, pytest.raises(guard.Locked):
            comes_in(account.address, entry)
        assert len(asked) == 1
    assert work.costs == []
    assert GuessCount.objects.get().version == counted


def test_at_a_locked_name_nobody_waits_for_a_turn_or_is_sent_away_unheard() -> None:
    is_wrong(NOBODY, times=5)
    at_work, places = (each(settings.HASHING_THREADS) for each in (hashing_line.at_work, hashing_line.places))
    with ExitStack() as others:
        for _ in range(at_work):
            others.enter_context(hashing.turn())
        assert is_locked(NOBODY)
        for _ in range(places):
            others.enter_context(hashing.place_in_line())
        assert is_locked(NOBODY)
        with pytest.raises(hashing.LineFull):
            comes_in("somebody@example.org")


def test_the_first_guess_of_two_that_come_at_once_is_written_once_and_the_other_beside_it() -> None:
    door = guard.door_of(NOBODY)
    # Whoever has looked before the first one was written finds nothing, and does not get it written either.
    _, first = guard.knock(door, partial(count_and_account, NOBODY), now=NOW)
    _, second = guard.knock(door, lambda *_: ((None,) * 7, None), now=NOW)
    assert first.row
    assert second.row
    assert first.row.pk == second.row.pk
    assert GuessCount.objects.get().pending == [first.until, second.until]


def test_the_fifth_entry_is_noted_and_costs_the_same_whether_anybody_has_the_name(mail_server: MailServer) -> None:
    account = active(mail_server)
    asked = []
    for address in (account.address, NOBODY):
        is_wrong(address, times=4)
        with CaptureQueriesContext(connection) as captured:
            is_wrong(address)
        asked.append([query["sql"].split(maxsplit=3)[:3] for query in captured.captured_queries])
    assert without_savepoint_names(asked[0]) == without_savepoint_names(asked[1])
    assert events_of(account)[-2:] == ["sign_in.refused", "lockout.begun"]


def without_savepoint_names(statements: list[list[str]]) -> list[str]:
    return [" ".join(words[:1] if "SAVEPOINT" in words else words) for words in statements]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", [0, 4])
def test_of_parallel_wrong_entries_those_up_to_the_fifth_are_checked_and_the_owner_gets_one_mail(
    mail_server: MailServer, before: int
) -> None:
    account = active(mail_server)
    is_wrong(account.address, times=before)
    do_queued_jobs()
    mails = len(mail_server.mails_to(account.address))
    outcomes = together([lambda: enters(account.address, "wrong")] * 12)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds.count(EntryWrong) == 5 - before
    assert kinds.count(guard.Locked) == 7 + before
    assert Entry.objects.filter(event="sign_in.refused", subject=account).count() == 5
    assert Lockout.objects.filter(account=account).count() == 1
    do_queued_jobs()
    do_queued_jobs()
    assert len(mail_server.mails_to(account.address)) == mails + 1


@pytest.mark.django_db(transaction=True)
def test_parallel_right_entries_all_succeed_beside_four_wrong_ones(mail_server: MailServer) -> None:
    account = active(mail_server)
    is_wrong(account.address, times=4)
    assert together([lambda: enters(account.address, OWN_PASSWORD)] * 12) == [account] * 12


# Known browsers


def test_strangers_do_not_lock_out_a_browser_the_account_knows(mail_server: MailServer) -> None:
    account = active(mail_server)
    comes_in(account.address, browser=MINE)
    is_wrong(account.address, times=5)
    assert is_locked(account.address)
    assert is_locked(account.address, browser=ANOTHER)
    assert comes_in(account.address, browser=MINE) == account


def test_a_known_browser_has_five_of_its_own(mail_server: MailServer) -> None:
    account = active(mail_server)
    for browser in (MINE, ANOTHER):
        comes_in(account.address, browser=browser)
    is_wrong(account.address, times=4)
    is_wrong(account.address, times=5, browser=MINE)
    assert is_locked(account.address, browser=MINE)
    assert Lockout.objects.get().in_known_browser
    assert comes_in(account.address, browser=ANOTHER) == account
    is_wrong(account.address)
    assert is_locked(account.address)


def test_a_browser_known_to_one_account_is_a_stranger_to_every_other(mail_server: MailServer) -> None:
    account, other = active(mail_server), active(mail_server)
    comes_in(other.address, browser=MINE)
    is_wrong(account.address, times=3)
    is_wrong(account.address, times=2, browser=MINE)
    assert is_locked(account.address, browser=MINE)
    assert is_locked(account.address)
    assert not GuessCount.objects.exclude(browser_key="").exists()


def test_a_wrong_entry_makes_no_browser_known(mail_server: MailServer) -> None:
    account = active(mail_server)
    is_wrong(account.address, browser=MINE)
    assert not KnownBrowser.objects.exists()


def test_a_forgotten_browser_is_a_stranger_again(mail_server: MailServer) -> None:
    account = active(mail_server)
    comes_in(account.address, browser=MINE)
    browsers.forget_all(account, forgotten_by=account, now=NOW, origin=AT_HOME)
    is_wrong(account.address, times=5)
    assert is_locked(account.address, browser=MINE)


@pytest.mark.parametrize(("unused_for", "is_known"), [(180 * DAY - SECOND, True), (180 * DAY, False)])
def test_a_browser_is_known_for_180_days_after_its_last_sign_in(
    mail_server: MailServer, unused_for: timedelta, *, is_known: bool
) -> None:
    account = active(mail_server)
    comes_in(account.address, browser=MINE)
    browsers.forget_unused(now=NOW + unused_for)
    assert KnownBrowser.objects.exists() == is_known


# The ways back


def test_lifting_opens_every_door_of_the_account(mail_server: MailServer) -> None:
    account = active(mail_server)
    comes_in(account.address, browser=MINE)
    is_wrong(account.address, times=5)
    is_wrong(account.address, times=5, browser=MINE)
    lockouts.lift(account, lifted_by=None, now=NOW, origin=AT_HOME)
    assert comes_in(account.address) == account
    assert comes_in(account.address, browser=MINE) == account
    assert events_of(account).count("lockout.lifted") == 1


def test_fewer_than_five_are_forgotten_after_24_quiet_hours_and_a_lockout_is_not(mail_server: MailServer) -> None:
    account, other = active(mail_server), active(mail_server)
    is_wrong(account.address, times=4)
    is_wrong(other.address, times=5)
    is_wrong(account.address, times=4, now=NOW + DAY)
    assert not is_locked(account.address, now=NOW + 2 * DAY)
    assert is_locked(other.address, now=NOW + 400 * DAY)


# What is kept


def test_counts_that_say_nothing_any_more_are_removed(mail_server: MailServer) -> None:
    account = issued()
    is_wrong("quiet@example.org", times=4)
    is_wrong("later@example.org", now=NOW + SECOND)
    is_wrong(NOBODY, times=5)
    is_wrong(account.address, times=5)
    guard.reserve(
        guard.door_of("at-work@example.org"),
        guard.look(guard.door_of("at-work@example.org"), now=NOW),
        account=None,
        now=NOW,
    )
    lockouts.forget_quiet_names(now=NOW + DAY - SECOND)
    assert (GuessCount.objects.count(), Lockout.objects.count()) == (5, 2)
    lockouts.forget_quiet_names(now=NOW + DAY)
    assert sorted(GuessCount.objects.values_list("wrong", flat=True)) == [0, 1, 5, 5]
    assert Lockout.objects.get().account == account


@pytest.mark.django_db(transaction=True)
def test_no_tried_name_is_kept_in_clear_or_under_a_hash_anybody_could_make() -> None:
    # Tried here only: the server shows what it does for the other databases of this run, too.
    tried = "heimlich.probiert@probstadt.example.org"
    is_wrong(tried, times=5)
    assert is_locked(tried)
    do_queued_jobs()
    somebody = issued()
    kept = whole_database()
    assert places_of(somebody.address, kept), "nothing would be found this way"
    assert places_of(tried, kept) == []
