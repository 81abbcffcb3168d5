"""Which daily backups there are, whether one is missing, and which may go."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from kundenportal.config.backups import places

if TYPE_CHECKING:
    from pathlib import Path

DUE_AT = time(2, 30, tzinfo=UTC)
OURS = re.compile(rf"{places.DAILY}-(\d{{8}}T\d{{6}}Z){re.escape(places.SUFFIX)}")
CLOCKS_MAY_DIFFER_BY = timedelta(hours=1)


def made(directory: Path) -> dict[Path, datetime]:
    """The daily backups, and when each says it was made."""
    found = {path: OURS.fullmatch(path.name) for path in directory.glob(f"{places.DAILY}-*")}
    return {
        path: datetime.strptime(name[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for path, name in found.items() if name
    }


def is_of_the_future(moment: datetime, *, now: datetime) -> bool:
    """Whether a clock ran ahead when it was made: nobody knows when that was, but it was before now."""
    return moment > now + CLOCKS_MAY_DIFFER_BY


def is_due(moments: list[datetime], *, now: datetime) -> bool:
    """Whether there is no backup of the latest night yet; one of the future is not believed."""
    latest = datetime.combine(now.astimezone(UTC), DUE_AT)
    if latest > now:
        latest -= timedelta(days=1)
    return not any(moment >= latest and not is_of_the_future(moment, now=now) for moment in moments)


def forget_oldest(directory: Path, *, kept: int, now: datetime) -> None:
    """Of the daily backups the newest stay, those of the future go first; no other file is touched."""

    def age(backup: tuple[Path, datetime]) -> tuple[bool, datetime]:
        return not is_of_the_future(backup[1], now=now), backup[1]

    for path, _ in sorted(made(directory).items(), key=age)[:-kept]:
        path.unlink()
