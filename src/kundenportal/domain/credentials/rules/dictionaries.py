"""The words an attacker tries first: zxcvbn's English lists and the German ones in `word_lists`.

They are put together beforehand (scripts/rank_words.py) and stay in one piece: as a dictionary they would take 20 MB
and half a second. Importing this module reads them (see `password_policy`, its only user).
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

COMMON_PASSWORDS = 10_000  # R6; OWASP ASVS 5.0, 6.2.4 asks for at least 3,000

_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Kind(Enum):
    """What a word is known as."""

    PASSWORD = "P"  # noqa: S105 - no password
    NAME = "N"
    WORD = "W"


class Entry(NamedTuple):
    """What is known of a word: its best rank of all lists, what it is there, whether it is among the most common."""

    rank: int
    kind: Kind
    is_common: bool

    def line(self, word: str) -> str:
        """The entry as it is written down."""
        return f"{word}\t{self.rank}\t{self.kind.value}{'!' if self.is_common else ''}\n"


class Words(Mapping[str, int]):
    """The ranks of words, looked up in their sorted lines."""

    def __init__(self, lines: bytes) -> None:
        self._lines = lines
        self._begins, begin, self._longest = array("I"), 0, 0
        while begin < len(lines):
            self._begins.append(begin)
            end = lines.index(b"\n", begin)
            self._longest = max(self._longest, end - begin)
            begin = end + 1
        # The parts of a password that are looked up begin with the same few letters, again and again.
        self._numbers_from = lru_cache(maxsize=1_000)(self._numbers_of)

    def __getitem__(self, word: str) -> int:
        if entry := self.entry(word):
            return entry.rank
        raise KeyError(word)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._place(word) is not None

    def __iter__(self) -> Iterator[str]:
        return (line.partition(b"\t")[0].decode() for line in self._lines.splitlines())

    def __len__(self) -> int:
        return len(self._begins)

    def entry(self, word: str) -> Entry | None:
        """What is known of the word; None if it is in no list."""
        place = self._place(word)
        if place is None:
            return None
        line = self._lines[place : self._lines.index(b"\n", place)].decode()
        _, rank, known_as = line.split("\t")
        return Entry(int(rank), Kind(known_as[0]), known_as.endswith("!"))

    def _place(self, word: str) -> int | None:
        if len(word) > self._longest:
            return None
        beginning = f"{word}\t".encode("utf-8", "surrogatepass")
        numbers = self._numbers_from(beginning[:3])
        number = self._first_from(beginning, numbers)
        if number == numbers.stop or not self._lines.startswith(beginning, self._begins[number]):
            return None
        return self._begins[number]

    def _numbers_of(self, beginning: bytes) -> range:
        everything, after = range(len(self)), beginning[:-1] + bytes([beginning[-1] + 1])
        return range(self._first_from(beginning, everything), self._first_from(after, everything))

    def _first_from(self, beginning: bytes, numbers: range) -> int:
        length = len(beginning)
        return bisect_left(
            self._begins,
            beginning,
            numbers.start,
            numbers.stop,
            key=lambda begin: self._lines[begin : begin + length],
        )


def spellings(word: str) -> Iterator[str]:
    """The word, and where it has umlauts, the word as it is typed without them."""
    yield word
    if not word.isascii() and (spelled_out := word.translate(_SPELLED_OUT)) != word:
        yield spelled_out


def is_common(password: str) -> bool:
    """Whether the password is one of the most common passwords or German words, in upper or lower case."""
    entry = RANKS.entry(password.casefold())
    return entry is not None and entry.is_common


def kind_of(word: str) -> Kind:
    """What a word of these is known as. Raises KeyError if it is none."""
    if entry := RANKS.entry(word):
        return entry.kind
    raise KeyError(word)


# Every word once, with its best rank of all lists: one look-up instead of eleven, and the same estimate.
RANKS = Words((resources.files(__package__) / "word_lists" / "ranked.txt").read_bytes())
