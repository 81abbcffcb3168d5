"""Whatever happens at the doors, in whatever order: the guard does what a list of guesses for each door would say."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from factories.accounts import NOW, issued
from kundenportal.domain.credentials import guard
from kundenportal.domain.credentials.models import GuessCount
from kundenportal.domain.credentials.queries.door import count_and_account

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

STRANGERS, KNOWN, KNOWN_TOO = "", "one browser", "another browser"
BROWSERS = [STRANGERS, KNOWN, KNOWN_TOO]
ADDRESSES = ["buero@musterland.example.org", "nobody@example.org"]
SECOND = timedelta(seconds=1)
PASSING_TIME = [0, 1, 29, 30, 31, 23 * 3600, 24 * 3600 - 1, 24 * 3600, 24 * 3600 + 1]

WRONG = None


class Guesses:
    """The guesses at one door that count: WRONG, or until when one is still being checked."""

    def __init__(self) -> None:
        self.marks: list[datetime | None] = []
        self.last_heard_of = NOW

    def let_time_pass(self, now: datetime) -> None:
        for place, mark in enumerate(self.marks):
            if mark is not WRONG and mark <= now:
                self.marks[place] = WRONG
                self.last_heard_of = max(self.last_heard_of, mark)
        is_quiet = all(mark is WRONG for mark in self.marks) and now - self.last_heard_of >= timedelta(days=1)
        if is_quiet and len(self.marks) < 5:
            self.marks.clear()

    @property
    def wrong(self) -> int:
        return self.marks.count(WRONG)


class Doors(RuleBasedStateMachine):
    """The guard and its table on one side, a list for each door on the other."""

    account: Account
    checks = Bundle("checks")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.expected = {(address, browser): Guesses() for address in ADDRESSES for browser in BROWSERS}
        self._example = transaction.atomic()
        self._example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._example.__exit__(None, None, None)

    @rule(target=checks, address=st.sampled_from(ADDRESSES), browser=st.sampled_from(BROWSERS))
    def begin_a_check(self, address: str, browser: str) -> Any:
        guesses = self._expected_at(address, browser)
        door = guard.door_of(address, browser_key=browser)
        account = self.account if address == ADDRESSES[0] else None
        if len(guesses.marks) < 5:
            found, reservation = guard.knock(door, partial(count_and_account, address), now=self.now)
            assert found == account
            guesses.marks.append(reservation.until)
            guesses.last_heard_of = self.now
            return address, browser, reservation
        with pytest.raises(guard.Locked if guesses.wrong == 5 else guard.StillChecking):
            guard.knock(door, partial(count_and_account, address), now=self.now)
        return multiple()

    @rule(check=consumes(checks))
    def settle_as_wrong(self, check: Any) -> None:
        address, browser, reservation = check
        guesses = self._expected_at(address, browser)
        was_locked_before = GuessCount.objects.filter(
            name_key=reservation.door.name_key, browser_key=browser, wrong=5
        ).exists()
        if reservation.until not in guesses.marks:
            with pytest.raises(guard.TakenForDead):
                guard.settle_wrong(reservation, now=self.now)
            return
        locked = guard.settle_wrong(reservation, now=self.now)
        guesses.marks[guesses.marks.index(reservation.until)] = WRONG
        guesses.last_heard_of = self.now
        assert (locked is not None) == (guesses.wrong == 5 and not was_locked_before)

    @rule(check=consumes(checks))
    def settle_as_right(self, check: Any) -> None:
        address, browser, reservation = check
        guesses = self._expected_at(address, browser)
        if reservation.until not in guesses.marks:
            with pytest.raises(guard.TakenForDead):
                guard.settle_right(reservation, now=self.now)
            return
        guard.settle_right(reservation, now=self.now)
        guesses.marks.remove(reservation.until)
        guesses.marks = [mark for mark in guesses.marks if mark is not WRONG]
        guesses.last_heard_of = self.now

    @rule(check=consumes(checks))
    def die(self, check: Any) -> None:
        """Nobody will ever settle this one."""

    @rule(seconds=st.sampled_from(PASSING_TIME))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND + timedelta(microseconds=1)

    @rule()
    def lift(self) -> None:
        guard.lift(self.account, now=self.now)
        for browser in BROWSERS:
            guesses = self._expected_at(self.account.address, browser)
            guesses.marks = [mark for mark in guesses.marks if mark is not WRONG]
            guesses.last_heard_of = self.now

    @rule()
    def settle_what_was_abandoned(self) -> None:
        # Only what the table does not know yet can begin a lockout now.
        locked_in_table = set(GuessCount.objects.filter(wrong=5).values_list("name_key", "browser_key"))
        locked = {
            (row.name_key, row.browser_key)
            for row in guard.abandoned(now=self.now)
            if guard.settle_abandoned(row, now=self.now)
        }
        expected = {
            (door.name_key, door.browser_key)
            for address, browser in self.expected
            if self._expected_at(address, browser).wrong == 5
            for door in [guard.door_of(address, browser_key=browser)]
        }
        assert locked == expected - locked_in_table

    @rule()
    def forget_quiet_names(self) -> None:
        guard.forget_quiet_names(now=self.now)

    @invariant()
    def the_table_says_what_the_lists_say(self) -> None:
        for address, browser in self.expected:
            guesses = self._expected_at(address, browser)
            row = guard._row_of(guard.door_of(address, browser_key=browser))  # noqa: SLF001
            count = guard._as_of(row, self.now)  # noqa: SLF001
            assert (count.wrong, sorted(count.pending)) == (guesses.wrong, sorted(filter(None, guesses.marks)))
            assert len(guesses.marks) <= 5

    @invariant()
    def there_is_no_row_without_a_guess(self) -> None:
        assert not GuessCount.objects.filter(wrong=0, pending=[]).exists()

    def _expected_at(self, address: str, browser: str) -> Guesses:
        guesses = self.expected[address, browser]
        guesses.let_time_pass(self.now)
        return guesses


def test_the_guard_does_what_a_list_of_guesses_for_each_door_would_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doors, "account", issued(ADDRESSES[0]), raising=False)
    run_state_machine_as_test(
        Doors,
        settings=settings(
            max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
