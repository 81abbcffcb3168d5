"""The words an attacker tries first: zxcvbn's English lists and the German ones beside this file.

Importing this module reads them, which takes time and memory (see `password_policy`, its only user).
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from importlib import resources

from zxcvbn.frequency_lists import FREQUENCY_LISTS

COMMON_PASSWORDS = 10_000  # R6; OWASP ASVS 5.0, 6.2.4 asks for at least 3,000

_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Kind(Enum):
    """What a word is known as."""

    PASSWORD = auto()
    NAME = auto()
    WORD = auto()


def spellings(word: str) -> Iterator[str]:
    """The word, and where it has umlauts, the word as it is typed without them."""
    yield word
    if not word.isascii() and (spelled_out := word.translate(_SPELLED_OUT)) != word:
        yield spelled_out


def is_common(password: str) -> bool:
    """Whether the password is one of the most common passwords or German words, in upper or lower case."""
    return password.casefold() in _COMMON


def kind_of(word: str, rank: int) -> Kind:
    """What a word of this rank is known as."""
    return next(kind for kind, words in _LISTS if rank <= len(words) and word in spellings(words[rank - 1]))


def _german(name: str) -> list[str]:
    folder = resources.files(__package__) / "word_lists"
    return (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def _most_common(words: Sequence[str]) -> Iterator[str]:
    return (spelling.casefold() for word in words[:COMMON_PASSWORDS] for spelling in spellings(word))


def _best_ranks(lists: Iterable[Sequence[str]]) -> dict[str, int]:
    best: dict[str, int] = {}
    numbers: list[int] = []  # each there once, and not in every list anew
    for words in lists:
        numbers.extend(range(len(numbers) + 1, len(words) + 1))
        for rank, word in zip(numbers, words, strict=False):
            for spelling in spellings(word):
                if rank < best.get(spelling, rank + 1):
                    best[spelling] = rank
    return best


_COMMON_GERMAN = _german("common_words")
_LISTS: tuple[tuple[Kind, Sequence[str]], ...] = (
    (Kind.PASSWORD, FREQUENCY_LISTS["passwords"]),
    (Kind.NAME, FREQUENCY_LISTS["male_names"]),
    (Kind.NAME, FREQUENCY_LISTS["female_names"]),
    (Kind.NAME, FREQUENCY_LISTS["surnames"]),
    (Kind.NAME, _german("first_names")),
    (Kind.NAME, _german("last_names")),
    (Kind.WORD, FREQUENCY_LISTS["english_wikipedia"]),
    (Kind.WORD, FREQUENCY_LISTS["us_tv_and_film"]),
    (Kind.WORD, _COMMON_GERMAN),
    (Kind.WORD, _german("wikipedia")),
    (Kind.WORD, _german("trade_words")),
)
_COMMON = frozenset([*_most_common(FREQUENCY_LISTS["passwords"]), *_most_common(_COMMON_GERMAN)])

# Every word once, with its best rank of all lists: one look-up instead of eleven, and the same estimate.
RANKS = _best_ranks(words for _, words in _LISTS)
