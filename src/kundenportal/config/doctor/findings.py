"""What an examination finds, each in one line."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Level(StrEnum):
    """How bad it is: nothing to do, something to know, something that keeps the portal from doing its work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do next."""

    level: Level
    about: str
    words: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.level:<8} {self.about}: {' '.join(f'{self.words} {self.advice}'.split())}"


def ok(about: str, words: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, about, words)


def warning(about: str, words: str, advice: str) -> Finding:
    """Something to know, and perhaps to change."""
    return Finding(Level.WARNING, about, words, advice)


def problem(about: str, words: str, advice: str) -> Finding:
    """Something that has to be put right."""
    return Finding(Level.PROBLEM, about, words, advice)


def report(found: Iterable[Finding]) -> int:
    """Tells each finding as soon as it is known; 1 if one of them is a problem."""
    counts: Counter[Level] = Counter()
    for finding in found:
        counts[finding.level] += 1
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
    sys.stdout.write(f"Problems: {counts[Level.PROBLEM]}, warnings: {counts[Level.WARNING]}.\n")
    return 1 if counts[Level.PROBLEM] else 0
