"""Whether a restore is under way or was interrupted: asked at each start, so nothing that restores is loaded for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.config.backups import places
from kundenportal.config.backups.failures import BackupTrouble

if TYPE_CHECKING:
    from kundenportal.config.env import Environment


def refuse_unfinished(environment: Environment) -> None:
    """A portal whose restore was interrupted does nothing before that is finished."""
    path = unfinished(environment)
    if path is not None:
        raise BackupTrouble(f"A restore is under way or was interrupted; finish it with: kundenportal restore {path}")


def unfinished(environment: Environment) -> str | None:
    """The backup whose restore is under way or was interrupted; None if there is none."""
    mark = places.unfinished(environment)
    return mark.read_text().strip() if mark.exists() else None
