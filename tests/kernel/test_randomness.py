"""Secrets are as long as they are asked to be, and no character comes up more often than another."""

from __future__ import annotations

import string
from collections import Counter

import pytest

from kundenportal.kernel.randomness import TOKEN_ALPHABET, TOKEN_LENGTH, random_text, random_token

DRAWN = 200_000


def test_tokens_have_their_length_and_alphabet_and_none_comes_twice() -> None:
    tokens = [random_token() for _ in range(1000)]
    assert {len(token) for token in tokens} == {TOKEN_LENGTH}
    assert set("".join(tokens)) == set(TOKEN_ALPHABET)
    assert len(set(tokens)) == len(tokens)


@pytest.mark.parametrize("alphabet", ["0123456789", TOKEN_ALPHABET, string.printable, "x"])
def test_every_character_is_as_likely_as_the_others(alphabet: str) -> None:
    counts = Counter(random_text(alphabet, DRAWN))
    expected = DRAWN / len(alphabet)
    # Six standard deviations, which chance exceeds once in some hundred million times. A hundred characters of which 56
    # come up three times where the others come up twice, as with the remainders of all bytes, are far beyond.
    most = 6 * (expected * (1 - 1 / len(alphabet))) ** 0.5
    assert sum(counts.values()) == DRAWN
    assert all(abs(counts[character] - expected) <= most for character in alphabet)
