"""Every measurement one after the other, a table at the end, and the same in results/latest.json.

python -m bench
"""

from __future__ import annotations

import json
from pathlib import Path

from bench import accounts, flood, imports, timing

RESULTS = Path(__file__).with_name("results") / "latest.json"


def main() -> None:
    """Measures, prints, and keeps the figures."""
    figures = {**flood.figures(), **timing.figures(), **imports.figures(), **accounts.figures()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print()
    for name, figure in figures.items():
        print(f"{name:<28} {figure:>8}")


if __name__ == "__main__":
    main()
