"""Packages a library would load if they are there, though nothing here has a use for what it does with them."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def load_without(module: str, *packages: str) -> None:
    """The module is loaded as if these packages were not installed; whoever else wants them has them."""
    with _absent(packages):
        import_module(module)


@contextmanager
def _absent(packages: tuple[str, ...]) -> Iterator[None]:
    loaded = {name: sys.modules[name] for name in packages if name in sys.modules}
    sys.modules.update(dict.fromkeys(packages))  # type: ignore[arg-type]  # None: it cannot be imported
    try:
        yield
    finally:
        for name in packages:
            del sys.modules[name]
        sys.modules.update(loaded)
