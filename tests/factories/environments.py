"""What a process that the tests start finds in its environment."""

from __future__ import annotations

import os
from pathlib import Path

import kundenportal

SOURCES = Path(kundenportal.__file__).parents[1]


def plain_environment(**settings: str | Path) -> dict[str, str]:
    """Ours without anything the portal reads, but with these settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KUNDENPORTAL_")}
    given = {f"KUNDENPORTAL_{name}": str(value) for name, value in settings.items()}
    return inherited | given | {"PYTHONPATH": str(SOURCES)}
