"""The word lists: clean, most frequent first, and known to the policy."""

import re
import runpy
import unicodedata
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn import frequency_lists

from kundenportal.domain.credentials import rules
from kundenportal.domain.credentials.rules import dictionaries
from kundenportal.domain.credentials.rules.dictionaries import (
    COMMON_PASSWORDS,
    RANKS,
    Entry,
    Kind,
    Words,
    is_common,
    kind_of,
    spellings,
)

FOLDER = resources.files(rules) / "word_lists"
# As the library has them; the portal forgets them once they are in `ranked.txt`.
FREQUENCY_LISTS = runpy.run_path(frequency_lists.__file__)["FREQUENCY_LISTS"]
NAMES = ["common_words", "first_names", "last_names", "trade_words", "wikipedia"]


def lines(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_one_word_as_it_is_looked_up(name: str) -> None:
    words = lines(name)
    assert len(set(words)) == len(words)
    assert all(word == unicodedata.normalize("NFKC", word).lower().strip() for word in words)
    assert all(re.fullmatch(r"[^\W\d_]+([-' ][^\W\d_]+)*", word) for word in words)


@pytest.mark.parametrize("name", NAMES)
def test_readme_tells_how_many_words_there_are(name: str) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"| `{name}.txt` | {len(lines(name)):,} |" in readme


def test_no_list_is_forgotten() -> None:
    assert {entry.name for entry in FOLDER.iterdir()} == {f"{name}.txt" for name in NAMES} | {
        "LICENSE.txt",
        "README.md",
        "ranked.txt",
    }
    assert len(FREQUENCY_LISTS) == 6
    assert all(word in RANKS for words in FREQUENCY_LISTS.values() for word in words)
    assert all(word in RANKS for name in NAMES for word in lines(name))


def test_licence_goes_with_the_lists() -> None:
    assert "Permission is hereby granted, free of charge" in (FOLDER / "LICENSE.txt").read_text(encoding="utf-8")


def test_every_word_has_the_best_of_its_ranks() -> None:
    lists = [*FREQUENCY_LISTS.values(), *(lines(name) for name in NAMES)]
    for words in lists:
        assert all(RANKS[word] <= rank for rank, word in enumerate(words, 1))
    for word in ("password", "weihnachten", "anna", "müller", "gemeinde"):
        assert RANKS[word] == min(words.index(word) + 1 for words in lists if word in words)


@pytest.mark.parametrize(
    ("word", "kind"),
    [("dragon", Kind.PASSWORD), ("müller", Kind.NAME), ("mueller", Kind.NAME), ("schützenverein", Kind.WORD)],
)
def test_kind_of_a_word(word: str, kind: Kind) -> None:
    assert kind_of(word) is kind


def test_every_word_has_a_kind() -> None:
    assert all(kind_of(word) for word in RANKS)
    with pytest.raises(KeyError):
        kind_of("in no list at all")


some_words = st.text("aäß\U0001f511\ud800 \t!'", max_size=4)


@given(st.dictionaries(st.text("aäß\U0001f511 !'", min_size=1, max_size=4), st.integers(1, 10**6)), some_words)
def test_words_are_found_in_their_lines_as_in_a_dictionary(ranks: dict[str, int], sought: str) -> None:
    lines = sorted((Entry(rank, Kind.NAME, is_common=False).line(word) for word, rank in ranks.items()), key=str.encode)
    words = Words("".join(lines).encode())
    assert dict(words) == ranks
    assert len(words) == len(ranks)
    assert words.get(sought) == ranks.get(sought)
    assert (sought in words) is (sought in ranks)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("verein", ["verein"]),
        ("schützenfüße", ["schützenfüße", "schuetzenfuesse"]),
        ("jäger", ["jäger", "jaeger"]),
        ("öl", ["öl", "oel"]),
        ("josé", ["josé"]),
    ],
)
def test_spellings(word: str, expected: list[str]) -> None:
    assert list(spellings(word)) == expected


def test_the_most_common_passwords_are_common_and_the_next_is_not() -> None:
    passwords = FREQUENCY_LISTS["passwords"]
    assert COMMON_PASSWORDS == 10_000
    assert all(is_common(password) for password in passwords[:10_000])
    german = set(lines("common_words"))
    following = [word for word in passwords[10_000:10_200] if word not in german]
    assert passwords[10_000] in following
    assert not any(is_common(password) for password in following)


def test_the_most_common_german_words_are_common_and_the_next_is_not() -> None:
    german = lines("common_words")
    assert all(is_common(word) for word in german[:10_000])
    english = set(FREQUENCY_LISTS["passwords"])
    following = [word for word in german[10_000:10_200] if word not in english]
    assert german[10_000] in following
    assert not any(is_common(word) for word in following)


@pytest.mark.parametrize(
    "password", ["PASSWORD", "Passwort", "WEIHNACHTEN", "glücklich", "GLÜCKLICH", "gluecklich", "heißt"]
)
def test_case_and_spelling_do_not_make_a_password_uncommon(password: str) -> None:
    assert is_common(password)


def test_nothing_of_ours_is_added_to_zxcvbn() -> None:
    from zxcvbn import matching

    assert dictionaries.RANKS is not matching.RANKED_DICTIONARIES
    assert set(matching.RANKED_DICTIONARIES) <= {*FREQUENCY_LISTS, "user_inputs"}
