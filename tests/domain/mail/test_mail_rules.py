"""How long to wait for a mail server, when to stop waiting, and what its answers amount to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories.accounts import NOW
from kundenportal.domain.mail.rules import (
    GIVE_UP_AFTER,
    LEASE,
    MISSED_AFTER,
    SMTP_TIMEOUT,
    State,
    Trouble,
    is_on_its_way,
    next_attempt_at,
    pause_after,
    trouble_in,
)

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 64), (8, 120), (9, 120), (500, 120), (10**9, 120)],
)
def test_pauses_double_up_to_two_hours(attempts: int, minutes: int) -> None:
    assert pause_after(attempts) == minutes * MINUTE


@pytest.mark.parametrize(
    ("waited", "attempts", "expected"),
    [
        (0 * MINUTE, 1, MINUTE),
        (timedelta(hours=5), 8, timedelta(hours=7)),
        # The last attempt is made when the two days are over, not two hours too early.
        (timedelta(hours=47), 30, timedelta(hours=48)),
        (GIVE_UP_AFTER - SECOND, 30, GIVE_UP_AFTER),
        (GIVE_UP_AFTER, 31, None),
        (GIVE_UP_AFTER + SECOND, 31, None),
    ],
)
def test_it_is_tried_again_until_two_days_are_over(
    waited: timedelta, attempts: int, expected: timedelta | None
) -> None:
    again_at = next_attempt_at(attempts=attempts, queued_at=NOW, now=NOW + waited)
    assert again_at == (None if expected is None else NOW + expected)


def test_a_worker_is_not_taken_for_dead_while_the_mail_server_is_merely_slow() -> None:
    # connect, greeting, EHLO, STARTTLS, EHLO, AUTH twice, MAIL, RCPT, DATA and its end
    assert LEASE > 11 * SMTP_TIMEOUT


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ("", None),
        ("[Errno 111] Connection refused", Trouble.NO_CONNECTION),
        ("Connection unexpectedly closed: timed out", Trouble.NO_CONNECTION),
        ("-1 ", Trouble.NO_CONNECTION),
        ("4500 seconds without a word", Trouble.NO_CONNECTION),
        ("421 4.3.2 Going down", Trouble.POSTPONED),
        ("450 4.2.1 Mailbox busy", Trouble.POSTPONED),
        ("550 5.1.1 No such user", Trouble.REFUSED),
        ("554", Trouble.REFUSED),
        ("530 5.7.0 Sign in first", Trouble.OTHER),
        ("535 5.7.8 Wrong password", Trouble.OTHER),
        ("250 OK", Trouble.OTHER),
        ("٥٥٠ no number of ours", Trouble.NO_CONNECTION),
    ],
)
def test_an_answer_amounts_to_one_of_four_troubles(answer: str, trouble: Trouble | None) -> None:
    assert trouble_in(answer) == trouble


@pytest.mark.parametrize(
    ("state", "is_live", "waited", "expected"),
    [
        (State.WAITING, False, 10 * MISSED_AFTER, True),
        (State.SENDING, True, 10 * MISSED_AFTER, True),
        (State.HANDED_OVER, True, MISSED_AFTER - SECOND, True),
        (State.HANDED_OVER, True, MISSED_AFTER, False),
        (State.HANDED_OVER, False, SECOND, False),
        (State.FAILED, False, SECOND, False),
        (State.BOUNCED, True, SECOND, False),
    ],
)
def test_a_secret_is_on_its_way_until_it_is_used_or_missed(
    state: State,
    is_live: bool,  # noqa: FBT001
    waited: timedelta,
    expected: bool,  # noqa: FBT001
) -> None:
    found = is_on_its_way(state, is_live=is_live, asked_for_at=NOW, now=NOW + waited)
    assert found is expected
