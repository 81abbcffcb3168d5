"""kundenportal maintenance, as an operator calls it."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from factories.windows import DAY, HOUR, begun, planned
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.maintenance import operations
from kundenportal.domain.maintenance.models import Window
from kundenportal.domain.maintenance.rules.windows import Message, Stage, stage
from kundenportal.jobs import maintenance
from kundenportal.kernel.refusal import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)  # 16:30 in Berlin


@pytest.fixture(autouse=True)
def _board(settings: Settings, tmp_path: Path) -> None:
    settings.MAINTENANCE_BOARD = tmp_path / "maintenance"


def call(*words: str, now: datetime = NOW) -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(prog="kundenportal maintenance")
    maintenance.configure(parser)
    return maintenance.run(parser.parse_args(words), now=now)


@pytest.mark.parametrize(
    ("words", "lasts", "told"),
    [
        ((), HOUR, "2026-11-28 17:30"),
        (("--for", "1h30m"), timedelta(minutes=90), "2026-11-28 18:00"),
        (("--until", "18:00"), timedelta(minutes=90), "2026-11-28 18:00"),
        (("--until", "6:30"), 14 * HOUR, "2026-11-29 06:30"),
        (("--until", "2026-11-28T18:00+01:00"), timedelta(minutes=90), "2026-11-28 18:00"),
    ],
)
def test_it_begins_at_once(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], lasts: timedelta, told: str
) -> None:
    assert call("begin", *words, "--message", "Neue Platten", "--message-en", "New disks") == 0
    window = Window.objects.get()
    assert (window.starts_at, window.ends_at - window.starts_at) == (NOW, lasts)
    assert window.message == Message("Neue Platten", "New disks")
    assert capsys.readouterr() == (f"Maintenance {window.pk} has begun; it is expected to end {told}.\n", "")
    entry = Entry.objects.latest("pk")
    assert (entry.event, entry.actor, entry.network_address) == ("maintenance.begun", None, "")


def test_it_is_planned_moved_cancelled_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("plan", "24.12.2026 18:00", "2026-12-24T22:00") == 0
    window = Window.objects.get()
    assert (window.starts_at, window.ends_at) == (
        datetime(2026, 12, 24, 17, tzinfo=UTC),
        datetime(2026, 12, 24, 21, tzinfo=UTC),
    )
    assert call("list") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Maintenance {window.pk} is planned from 2026-12-24 18:00 to 2026-12-24 22:00.",
        f"{window.pk}  planned  2026-12-24 18:00 to 2026-12-24 22:00",
    ]
    assert call("move", str(window.pk), "--start", "2026-12-24 19:00") == 0
    assert call("move", "--for", "2h") == 0
    window.refresh_from_db()
    assert (window.starts_at, window.ends_at) == (
        datetime(2026, 12, 24, 18, tzinfo=UTC),
        datetime(2026, 12, 24, 20, tzinfo=UTC),
    )
    assert call("list", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "number": window.pk,
        "stage": "planned",
        "starts_at": "2026-12-24T18:00:00+00:00",
        "ends_at": "2026-12-24T20:00:00+00:00",
        "message": "",
        "message_en": "",
    }
    assert call("cancel", str(window.pk)) == 0
    assert call("list") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Maintenance {window.pk} does not take place.",
        "No maintenance is planned.",
    ]


def test_what_runs_is_moved_and_ended() -> None:
    planned(NOW + DAY, now=NOW)
    window = begun(now=NOW)
    assert call("move", "--until", "20:00") == 0
    window.refresh_from_db()
    assert window.ends_at == datetime(2026, 11, 28, 19, tzinfo=UTC)
    assert call("end", now=NOW + HOUR) == 0
    window.refresh_from_db()
    assert stage(window.times, now=NOW + HOUR) is Stage.OVER


def test_what_is_moved_without_a_number_is_what_keeps_customers_out() -> None:
    overrun, next_one = begun(now=NOW, lasts=HOUR), planned(NOW + 2 * HOUR, now=NOW)
    assert call("move", "--until", "2026-11-28 18:15", now=NOW + timedelta(minutes=90)) == 0
    overrun.refresh_from_db()
    assert overrun.ends_at == datetime(2026, 11, 28, 17, 15, tzinfo=UTC)
    assert call("move", "--until", "20:00", now=NOW + 2 * HOUR) == 0
    next_one.refresh_from_db()
    assert next_one.ends_at == datetime(2026, 11, 28, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("end",), "No maintenance is under way."),
        (
            ("cancel", "7"),
            "There is no such maintenance to come or under way; `kundenportal maintenance list` lists it.",
        ),
        (("cancel", "99999999999999999999"), "There is no such maintenance to come"),
        (("move",), "There is no such maintenance to come"),
        (("begin", "--for", "ages"), "'ages' is no length; it looks like 2h, 90m or 1h30m."),
        (("begin", "--until", "soon"), "'soon' is no time. TIME is 18:00"),
        (("begin", "--until", "2026-01-01 10:00"), "It has to end after it begins."),
        (("begin", "--until", "2027-11-28 10:00"), "It can last 14 days at most."),
        (("plan", "2026-01-01 10:00", "18:00"), "It cannot begin in the past; `kundenportal maintenance begin` begins"),
        (("begin", "--until", "2027-03-28 02:30"), "There is no 2027-03-28 02:30 in Europe/Berlin"),
        (("begin", "--until", "2026-10-25 02:30"), "There are two 2026-10-25 02:30 in Europe/Berlin"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    assert call(*words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(sentence)
    assert err.count("\n") == 1
    assert not Window.objects.exists()


def test_what_is_in_the_way_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    window = planned(NOW + HOUR, now=NOW)
    assert call("begin", "--for", "2h") == 1
    assert capsys.readouterr().err == f"Maintenance {window.pk} is at that time; move or cancel it first.\n"
    assert call("move") == 1
    assert capsys.readouterr().err == "Say what changes: --until TIME, --for LENGTH or --start TIME.\n"


def test_every_refusal_has_a_sentence_of_its_own() -> None:
    refusals = [each for each in vars(operations).values() if isinstance(each, type) and issubclass(each, Refusal)]
    own = [each for each in refusals if each is not Refusal and each is not operations.Overlaps]
    assert len(own) == 7
    for refusal in own:
        assert not maintenance._sentence_for(refusal()).startswith("That is refused")  # noqa: SLF001
