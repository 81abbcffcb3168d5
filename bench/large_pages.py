"""Sign-ins and memory where the system gives memory in large pages, as Debian's own kernels do (docs/operating.md).

python -m bench.large_pages [ROUNDS]
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import entries, memory, results
from kundenportal.config.doctor.machine import WHO_GETS_LARGE_PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def given_to_everybody() -> Iterator[None]:
    """Meanwhile the whole machine gets large pages; afterwards it is as it was."""
    (before,) = re.findall(r"\[(\w+)\]", WHO_GETS_LARGE_PAGES.read_text(encoding="ascii"))
    WHO_GETS_LARGE_PAGES.write_text("always", encoding="ascii")
    try:
        yield
    finally:
        WHO_GETS_LARGE_PAGES.write_text(before, encoding="ascii")


def figures(rounds: int = entries.ROUNDS) -> dict[str, float]:
    """Those of `entries` and of `memory` once more; none where the machine's switch cannot be moved."""
    if not os.access(WHO_GETS_LARGE_PAGES, os.W_OK):
        print(f"not measured: {WHO_GETS_LARGE_PAGES} is not there, or not ours to change", flush=True)
        return {}
    with given_to_everybody():
        found = entries.figures(rounds) | memory.figures()
    return {name + results.IN_LARGE_PAGES: figure for name, figure in found.items()}


if __name__ == "__main__":
    results.show(figures(*map(int, sys.argv[1:])))
