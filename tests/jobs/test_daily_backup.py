"""The worker makes a backup a night, forgets the oldest, and says so at the desk when it fails."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from procrastinate.contrib.django import app

from kundenportal.config.backups.daily import back_up_if_due
from kundenportal.config.backups.making import keys_of, verify
from kundenportal.config.backups.nights import forget_oldest, is_due
from kundenportal.config.env import read_environment
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.audit.queries import failed_backup

if TYPE_CHECKING:
    from pathlib import Path

    from kundenportal.config.env import Environment

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A data directory of its own, and the database of this run."""
    return read_environment(
        {
            "KUNDENPORTAL_DATABASE_URL": os.environ["KUNDENPORTAL_DATABASE_URL"],
            "KUNDENPORTAL_DATA_DIR": str(tmp_path),
            "KUNDENPORTAL_DAILY_BACKUPS": "2",
        }
    )


@pytest.mark.django_db(transaction=True)
def test_each_night_has_one_backup_and_the_oldest_go(environment: Environment) -> None:
    for hours in range(0, 96, 6):
        back_up_if_due(environment, now=NOW + timedelta(hours=hours))

    backups = sorted(environment.backup_dir.iterdir())
    assert [path.name[19:27] for path in backups] == ["20261201", "20261202"]
    for path in backups:
        verify(path, keys=keys_of(environment))
    assert Entry.objects.filter(event=Event.BACKUP_MADE).count() == 5
    assert failed_backup(now=NOW + timedelta(hours=1)) is None


@pytest.mark.django_db(transaction=True)
def test_a_failure_is_told_until_there_is_a_backup_again(
    environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    environment.backup_dir.write_text("a file where the directory should be")
    with caplog.at_level(logging.ERROR):
        back_up_if_due(environment, now=NOW)

    assert f"No backup can be written in {environment.backup_dir}" in caplog.text
    told = failed_backup(now=NOW)
    assert told
    assert str(environment.backup_dir) in told.details["trouble"]
    assert failed_backup(now=NOW + timedelta(days=1)) is None, "nobody has tried since"
    environment.backup_dir.unlink()
    back_up_if_due(environment, now=NOW + timedelta(hours=1))
    assert failed_backup(now=NOW + timedelta(hours=1)) is None


@pytest.mark.django_db(transaction=True)
def test_who_wants_none_gets_none(environment: Environment) -> None:
    settings = {"DATABASE_URL": os.environ["KUNDENPORTAL_DATABASE_URL"], "DATA_DIR": str(environment.data_dir)}
    back_up_if_due(read_environment({f"KUNDENPORTAL_{name}": value for name, value in settings.items()}), now=NOW)

    assert not environment.backup_dir.exists()


def test_the_worker_looks_every_hour_and_only_one_at_a_time() -> None:
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    times = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}

    assert times["upkeep.back_up"] == "41 * * * *"
    assert app.tasks["upkeep.back_up"].lock == app.tasks["upkeep.back_up"].queueing_lock == "upkeep.back_up"


@pytest.mark.parametrize(
    ("made", "now", "due"),
    [
        ([], "2026-11-28T12:00", True),
        (["2026-11-28T02:41"], "2026-11-28T12:00", False),
        (["2026-11-28T02:41"], "2026-11-29T02:29", False),
        (["2026-11-28T02:41"], "2026-11-29T02:30", True),
        (["2026-11-27T10:00"], "2026-11-28T02:00", False),
        (["2026-11-20T02:41", "2026-11-28T11:00"], "2026-11-28T12:00", False),
        (["2031-01-01T02:41"], "2026-11-28T12:00", True),  # a clock ran ahead
        (["2026-11-28T12:30"], "2026-11-28T12:00", False),  # the clock of another machine
    ],
)
def test_one_backup_a_night(made: list[str], now: str, *, due: bool) -> None:
    moments = [datetime.fromisoformat(f"{moment}+00:00") for moment in made]

    assert is_due(moments, now=datetime.fromisoformat(f"{now}+00:00")) is due


def test_the_newest_daily_backups_stay_and_so_does_everything_else(tmp_path: Path) -> None:
    daily = [f"kundenportal-daily-{NOW + timedelta(days=day):%Y%m%dT%H%M%SZ}.backup" for day in range(5)]
    others = ["kundenportal-20200101T000000Z.backup", "kundenportal-daily-mine.backup", "notes.txt"]
    for name in (*daily, *others):
        (tmp_path / name).touch()

    forget_oldest(tmp_path, kept=2, now=NOW + timedelta(days=5))

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*daily[-2:], *others])


def test_what_a_clock_that_ran_ahead_left_goes_first_and_displaces_nothing(tmp_path: Path) -> None:
    names = [f"kundenportal-daily-{day}T024100Z.backup" for day in ("20261126", "20261127", "20261128", "20310101")]
    for name in names:
        (tmp_path / name).touch()

    forget_oldest(tmp_path, kept=2, now=NOW)

    assert sorted(path.name for path in tmp_path.iterdir()) == names[1:3]


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_the_future_does_not_keep_this_nights_from_being_made(environment: Environment) -> None:
    environment.backup_dir.mkdir()
    (environment.backup_dir / "kundenportal-daily-20310101T024100Z.backup").touch()
    back_up_if_due(environment, now=NOW)

    made = [path for path in environment.backup_dir.iterdir() if path.name.startswith("kundenportal-daily-20261128")]
    assert len(made) == 1
