"""Initial passwords that would end during maintenance end when it is over, whatever becomes of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories.accounts import NOW, delivered, enters, issued
from factories.windows import DAY, HOUR, begun, cancelled, ended, moved, planned
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.operations.countdowns import follow_windows
from kundenportal.domain.credentials.operations.reminders import queue_due_reminders
from kundenportal.domain.credentials.operations.sign_in import InitialPasswordExpired
from kundenportal.domain.credentials.queries.desk import account_file
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.queries.letters import letters_ending
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME, after_pauses
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.maintenance.queries import pauses
from kundenportal.domain.maintenance.rules.windows import OVERRUN_GRANTED

if TYPE_CHECKING:
    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
ENDS = NOW + LIFETIME


def expiry() -> datetime:
    """When the only initial password there is ends."""
    found = AccessLetter.objects.get().expires_at
    assert found is not None
    return found


def test_a_window_planned_afterwards_puts_the_end_off(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    window = planned(ENDS - HOUR)
    assert expiry() == window.ends_at == ENDS + HOUR
    assert enters(account.address, password, now=ENDS + HOUR - SECOND) == account


def test_one_planned_before_the_letter_does_so_too(mail_server: MailServer) -> None:
    planned(ENDS - HOUR, now=NOW - DAY)
    delivered(mail_server)
    assert expiry() == ENDS + HOUR


def test_once_it_is_over_so_is_the_password(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    planned(ENDS - HOUR)
    ended(now=ENDS + HOUR)
    with pytest.raises(InitialPasswordExpired):
        enters(account.address, password, now=ENDS + HOUR)
    access = expired_access_of(account, now=ENDS + HOUR)
    assert access is not None
    assert access.expired_at == ENDS + HOUR


def test_the_end_moves_with_it_and_comes_back(mail_server: MailServer) -> None:
    delivered(mail_server)
    window = planned(ENDS - HOUR)
    moved(window, ENDS + 5 * HOUR)
    assert expiry() == ENDS + 5 * HOUR
    cancelled(window)
    assert expiry() == ENDS


@pytest.mark.parametrize(("ended_at", "expected"), [(ENDS - SECOND, ENDS), (ENDS + 4 * HOUR, ENDS + 4 * HOUR)])
def test_its_real_end_counts_once_there_is_one(mail_server: MailServer, ended_at: datetime, expected: datetime) -> None:
    delivered(mail_server)
    planned(ENDS - HOUR)
    ended(now=ended_at)
    assert expiry() == expected


def test_while_it_overruns_no_password_ends(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    begun(now=ENDS - HOUR)
    for late in (2 * HOUR, 30 * HOUR):
        follow_windows(now=ENDS + late)
        assert expiry() == ENDS + late + OVERRUN_GRANTED
    assert enters(account.address, password, now=ENDS + 30 * HOUR) == account


def test_what_ends_at_another_time_is_left_alone(mail_server: MailServer) -> None:
    delivered(mail_server)
    planned(ENDS + SECOND)
    planned(ENDS - HOUR, lasts=HOUR)
    assert expiry() == ENDS
    assert follow_windows(now=NOW) == 0


def test_a_window_planned_at_the_moment_of_the_hand_over_is_followed_within_a_minute(mail_server: MailServer) -> None:
    delivered(mail_server)
    planned(ENDS - HOUR)
    AccessLetter.objects.update(expires_at=ENDS)  # as if the letter had not seen it
    assert follow_windows(now=NOW) == 1
    assert expiry() == ENDS + HOUR


def test_the_desk_sees_the_same_end(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    planned(ENDS - HOUR)
    file = account_file(account.pk, now=ENDS + SECOND)
    assert file is not None
    assert (file.state, file.account.initial_password_expires_at) == (AccountState.ISSUED, ENDS + HOUR)
    assert letters_ending(ENDS, ENDS + HOUR).exists()
    assert not letters_ending(ENDS - DAY, ENDS).exists()


def test_the_reminder_names_the_end_that_counts(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    planned(ENDS - HOUR)
    now = ENDS + HOUR - DAY
    assert queue_due_reminders(now=now - SECOND) == 0
    assert queue_due_reminders(now=now) == 1
    deliver_due_mails(clock=lambda: now)
    assert "Montag, 21. Dezember 2026, 11:00 Uhr" in mail_server.mails_to(account.address)[-1].text


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    windows=st.lists(
        st.tuples(st.integers(min_value=-300, max_value=300), st.integers(min_value=1, max_value=120)),
        max_size=4,
        unique_by=lambda window: window[0] // 121,
    ),
    handed_over=st.lists(st.integers(min_value=-400, max_value=400), min_size=1, max_size=5),
)
def test_the_database_moves_them_as_the_rule_does(windows: list[tuple[int, int]], handed_over: list[int]) -> None:
    AccessLetter.objects.all().delete()
    from kundenportal.domain.maintenance.models import Window

    Window.objects.all().delete()
    for minutes in handed_over:
        runs_out_at = ENDS + timedelta(minutes=minutes)
        account = issued()
        AccessLetter.objects.filter(account=account).update(
            keyed_hash="0" * 64, runs_out_at=runs_out_at, expires_at=runs_out_at
        )
    free_from = ENDS - timedelta(days=30)
    for start, minutes in sorted(windows):
        starts_at = max(ENDS + timedelta(minutes=start), free_from)
        free_from = planned(starts_at, lasts=timedelta(minutes=minutes)).ends_at
    known = pauses(now=NOW)
    for letter in AccessLetter.objects.all():
        assert letter.runs_out_at is not None
        assert letter.expires_at == after_pauses(letter.runs_out_at, known)
