"""The words a person is known by, and how much of a password they make up (rule R6)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

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

# Müller, Mueller and Muller are one name, Groß and Gross too. The likeliest spelling comes first, so that the e of
# TinaEberhard stays Eberhard's.
_UMLAUTS = "äöüß"
_SPELLINGS = {
    "a": "(?:a|ä|ae)",
    "o": "(?:o|ö|oe)",
    "u": "(?:u|ü|ue)",
    **dict.fromkeys(("ä", "ae"), "(?:ae|ä|a)"),
    **dict.fromkeys(("ö", "oe"), "(?:oe|ö|o)"),
    **dict.fromkeys(("ü", "ue"), "(?:ue|ü|u)"),
    **dict.fromkeys(("ß", "ss"), "(?:ss|ß|s)"),
}
_PIECE = re.compile("[aou]e|ss|.", re.DOTALL)


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
    readings = ["".join(_bare(look_alikes.get(sign, sign)) for sign in password) for look_alikes in _READINGS]
    # Long words first: a short one counts only where it stands alone, and beside a long one it does.
    for word in sorted((word for word in words if len(word) >= SHORTEST_OWN_WORD), key=len, reverse=True):
        for start, end in _places(word, readings):
            if _is_meant(password, start, end, taken):
                taken[start:end] = [True] * (end - start)
    return sum(not (taken[place] or _joins(password, place, taken)) for place in range(len(password)))


def _bare(character: str) -> str:
    """One small letter without its accent; umlauts and ß have more than one way to lose theirs, and stay."""
    small = character.lower()
    return small if small in _UMLAUTS else unicodedata.normalize("NFD", small)[0]


def _places(word: str, readings: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where the word begins and ends, overlapping ones included."""
    pieces = _PIECE.findall("".join(_bare(sign) for sign in word))
    anywhere = re.compile(f"(?=({''.join(_SPELLINGS.get(piece) or re.escape(piece) for piece in pieces)}))")
    return (found.span(1) for reading in readings for found in anywhere.finditer(reading))


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
