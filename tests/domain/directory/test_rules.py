"""Which words are taken for others, and where a place in the list is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.directory.rules import Place, alike, edits_forgiven, edits_to_beginning


@pytest.mark.parametrize(
    ("word", "edits"),
    [("", 0), ("ann", 0), ("anna", 1), ("schmidt", 1), ("kirchenkreis", 2), ("4711", 0), ("47110815", 0)],
)
def test_longer_words_are_forgiven_more(word: str, edits: int) -> None:
    assert edits_forgiven(word) == edits


@pytest.mark.parametrize(
    ("typed", "word", "edits"),
    [
        ("schmidt", "schmidt", 0),
        ("schm", "schmidt", 0),
        ("shcmidt", "schmidt", 1),
        ("schmit", "schmidt", 1),
        ("schmiddt", "schmidt", 1),
        ("kirhcenkreis", "kirchenkreis", 1),
        ("kirhcenk", "kirchenkreis", 1),
        ("kirhcenkries", "kirchenkreis", 2),
        ("muster", "anna", 6),
    ],
)
def test_what_was_typed_is_compared_with_the_beginning_of_a_word(typed: str, word: str, edits: int) -> None:
    assert edits_to_beginning(typed, word) == edits


def test_only_the_nearest_words_are_taken_for_it_those_of_its_length_first() -> None:
    words = ["schmitz", "schmied", "schmidt", "schmidtmann", "anna"]
    assert alike("shcmidt", words) == ["schmidt", "schmidtmann"]
    assert alike("xyzw", words) == []
    assert alike("ana", words) == []


@given(st.integers(0, 1), st.text(), st.integers(0, 10**17))
def test_a_place_is_read_as_it_was_written(tier: int, value: str, account_id: int) -> None:
    place = Place(tier, value, account_id)
    assert Place.read(str(place)) == place


@given(st.text())
def test_any_other_text_is_no_place_or_one(text: str) -> None:
    place = Place.read(text)
    assert place is None or isinstance(place.account_id, int)
