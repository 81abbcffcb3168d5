"""How many guesses a password takes: zxcvbn's matchers and scoring, with more words and fewer surprises.

zxcvbn's own entry point keeps the words of its last caller in a module global (two requests at once would be
judged by each other's names), takes long for passwords full of look-alike characters, and raises for some that
hold a line break. Its parts are sound; here they are put together again. Only `password_policy` imports this.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from types import ModuleType
from typing import Any, TypeAlias

from kundenportal.domain.credentials.rules import dictionaries
from kundenportal.domain.credentials.rules.keyboards import GERMAN_KEYBOARD
from kundenportal.domain.credentials.rules.verdict import Reason

# zxcvbn's own words and its look-up of them, which `dictionaries.RANKS` stands in for, are never there: 14 MB.
_no_words: Any = ModuleType("zxcvbn.frequency_lists")
_no_words.FREQUENCY_LISTS = {}
sys.modules[_no_words.__name__] = _no_words
from zxcvbn import matching, scoring  # noqa: E402

del sys.modules[_no_words.__name__]

# zxcvbn takes more than quadratic time: 72 characters, its own limit, can take 0.2 s, 48 stay below 0.1 s. What follows
# can only make a password stronger.
LONGEST_ESTIMATED = 48

_EVERYBODYS_WORDS, _OWN_WORDS = "everybody", "own"
_REASON_BY_KIND = {
    dictionaries.Kind.PASSWORD: Reason.SIMILAR_TO_COMMON,
    dictionaries.Kind.NAME: Reason.NAME,
    dictionaries.Kind.WORD: Reason.DICTIONARY,
}
_REASON_BY_PATTERN = {
    "spatial": Reason.KEYBOARD,
    "repeat": Reason.REPEAT,
    "sequence": Reason.SEQUENCE,
    "regex": Reason.DATE,
    "date": Reason.DATE,
    "bruteforce": Reason.SHORT,
}

_YEARS = {"recent_year": re.compile(r"(?:19\d|20[0-4])\d")}  # zxcvbn 4.5 knows them up to 2019 only
# zxcvbn takes every keyboard it does not know by name for a number pad.
_GERMAN_GRAPH = {"qwerty": GERMAN_KEYBOARD}
_GREEDY_REPEAT = re.compile(r"(.+)\1+", re.DOTALL)
_LAZY_REPEAT = re.compile(r"(.+?)\1+", re.DOTALL)
_LETTERS_BY_LOOK_ALIKE = {
    sign: [letter for letter, signs in matching.L33T_TABLE.items() if sign in signs]
    for sign in {sign for signs in matching.L33T_TABLE.values() for sign in signs}
}

_Match: TypeAlias = dict[str, Any]
_Ranks: TypeAlias = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many guesses an attacker needs, and what most of the password consists of."""

    guesses: float
    mainly: Reason


def estimate(password: str, own_words: Sequence[str]) -> Estimate:
    """The guesses for a password of someone who is known by these words."""
    spellings = dict.fromkeys(spelling for word in own_words for spelling in _spellings(word))
    own_ranks = {spelling: rank for rank, spelling in enumerate(spellings, 1)}
    legible = _legible(password[:LONGEST_ESTIMATED])
    analysis = _analysis(legible, {_OWN_WORDS: own_ranks, _EVERYBODYS_WORDS: dictionaries.RANKS})
    return Estimate(guesses=float(analysis["guesses"]), mainly=_main_part(analysis["sequence"]))


def _spellings(word: str) -> Iterator[str]:
    yield from dictionaries.spellings(word)
    yield "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def _legible(password: str) -> str:
    # zxcvbn's date matcher trips over line breaks; its word matcher loses count at İ, whose small letter is two.
    return password.replace("\n", " ").replace("İ", "I")


def _analysis(password: str, ranks: _Ranks) -> _Match:
    matches = [
        *matching.dictionary_match(password, ranks),
        *matching.reverse_dictionary_match(password, ranks),
        *_look_alike_matches(password, ranks),
        *matching.spatial_match(password),
        *matching.spatial_match(password, _GERMAN_GRAPH),
        *_repeat_matches(password, ranks),
        *matching.sequence_match(password),
        *matching.regex_match(password, _YEARS),
        *matching.date_match(password),
    ]
    analysis: _Match = scoring.most_guessable_match_sequence(password, matches)
    return analysis


def _look_alike_matches(password: str, ranks: _Ranks) -> Iterator[_Match]:
    """Words written with look-alikes (p@55w0rd): at most eight readings, where zxcvbn tries hundreds."""
    present = {sign: letters for sign, letters in _LETTERS_BY_LOOK_ALIKE.items() if sign in password}
    if not present:
        return
    for letters in product(*present.values()):
        reading = dict(zip(present, letters, strict=True))
        for match in matching.dictionary_match(matching.translate(password, reading), ranks):
            token = password[match["i"] : match["j"] + 1]
            replaced = {sign: letter for sign, letter in reading.items() if sign in token}
            if replaced and len(token) > 1:  # the rest is found without look-alikes, or is no word
                yield match | {"l33t": True, "token": token, "sub": replaced}


def _repeat_matches(password: str, ranks: _Ranks) -> Iterator[_Match]:
    """Repetitions, each as hard to guess as what is repeated, times how often."""
    position = 0
    while greedy := _GREEDY_REPEAT.search(password, position):
        lazy = _LAZY_REPEAT.search(password, position) or greedy
        # The greedy one finds more of "aabaab", the lazy one more of "aaaaa".
        whole = max(lazy, greedy, key=lambda found: len(found[0]))
        base = _shortest_period(whole[0])
        yield {
            "pattern": "repeat",
            "i": whole.start(),
            "j": whole.end() - 1,
            "token": whole[0],
            "base_token": base,
            "base_guesses": Decimal(_analysis(base, ranks)["guesses"]),
            "repeat_count": len(whole[0]) // len(base),
        }
        position = whole.end()


def _shortest_period(text: str) -> str:
    return text[: (text + text).find(text, 1)]


def _main_part(parts: Sequence[_Match]) -> Reason:
    characters: Counter[Reason] = Counter()
    for part in parts:
        characters[_reason(part)] += len(part["token"])
    # Of two that cover as much, the one that names a pattern says more than "too short".
    return max(characters, key=lambda reason: (characters[reason], reason is not Reason.SHORT))


def _reason(part: _Match) -> Reason:
    if part["pattern"] != "dictionary":
        return _REASON_BY_PATTERN[part["pattern"]]
    if part["dictionary_name"] == _OWN_WORDS:
        return Reason.OWN_WORD_INSIDE
    return _REASON_BY_KIND[dictionaries.kind_of(part["matched_word"])]
