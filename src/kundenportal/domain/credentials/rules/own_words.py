"""The words a person is known by, and how much of a password they make up (rule R6)."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

SHORTEST_OWN_WORD = 3
_SHORTEST_WORD_FOUND_INSIDE_OTHERS = 4  # "ute" is no part of "Minute", "anna" may be one of "xannax"

# Words that stand in many names and say nothing about anybody.
_FILLERS = frozenset(
    {"and", "auf", "bei", "das", "dem", "den", "der", "des", "die", "ein", "eine", "for", "fuer", "für", "gmbh"}
    | {"ggmbh", "mbh", "mit", "the", "und", "van", "vom", "von", "zum", "zur"}
)
_GENERIC_LABELS = frozenset({"com", "edu", "gov", "net", "org", "www"})

_WORD = re.compile(r"[^\W_]+")
_RUN_OF_LETTERS_OR_DIGITS = re.compile(r"[^\W\d_]+|\d{4,}")

_JOINERS = frozenset(" .-_+@,&/")
_LOOK_ALIKES = {"@": "a", "4": "a", "3": "e", "€": "e", "0": "o", "$": "s", "5": "s", "7": "t"}
_READINGS: tuple[dict[str, str], ...] = (
    {},
    {**_LOOK_ALIKES, "1": "i", "!": "i"},
    {**_LOOK_ALIKES, "1": "l", "!": "l"},
)

_Letters: TypeAlias = list[tuple[str, int]]


def own_words(*, name: str, address: str, organisations: Sequence[str], portal_name: str) -> tuple[str, ...]:
    """The words of a person's name, address, organisations and portal that no password may be made of."""
    local_part, _, domain = address.rpartition("@")
    labels = [label for label in domain.split(".")[:-1] if label.casefold() not in _GENERIC_LABELS]
    found = chain.from_iterable(_words(text) for text in (name, local_part, *labels, *organisations, portal_name))
    return tuple(dict.fromkeys(found))


def _words(text: str) -> Iterator[str]:
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        for candidate in (word, *_RUN_OF_LETTERS_OR_DIGITS.findall(word)):
            if len(candidate) >= SHORTEST_OWN_WORD and candidate not in _FILLERS:
                yield candidate


def characters_beside(password: str, words: Sequence[str]) -> int:
    """How many characters are left once these words, however spelled, and the signs that join them are taken out."""
    taken = [False] * len(password)
    readings = [_letters(password, look_alikes) for look_alikes in _READINGS]
    # Long words first: a short one counts only where it stands alone, and beside a long one it does.
    for word in sorted((word for word in words if len(word) >= SHORTEST_OWN_WORD), key=len, reverse=True):
        for reading in readings:
            for start, end in _places(word, reading):
                if _is_meant(password, start, end, taken):
                    taken[start:end] = [True] * (end - start)
    return sum(not (taken[place] or _joins(password, place, taken)) for place in range(len(password)))


def _letters(text: str, look_alikes: Mapping[str, str]) -> _Letters:
    """The text in small letters without accents, each with its place in the text."""
    return [(_bare(look_alikes.get(character, character)), place) for place, character in enumerate(text)]


def _bare(character: str) -> str:
    return unicodedata.normalize("NFD", character.casefold())[0]


def _places(word: str, reading: _Letters) -> Iterator[tuple[int, int]]:
    """Where the word begins and ends in what was read, as it is spelled there or elsewhere."""
    bare_word = _letters(word, {})
    yield from _same_places(bare_word, reading)
    # Müller, Mueller and Muller become one, Groß and Gross too. Not in place of the above: TinaEberhard.
    yield from _same_places(_simplified(bare_word), _simplified(reading))


def _same_places(word: _Letters, reading: _Letters) -> Iterator[tuple[int, int]]:
    sought, text = _text(word), _text(reading)
    start = text.find(sought)
    while start >= 0:
        last = start + len(sought) - 1
        yield reading[start][1], reading[last][1] + 1
        start = text.find(sought, start + 1)


def _simplified(letters: _Letters) -> _Letters:
    kept: _Letters = []
    for letter, place in letters:
        before = kept[-1][0] if kept else ""
        if not ((letter == "e" and before in {"a", "o", "u"}) or (letter == before == "s")):
            kept.append((letter, place))
    return kept


def _text(letters: _Letters) -> str:
    return "".join(letter for letter, _ in letters)


def _is_meant(password: str, start: int, end: int, taken: Sequence[bool]) -> bool:
    long_enough = end - start >= _SHORTEST_WORD_FOUND_INSIDE_OTHERS
    return long_enough or (_is_seam(password, start, taken) and _is_seam(password, end, taken))


def _joins(password: str, place: int, taken: Sequence[bool]) -> bool:
    """Whether a blank, full stop or the like stands next to an own word, as between the parts of an address."""
    return password[place] in _JOINERS and any(taken[max(place - 1, 0) : place + 2])


def _is_seam(password: str, position: int, taken: Sequence[bool]) -> bool:
    if position in {0, len(password)}:
        return True
    before, after = password[position - 1], password[position]
    return (
        taken[position - 1]
        or taken[position]
        or not (before.isalpha() and after.isalpha())
        or (before.islower() and after.isupper())
    )
