"""The code a caller reads out: nobody guesses it, and nobody mishears it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from kundenportal.domain.credentials.rules.identity import (
    ATTEMPTS_PER_CODE,
    CODE_ALPHABET,
    CODE_LENGTH,
    CODE_MAIL_PAUSE,
    STATED,
    Identity,
    Means,
    code_is_on_its_way,
    generate_code,
    normalised_code,
)
from kundenportal.domain.mail.rules import State

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_code_is_two_groups_of_signs_that_are_not_taken_for_one_another() -> None:
    code = generate_code()
    first, second = code.split("-")
    assert len(first) == len(second) == CODE_LENGTH // 2
    assert set(first + second) <= set(CODE_ALPHABET)
    assert not set("0O1IL2Z5S8BVUQGDEJ") & set(CODE_ALPHABET)


def test_five_attempts_at_a_code_are_hopeless() -> None:
    assert math.log2(len(CODE_ALPHABET) ** CODE_LENGTH / ATTEMPTS_PER_CODE) > 30


@pytest.mark.parametrize("entry", ["K7HF-4XMA", "k7hf4xma", " K7HF 4XMA ", "K7HF–4XMA", "k7-hf-4x-ma"])
def test_case_blanks_and_hyphens_of_a_code_do_not_matter(entry: str) -> None:
    assert normalised_code(entry) == "K7HF4XMA"


def test_a_code_is_not_shown_by_accident() -> None:
    assert "K7HF" not in repr(Identity(Means.CALLER_CODE, "K7HF-4XMA"))


def test_nobody_states_what_only_the_page_can_show() -> None:
    assert set(Means) - set(STATED) == {Means.INITIAL_PASSWORD}


@pytest.mark.parametrize(
    ("state", "is_live", "waited", "is_on_its_way"),
    [
        (State.WAITING, False, 10 * CODE_MAIL_PAUSE, True),
        (State.SENDING, True, 10 * CODE_MAIL_PAUSE, True),
        (State.HANDED_OVER, True, CODE_MAIL_PAUSE - SECOND, True),
        (State.HANDED_OVER, True, CODE_MAIL_PAUSE, False),
        (State.HANDED_OVER, False, SECOND, False),
        (State.FAILED, False, SECOND, False),
        (State.BOUNCED, True, SECOND, False),
    ],
)
def test_a_code_is_on_its_way_until_it_is_used_or_missed(
    state: State,
    is_live: bool,  # noqa: FBT001
    waited: timedelta,
    is_on_its_way: bool,  # noqa: FBT001
) -> None:
    found = code_is_on_its_way(state, is_live=is_live, asked_for_at=NOW, now=NOW + waited)
    assert found is is_on_its_way
