"""Maintenance is planned, moved, ended and cancelled by those who speak to all customers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from factories.windows import DAY, DISKS, HOUR, begun, ended, moved, planned
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.maintenance.models import Window
from kundenportal.domain.maintenance.rules.windows import Stage, stage
from kundenportal.kernel import clock
from kundenportal.web.desk.maintenance import SIGNS, STAGES
from web.pages import Page
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django import Settings
    from time_machine import TimeMachineFixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_morning")]

LIST, PLAN = "/desk/maintenance/", "/desk/maintenance/plan/"
BERLIN = ZoneInfo("Europe/Berlin")
SHOW, CONFIRM = "Anzeigen, was Kundinnen und Kunden lesen", "So planen"


@pytest.fixture(autouse=True)
def _board(settings: Settings, tmp_path: Path) -> None:
    settings.MAINTENANCE_BOARD = tmp_path / "maintenance"


@pytest.fixture
def editor() -> Client:
    """A browser in which an editor sits."""
    return sign_in(settled("redaktion@example.org", name="Redaktion", role=Role.EDITOR))


def written(instant: datetime) -> str:
    """The instant as a browser's field for it sends it."""
    return f"{timezone.localtime(instant):%Y-%m-%dT%H:%M}"


def soon() -> datetime:
    """Tomorrow, on the minute."""
    return clock.now().replace(second=0, microsecond=0) + DAY


def test_every_stage_has_a_word_and_a_sign() -> None:
    assert set(STAGES) == set(SIGNS) == set(Stage)


def test_an_empty_list_says_what_will_be_in_it(editor: Client) -> None:
    page = Page(editor.get(LIST))
    assert "Es ist keine Wartung geplant" in page.main.text
    assert page.links["Wartung planen"] == PLAN
    assert "Bisher gab es keine Wartung" in Page(editor.get(f"{LIST}?state=over")).main.text


def test_it_is_planned_after_a_look_at_what_customers_will_read(editor: Client) -> None:
    starts, entries = soon(), {"message_de": DISKS.german, "message_en": DISKS.english}
    form = Page(editor.get(PLAN)).form(SHOW)
    preview = Page(form.press(editor, SHOW, entries, starts=written(starts), ends=written(starts + HOUR)))
    assert not Window.objects.exists()
    assert DISKS.german in preview.main.text
    assert DISKS.english in preview.main.text
    assert "angekündigt, sobald Sie bestätigen" in preview.main.text
    confirm = preview.form(CONFIRM)
    for _ in range(2):  # a double click
        assert confirm.press(editor, CONFIRM).headers["Location"] == LIST
    window = Window.objects.get()
    assert (window.starts_at, window.ends_at, window.message) == (starts, starts + HOUR, DISKS)
    assert window.planned_by is not None
    assert window.planned_by.name == "Redaktion"
    page = Page(editor.get(LIST))
    assert "Die Wartung ist geplant." in page.notices
    assert "angekündigt" in page.main.text


def test_without_a_beginning_it_begins_at_once(editor: Client) -> None:
    form = Page(editor.get(PLAN)).form(SHOW)
    preview = Page(form.press(editor, SHOW, ends=written(clock.now() + HOUR)))
    assert "Sie beginnt, sobald Sie bestätigen." in preview.main.text
    preview.form("Jetzt beginnen").press(editor, "Jetzt beginnen")
    assert stage(Window.objects.get().times, now=clock.now()) is Stage.RUNNING


@pytest.mark.parametrize(
    ("entries", "errors"),
    [
        ({"ends": ""}, {"id_ends": "Bitte geben Sie an, wann sie voraussichtlich endet."}),
        (
            {"starts": "bald", "ends": "später"},
            {
                "id_starts": "Das ist keine Zeitangabe. Sie sieht so aus: 24.12.2026 18:00.",
                "id_ends": "Das ist keine Zeitangabe. Sie sieht so aus: 24.12.2026 18:00.",
            },
        ),
        (
            {"starts": "2035-03-25T02:30", "ends": "2035-10-28T02:30"},
            {
                "id_starts": "Diese Uhrzeit gibt es nicht: In dieser Nacht werden die Uhren vorgestellt. "
                "Bitte wählen Sie eine frühere oder spätere.",
                "id_ends": "Diese Uhrzeit gibt es zweimal: In dieser Nacht werden die Uhren zurückgestellt. "
                "Bitte wählen Sie eine frühere oder spätere.",
            },
        ),
    ],
)
def test_what_cannot_be_read_is_said_at_the_field(
    editor: Client, entries: dict[str, str], errors: dict[str, str]
) -> None:
    form = Page(editor.get(PLAN)).form(SHOW)
    page = Page(form.press(editor, SHOW, {"message_de": "Bleibt stehen", **entries}))
    assert page.errors == errors
    assert page.form(SHOW).fields["message_de"] == "Bleibt stehen"
    assert page.form(SHOW).fields["ends"] == entries["ends"]


@pytest.mark.parametrize(
    ("starts_in", "lasts", "field", "error"),
    [
        (-DAY, 2 * DAY, "id_starts", "Bitte wählen Sie eine Zeit, die noch kommt."),
        (DAY, -HOUR, "id_ends", "Das Ende muss nach dem Beginn liegen."),
        (DAY, 15 * DAY, "id_ends", "Eine Wartung kann höchstens 14 Tage dauern."),
    ],
)
def test_what_makes_no_sense_is_said_at_the_field(
    editor: Client, starts_in: timedelta, lasts: timedelta, field: str, error: str
) -> None:
    starts = clock.now() + starts_in
    page = Page(editor.post(PLAN, {"action": "plan", "starts": written(starts), "ends": written(starts + lasts)}))
    assert page.errors == {field: error}
    assert not Window.objects.exists()


def test_what_overlaps_is_said(editor: Client) -> None:
    starts = soon()
    planned(starts, now=clock.now())
    page = Page(editor.post(PLAN, {"action": "plan", "starts": written(starts), "ends": written(starts + DAY)}))
    assert "Zu dieser Zeit gibt es schon eine Wartung." in page.main.text
    assert Window.objects.count() == 1


def test_it_is_moved(editor: Client) -> None:
    starts = soon()
    window = planned(starts, now=clock.now())
    form = Page(editor.get(f"{LIST}{window.pk}/")).form("Verschieben")
    assert form.fields["starts"] == written(starts)
    answer = form.press(editor, "Verschieben", starts=written(starts + HOUR), ends=written(starts + 5 * HOUR))
    assert answer.headers["Location"] == f"{LIST}{window.pk}/"
    window.refresh_from_db()
    assert (window.starts_at, window.ends_at) == (starts + HOUR, starts + 5 * HOUR)
    wrong = Page(form.press(editor, "Verschieben", ends=written(starts - HOUR)))
    assert wrong.errors == {"id_ends": "Das Ende muss nach dem Beginn liegen."}


def test_who_moves_one_end_does_not_take_back_what_a_colleague_did_to_the_other(editor: Client) -> None:
    starts = soon()
    window = planned(starts, now=clock.now())
    form = Page(editor.get(f"{LIST}{window.pk}/")).form("Verschieben")
    moved(window, starts + 8 * HOUR, now=clock.now())
    wrong = Page(form.press(editor, "Verschieben", starts="bald"))
    wrong.form("Verschieben").press(editor, "Verschieben", starts=written(starts + HOUR))
    window.refresh_from_db()
    assert (window.starts_at, window.ends_at) == (starts + HOUR, starts + 8 * HOUR)


def test_what_nobody_touched_stays_as_it_was_even_in_the_hour_that_is_there_twice(
    time_machine: TimeMachineFixture,
) -> None:
    starts, ends = datetime(2026, 10, 25, 0, 10, 5, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    time_machine.move_to(starts - HOUR)
    window = planned(starts, lasts=ends - starts, now=clock.now())
    editor = sign_in(settled(role=Role.EDITOR))
    form = Page(editor.get(f"{LIST}{window.pk}/")).form("Verschieben")
    assert form.fields["starts"].endswith("T02:10")
    form.press(editor, "Verschieben", ends="2026-10-25T05:00")
    window.refresh_from_db()
    assert (window.starts_at, window.ends_at) == (starts, datetime(2026, 10, 25, 4, 0, tzinfo=UTC))


def test_what_has_begun_keeps_its_start_and_is_ended(editor: Client) -> None:
    window = begun(now=clock.now() - HOUR)
    page = Page(editor.get(f"{LIST}{window.pk}/"))
    assert "starts" not in page.form("Verschieben").fields
    assert not any(form.has_button("Diese Wartung absagen") for form in [page.form("Verschieben")])
    later = (clock.now() + 3 * HOUR).replace(second=0, microsecond=0)
    page.form("Verschieben").press(editor, "Verschieben", ends=written(later))
    window.refresh_from_db()
    assert window.ends_at == later
    for _ in range(2):  # a double click
        page.form("Jetzt beenden").press(editor, "Jetzt beenden")
    window.refresh_from_db()
    assert stage(window.times, now=clock.now()) is Stage.OVER
    page = Page(editor.get(f"{LIST}{window.pk}/"))
    assert "Da war jemand schneller: Bitte sehen Sie nach, wie es jetzt um die Wartung steht." in page.notices
    assert "vorbei" in Page(editor.get(f"{LIST}?state=over")).main.text


def test_ending_one_that_overruns_does_not_end_the_next_one(editor: Client) -> None:
    start = clock.now() - 5 * HOUR
    overrun, second = begun(now=start), planned(start + 3 * HOUR, lasts=4 * HOUR, now=start)
    page = Page(editor.get(f"{LIST}{overrun.pk}/"))
    page.form("Jetzt beenden").press(editor, "Jetzt beenden")
    second.refresh_from_db()
    assert stage(second.times, now=clock.now()) is Stage.RUNNING
    assert "Diese Wartung ist beendet, aber eine andere hat schon begonnen." in Page(editor.get(LIST)).notices


def test_it_is_cancelled(editor: Client) -> None:
    window = planned(soon(), now=clock.now())
    form = Page(editor.get(f"{LIST}{window.pk}/")).form("Diese Wartung absagen")
    form.press(editor, "Diese Wartung absagen")
    window.refresh_from_db()
    assert stage(window.times, now=clock.now()) is Stage.CANCELLED
    assert "abgesagt" in Page(editor.get(f"{LIST}?state=over")).main.text


def test_what_somebody_planned_who_has_left_is_not_said_to_come_from_the_command_line_alone(editor: Client) -> None:
    colleague = settled("weg@example.org", role=Role.EDITOR).account
    window = planned(soon(), planned_by=colleague, now=clock.now())
    colleague.delete()
    assert "Kommandozeile oder Zugang, den es nicht mehr gibt" in Page(editor.get(f"{LIST}{window.pk}/")).main.text


def test_the_trail_tells_it_in_words(editor: Client) -> None:
    planned(datetime(2035, 6, 1, 18, tzinfo=BERLIN), now=clock.now())
    begun(now=clock.now() - HOUR)
    ended(now=clock.now())
    lead = sign_in(settled("leitung@example.org", role=Role.DESK_LEAD))
    text = Page(lead.get("/desk/trail/")).main.text
    for words in ("Wartung geplant", "Wartung sofort begonnen", "Wartung beendet", "von 01.06.2035, 18:00"):
        assert words in text


def test_the_way_there_is_in_the_menu_of_whoever_may(editor: Client) -> None:
    assert Page(editor.get("/")).links["Wartung"] == LIST
    assert "Wartung" not in Page(sign_in(settled("desk@example.org", role=Role.DESK)).get("/desk/")).links
    assert Page(sign_in(settled("leitung@example.org", role=Role.DESK_LEAD)).get("/desk/")).links["Wartung"] == LIST
