"""While a password is checked: what is held meanwhile, and what becomes of checks that die or are too late (R8)."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from copy import copy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import nacl.bindings as sodium
import pytest
from django.conf import settings
from django.db import connection, connections

from factories.accounts import AT_HOME, NOW, OWN_PASSWORD, active, delivered
from factories.argon2_work import Argon2Work
from factories.entries import NOBODY, comes_in, is_locked, is_wrong, nobody_gets_in_line
from factories.threads import meanwhile
from factories.trail import events_of
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials import guard, hashing, verification
from kundenportal.domain.credentials.hashing import Argon2id
from kundenportal.domain.credentials.models import GuessCount, Lockout
from kundenportal.domain.credentials.operations import entries, lockouts
from kundenportal.domain.credentials.operations.entries import EntryWrong, one_guess
from kundenportal.domain.credentials.queries.door import count_and_account
from kundenportal.domain.credentials.rules import hashing_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

WHOEVER = pytest.mark.parametrize("who", ["nobody", "right", "wrong", "first"])
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=30)


def whoever(who: str, mail_server: MailServer) -> tuple[str, str]:
    """Address and entry of nobody, or of somebody who is right, wrong, or comes for the first time."""
    if who == "first":
        account, password = delivered(mail_server)
        return account.address, password
    return NOBODY if who == "nobody" else active(mail_server).address, OWN_PASSWORD if who == "right" else "wrong"


@pytest.mark.django_db(transaction=True)
@WHOEVER
def test_while_a_password_is_checked_no_transaction_is_open_and_no_lock_is_held(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    address, password = whoever(who, mail_server)
    seen = []

    def look() -> None:
        number = connection.connection.info.backend_pid
        seen.append((connection.in_atomic_block, *meanwhile(lambda: what_it_does(number))))

    before(look, verification, ("check_password", "make_password"), monkeypatch)
    with suppress(EntryWrong):
        comes_in(address, password)
    assert seen == [(False, "idle", 0)]


@pytest.mark.django_db(transaction=True)
@WHOEVER
def test_while_argon2_runs_the_connection_is_others(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    address, password = whoever(who, mail_server)
    ours, seen = connections["default"], []

    names = ("crypto_pwhash_alg", "crypto_pwhash_str_verify")
    before(lambda: seen.append(ours.connection), sodium, names, monkeypatch)
    ours.close()
    monkeypatch.setitem(ours.settings_dict, "CONN_MAX_AGE", 0)  # as where connections are pooled
    with suppress(EntryWrong):
        comes_in(address, password)
    assert seen == [None]


def before(look: Callable[[], object], module: object, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever one of these functions is called, somebody looks first."""

    def looked_at(run: Callable[..., Any]) -> Callable[..., Any]:
        def look_and_run(*arguments: Any) -> Any:
            look()
            return run(*arguments)

        return look_and_run

    for name in names:
        monkeypatch.setattr(module, name, looked_at(getattr(module, name)))


def what_it_does(backend: int) -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, (SELECT count(*) FROM pg_locks WHERE pg_locks.pid = activity.pid)"
            " FROM pg_stat_activity activity WHERE pid = %s",
            [backend],
        )
        state, locks = cursor.fetchone()
    return state, locks


def test_who_finds_the_line_full_is_sent_away_before_anything_is_counted(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = active(mail_server)
    work = Argon2Work()
    work.watch(monkeypatch)
    with nobody_gets_in_line(), pytest.raises(hashing.LineFull):
        comes_in(account.address)
    assert work.costs == []
    assert not GuessCount.objects.exists()
    assert comes_in(account.address) == account


def test_a_check_whose_process_died_counts_as_wrong_once_its_lease_is_over(mail_server: MailServer) -> None:
    account = active(mail_server)
    with pytest.raises(KeyboardInterrupt), one_guess(account.address, browser_id="", now=NOW, origin=AT_HOME):
        raise KeyboardInterrupt
    is_wrong(account.address, times=4, now=NOW + LEASE)
    assert is_locked(account.address, now=NOW + LEASE)


def test_five_dead_checks_lock_and_the_owner_is_told_once(mail_server: MailServer) -> None:
    account = active(mail_server)
    door = guard.door_of(account.address)
    for _ in range(5):
        guard.reserve(door, guard.look(door, now=NOW), account=account, now=NOW)
    lockouts.settle_abandoned_guesses(now=NOW + LEASE - SECOND)
    assert not Lockout.objects.exists()
    for _ in range(2):
        lockouts.settle_abandoned_guesses(now=NOW + LEASE)
    assert Lockout.objects.get().account == account
    assert is_locked(account.address, now=NOW + LEASE)


def test_a_check_that_took_longer_than_its_lease_lets_nobody_in(mail_server: MailServer) -> None:
    account = active(mail_server)
    with one_guess(account.address, browser_id="", now=NOW, origin=AT_HOME) as guess:
        is_wrong(account.address, now=NOW + LEASE)
        with pytest.raises(guard.TakenForDead):
            guess.was_right()
    assert GuessCount.objects.get().wrong == 2


@pytest.mark.parametrize("password", [OWN_PASSWORD, "wrong"])
def test_of_a_check_whose_reservation_the_database_has_lost_nobody_is_told_anything(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    account = active(mail_server)

    def lose_what_was_reserved(*_: Any) -> bool:
        GuessCount.objects.all().delete()
        return password == OWN_PASSWORD

    monkeypatch.setattr(Argon2id, "verify", lose_what_was_reserved)
    with pytest.raises(guard.TakenForDead):
        comes_in(account.address, password)
    assert ("sign_in.refused" in events_of(account)) == (password == "wrong")  # for the desk


def test_what_comes_of_checks_a_crashed_database_has_lost_changes_nothing_that_was_counted_since() -> None:
    door = guard.door_of(NOBODY)

    def knocks() -> guard.Reservation:
        _, reservation = guard.knock(door, partial(count_and_account, NOBODY), now=NOW + len(kept) * SECOND)
        kept.append(reservation)
        return reservation

    kept: list[guard.Reservation] = []
    is_wrong(NOBODY, times=2)
    on_the_disk = GuessCount.objects.values().get()
    lost = [knocks(), knocks()]
    GuessCount.objects.filter(pk=on_the_disk["id"]).update(**on_the_disk)  # as after a crash, its version included
    guard.settle_wrong(knocks(), now=NOW)
    for settle in (guard.settle_right, guard.settle_wrong):
        for reservation in lost:
            with pytest.raises(guard.TakenForDead):
                settle(replace(reservation, row=copy(reservation.row)), now=NOW)
    for reservation in lost:
        guard.withdraw(reservation, now=NOW)
    assert list(GuessCount.objects.values_list("wrong", "pending")) == [(3, [])]


def test_a_guess_at_an_account_that_is_deleted_at_this_moment_is_counted_as_at_nobodys(mail_server: MailServer) -> None:
    account = active(mail_server)
    door, number = guard.door_of(account.address), account.pk
    Account.objects.filter(pk=number).delete()
    for _ in range(2):
        guard.reserve(door, guard.look(door, now=NOW), account=account, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert (GuessCount.objects.get().account_id, len(GuessCount.objects.get().pending)) == (None, 2)


def test_whoever_waits_for_dead_checks_at_one_name_takes_no_turn_from_another(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, other = active(mail_server), active(mail_server)
    door = guard.door_of(account.address)
    for _ in range(5):
        guard.reserve(door, guard.look(door, now=NOW), account=account, now=NOW)
    waited: list[float] = []

    def come_in_elsewhere(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 1:
            # As many as may be at work can be: none of the turns is taken.
            with ExitStack() as turns:
                for _ in range(hashing_line.at_work(settings.HASHING_THREADS)):
                    turns.enter_context(hashing.turn())
            assert comes_in(other.address) == other

    monkeypatch.setattr(f"{entries.__name__}.time.sleep", come_in_elsewhere)
    monkeypatch.setattr(entries, "SECONDS_OF_PATIENCE", 0.05)
    with pytest.raises(guard.StillChecking):
        comes_in(account.address)
    assert waited
