"""What whoever asked is sent, how often, and what a link is worth: by the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kundenportal.domain.credentials.rules import resets
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.credentials.rules.resets import Answer, Dates, LinkState
from kundenportal.kernel.randomness import TOKEN_ALPHABET, TOKEN_LENGTH, random_token

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LINK = Dates(expires_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (AccountState.ACTIVE, Answer.LINK),
        (AccountState.ISSUED, Answer.LINK),
        (AccountState.EXPIRED, Answer.CHECK_FIRST),
        (AccountState.SUSPENDED, Answer.SUSPENDED),
        (None, Answer.NO_ACCESS),
    ],
)
def test_only_who_may_sign_in_is_sent_a_link(state: AccountState | None, answer: Answer) -> None:
    assert resets.ANSWERS[state] is answer


def test_there_is_an_answer_for_every_state() -> None:
    assert set(resets.ANSWERS) == {*AccountState, None}


@pytest.mark.parametrize(
    ("link", "after", "state"),
    [
        (LINK, timedelta(0), LinkState.LIVE),
        (LINK, HOUR - SECOND, LinkState.LIVE),
        (LINK, HOUR, LinkState.EXPIRED),
        (LINK, 9 * DAY, LinkState.EXPIRED),
        (replace(LINK, used_at=NOW), MINUTE, LinkState.USED),
        (replace(LINK, superseded_at=NOW), MINUTE, LinkState.SUPERSEDED),
        # What has happened says more than the time that has passed since.
        (replace(LINK, used_at=NOW), 9 * DAY, LinkState.USED),
        (replace(LINK, superseded_at=NOW), 9 * DAY, LinkState.SUPERSEDED),
        (replace(LINK, used_at=NOW, superseded_at=NOW), MINUTE, LinkState.USED),
    ],
)
def test_a_link_is_live_until_it_is_used_or_superseded_or_an_hour_old(
    link: Dates, after: timedelta, state: LinkState
) -> None:
    assert resets.link_state(link, AccountState.ACTIVE, now=NOW + after) is state


@pytest.mark.parametrize(
    ("account", "live", "over"),
    [
        (AccountState.ISSUED, LinkState.LIVE, LinkState.EXPIRED),
        (AccountState.EXPIRED, LinkState.CHECK_FIRST, LinkState.EXPIRED),
        (AccountState.SUSPENDED, LinkState.SUSPENDED, LinkState.EXPIRED),
    ],
)
def test_a_live_link_does_not_open_what_may_not_be_entered_by_now(
    account: AccountState, live: LinkState, over: LinkState
) -> None:
    assert resets.link_state(LINK, account, now=NOW) is live
    assert resets.link_state(LINK, account, now=NOW + HOUR) is over


@pytest.mark.parametrize(
    ("answer", "ago", "too_many"),
    [
        (Answer.LINK, [], False),
        (Answer.LINK, [MINUTE] * 4, False),
        (Answer.LINK, [MINUTE] * 5, True),
        (Answer.LINK, [HOUR - SECOND] * 5, True),
        (Answer.LINK, [HOUR] * 5, False),
        (Answer.LINK, [*[HOUR] * 5, *[MINUTE] * 4], False),
        (Answer.CHECK_FIRST, [MINUTE] * 5, True),
        (Answer.SUSPENDED, [MINUTE] * 5, True),
        (Answer.NO_ACCESS, [], False),
        (Answer.NO_ACCESS, [SECOND], True),
        (Answer.NO_ACCESS, [DAY - SECOND], True),
        (Answer.NO_ACCESS, [DAY], False),
    ],
)
def test_five_mails_an_hour_are_enough_and_strangers_are_told_once_a_day(
    answer: Answer, ago: list[timedelta], *, too_many: bool
) -> None:
    assert resets.is_one_too_many(answer, [NOW - each for each in ago], asked_at=NOW) is too_many


def test_whoever_asks_for_one_mail_too_many_has_a_link_that_still_works() -> None:
    assert resets.RESET_LINK_LIFETIME >= resets.MAILS_COUNTED_FOR


def test_a_token_has_more_than_128_bits_and_no_two_are_alike() -> None:
    assert len(set(TOKEN_ALPHABET)) ** TOKEN_LENGTH >= 2**128
    tokens = {random_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(resets.looks_like_a_token(token) for token in tokens)


@pytest.mark.parametrize("text", ["", "strength", "a" * 25, "a" * 27, "A" * 26, "a" * 25 + "/", "a" * 25 + "l"])
def test_what_cannot_be_a_token_is_told_by_its_looks(text: str) -> None:
    assert not resets.looks_like_a_token(text)
