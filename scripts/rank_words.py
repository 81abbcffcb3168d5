#!/usr/bin/env python3
"""Put the word lists together, as domain/credentials/rules/dictionaries looks words up: every word once, sorted.

Without arguments the file is written; with --check the written one is compared (exit code 1 if stale).
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from kundenportal.domain.credentials.rules import dictionaries
from kundenportal.domain.credentials.rules.dictionaries import COMMON_PASSWORDS, Entry, Kind, spellings

FOLDER = Path(dictionaries.__file__).parent / "word_lists"
RANKED = FOLDER / "ranked.txt"


def ranked() -> str:
    """The lines of all words."""
    lists = _lists()
    common = {spelling for words in _most_common() for word in words for spelling in _as_looked_up(word)}
    best: dict[str, tuple[int, Kind]] = {}
    for kind, words in lists:
        for rank, word in enumerate(words, 1):
            for spelling in _as_looked_up(word):
                if rank < best.get(spelling, (rank + 1, kind))[0]:
                    best[spelling] = rank, kind
    lines = (Entry(rank, kind, word in common).line(word) for word, (rank, kind) in best.items())
    return "".join(sorted(lines, key=str.encode))


def _as_looked_up(word: str) -> set[str]:
    # Common ones are looked up in whatever case they are typed, and in capitals ß is SS.
    return {each for spelling in spellings(word) for each in (spelling, spelling.casefold())}


def _lists() -> Iterator[tuple[Kind, Sequence[str]]]:
    yield Kind.PASSWORD, FREQUENCY_LISTS["passwords"]
    for name in ("male_names", "female_names", "surnames"):
        yield Kind.NAME, FREQUENCY_LISTS[name]
    for name in ("first_names", "last_names"):
        yield Kind.NAME, _german(name)
    for name in ("english_wikipedia", "us_tv_and_film"):
        yield Kind.WORD, FREQUENCY_LISTS[name]
    for name in ("common_words", "wikipedia", "trade_words"):
        yield Kind.WORD, _german(name)


def _most_common() -> Iterator[Sequence[str]]:
    for words in (FREQUENCY_LISTS["passwords"], _german("common_words")):
        yield words[:COMMON_PASSWORDS]


def _german(name: str) -> list[str]:
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if RANKED.read_text(encoding="utf-8") != ranked():
            raise SystemExit(f"{RANKED.name} is stale: scripts/rank_words.py writes it anew.")
    else:
        RANKED.write_text(ranked(), encoding="utf-8")
