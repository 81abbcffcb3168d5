"""The figures, what is wanted of them, and the file they are kept in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_LARGE_PAGES = "_in_large_pages"  # at the end of a name: where every program gets them
RESULTS = Path(__file__).with_name("results") / "latest.json"


@dataclass(frozen=True)
class Goal:
    """What a figure should reach, or stay below."""

    value: float
    at_least: bool = False

    def is_met(self, figure: float) -> bool:
        """Whether the figure is as wanted."""
        return figure >= self.value if self.at_least else figure <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"


GOALS = {
    "sign_ins_over_hash_rate": Goal(0.90, at_least=True),
    "full_sign_ins_over_hash_rate": Goal(0.75, at_least=True),
    "sign_in_overhead_ms": Goal(10),
    "sign_in_page_over_bare": Goal(2.5, at_least=True),
    "home_over_bare": Goal(1.0, at_least=True),
    "flood_p95_ratio": Goal(2),
    "refusal_gap_of_medians_ms": Goal(1),
    "import_100k_seconds": Goal(60),
    "letters_per_second": Goal(500, at_least=True),
    "accounts_page_worst_p95_ms": Goal(100),
    "scale_1m_over_1k": Goal(1.2),
    "memory_pss_mb": Goal(300),
}


def keep(figures: Mapping[str, float]) -> None:
    """The figures take the place of earlier ones of the same name; the others stay."""
    RESULTS.parent.mkdir(exist_ok=True)
    earlier = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    draft = RESULTS.with_suffix(".draft")
    draft.write_text(json.dumps({**earlier, **figures}, indent=2) + "\n", encoding="utf-8")
    draft.replace(RESULTS)


def show(figures: Mapping[str, float]) -> None:
    """Prints them as a table, beside what is wanted of them."""
    print()
    for name, figure in figures.items():
        goal = GOALS.get(name.removesuffix(IN_LARGE_PAGES))
        verdict = "" if goal is None else f"{goal!s:>8}  {'met' if goal.is_met(figure) else 'missed'}"
        print(f"{name:<48} {figure:>9g} {verdict}", flush=True)
