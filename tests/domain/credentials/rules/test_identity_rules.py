"""The code a caller reads out: nobody guesses it, and nobody mishears it."""

from __future__ import annotations

import math

import pytest

from kundenportal.domain.credentials.rules.identity import (
    ATTEMPTS_PER_CODE,
    CODE_ALPHABET,
    CODE_LENGTH,
    SHOWN_BY_ROUTE,
    STATED,
    Identity,
    Means,
    generate_code,
    normalised_code,
)


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
    assert set(Means) - set(STATED) == set(SHOWN_BY_ROUTE.values()) == {Means.INITIAL_PASSWORD, Means.MAILED_LINK}
