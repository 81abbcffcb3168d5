"""What an editor says of the portal: kept once, told to everybody, and never over somebody else's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from factories.accounts import AT_HOME, NOW, clerk
from factories.threads import together
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.site import operations, queries
from kundenportal.domain.site.models import Settings
from kundenportal.domain.site.rules.colours import Ground, is_readable
from kundenportal.domain.site.rules.hours import SpecialDay, hours_in
from kundenportal.domain.site.rules.settings import EXAMPLE, NOTE_MAX_LENGTH, Site

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db


def change(site: Site, *, version: int = 0, changed_by: Account | None = None) -> Site:
    """An editor's change, from AT_HOME."""
    return operations.change(site, version=version, changed_by=changed_by, now=NOW, origin=AT_HOME)


def test_until_somebody_says_otherwise_the_example_holds() -> None:
    assert queries.current() == EXAMPLE
    assert queries.stand().version == 0
    assert EXAMPLE.email == "hr@comramo.de"
    assert EXAMPLE.telephone_uri == "tel:+4951112401769"


def test_what_was_changed_is_what_everybody_is_told() -> None:
    editor = clerk(Role.EDITOR)
    wanted = replace(
        EXAMPLE, portal_name="Portal der Musterkasse", telephone="0511 / 123-45 (0)", colour_light="#13604b"
    )
    change(wanted, changed_by=editor)
    queries.forget()
    assert queries.current() == wanted
    stand = queries.stand()
    assert (stand.version, stand.changed_by, stand.changed_at) == (1, editor, NOW)


def test_every_change_is_in_the_trail_and_nothing_else_is() -> None:
    editor = clerk(Role.EDITOR)
    week = (hours_in("8–12"), *EXAMPLE.week[1:])
    change(replace(EXAMPLE, operator_name="Musterkasse", week=week), changed_by=editor)
    entries = Entry.objects.filter(event=Event.SITE_SETTING_CHANGED).order_by("pk")
    assert [(entry.actor, entry.details["setting"]) for entry in entries] == [
        (editor, "operator_name"),
        (editor, "week"),
    ]
    assert entries[0].details == {"setting": "operator_name", "was": "COMRAMO", "became": "Musterkasse"}
    change(queries.stand().site, version=1, changed_by=editor)
    assert entries.count() == 2
    assert queries.stand().version == 1


def test_the_trail_keeps_what_was_changed_among_many_special_days_and_a_long_note_whole() -> None:
    days = tuple(
        SpecialDay(date(2027, 1, day), every_year=False, hours=(), reason=f"Ausflug {day}") for day in range(1, 31)
    )
    note = "x" * NOTE_MAX_LENGTH
    change(replace(EXAMPLE, special_days=days, charges_de=note))
    wanted = (*days[:-1], replace(days[-1], reason="Inventur"))
    change(replace(EXAMPLE, special_days=wanted, charges_de=f"{note[:-1]}y"), version=1)
    entries = Entry.objects.filter(event=Event.SITE_SETTING_CHANGED).order_by("-pk")[:2]
    assert {entry.details["setting"]: (entry.details["was"], entry.details["became"]) for entry in entries} == {
        "special_days": ("2027-01-30 – Ausflug 30", "2027-01-30 – Inventur"),
        "charges_de": (note, f"{note[:-1]}y"),
    }


def test_of_two_editors_the_second_is_told_and_overwrites_nothing() -> None:
    first, second = clerk(Role.EDITOR), clerk(Role.DESK_LEAD, "leitung@example.org")
    change(replace(EXAMPLE, telephone="0511 1"), changed_by=first)
    with pytest.raises(operations.ChangedMeanwhile) as met:
        change(replace(EXAMPLE, telephone="0511 2"), changed_by=second)
    assert (met.value.stand.version, met.value.stand.changed_by) == (1, first)
    assert queries.stand().site.telephone == "0511 1"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_instant_one_is_first() -> None:
    outcomes = together([partial(change, replace(EXAMPLE, operator_name=f"Kasse {number}")) for number in range(4)])
    assert sum(isinstance(outcome, Site) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, operations.ChangedMeanwhile) for outcome in outcomes) == 3
    assert Settings.objects.get().version == 1


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"portal_name": " \u200b "}, operations.SettingMissing),
        ({"operator_name": ""}, operations.SettingMissing),
        ({"email": "hr@comramo"}, operations.AddressMalformed),
        ({"email": "a@example.org\nBcc: b@example.org"}, operations.AddressMalformed),
        ({"telephone": "rufen Sie an"}, operations.TelephoneMalformed),
        ({"telephone": "+-/ ()"}, operations.TelephoneMalformed),
        ({"logo": "0.png"}, operations.LogoMissing),
    ],
)
def test_what_could_not_be_used_is_refused(wrong: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        change(replace(EXAMPLE, **wrong))  # type: ignore[arg-type]
    assert queries.stand().version == 0


def test_a_name_is_one_line_so_that_no_mail_gets_a_header_from_it() -> None:
    assert (
        change(replace(EXAMPLE, portal_name="Portal\r\nBcc: x@example.org")).portal_name == "Portal Bcc: x@example.org"
    )


@pytest.mark.parametrize(("ground", "setting"), [(Ground.LIGHT, "colour_light"), (Ground.DARK, "colour_dark")])
def test_a_colour_nobody_could_read_is_refused_with_the_nearest_one(ground: Ground, setting: str) -> None:
    with pytest.raises(operations.ColourUnreadable) as refused:
        change(replace(EXAMPLE, **{setting: "#808080"}))  # type: ignore[arg-type]
    assert refused.value.ground is ground
    assert refused.value.contrast < 4.5
    assert is_readable(refused.value.nearest, ground)


def test_a_process_asks_the_database_once_in_two_seconds(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: object
) -> None:
    monkeypatch.setattr(queries, "REMEMBERED_FOR", timedelta(seconds=2))
    instant = [100.0]
    monkeypatch.setattr(queries, "monotonic", lambda: instant[0])
    queries.forget()
    queries.current()
    change(replace(EXAMPLE, operator_name="Musterkasse"))
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert queries.current() == EXAMPLE
    instant[0] += 2
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert queries.current().operator_name == "Musterkasse"
        assert queries.current().operator_name == "Musterkasse"
    remembered = queries.remembered()
    assert remembered is not None
    assert remembered.operator_name == "Musterkasse"


@pytest.mark.django_db(transaction=True)
def test_the_process_that_changed_it_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "REMEMBERED_FOR", timedelta(hours=1))
    queries.forget()
    assert queries.current() == EXAMPLE
    change(replace(EXAMPLE, operator_name="Musterkasse"))
    assert queries.current().operator_name == "Musterkasse"


def picture(kind: str = "PNG", size: tuple[int, int] = (800, 200)) -> bytes:
    """A picture as somebody uploads it."""
    file = BytesIO()
    Image.new("RGB", size, "#13604b").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_in_the_size_it_is_shown_in(kind: str) -> None:
    name = operations.keep_logo(picture(kind) + b"<script>")
    content = queries.logo_named(name)
    assert content is not None
    assert b"<script>" not in content
    with Image.open(BytesIO(content)) as kept:
        assert (kept.format, kept.size) == ("PNG", (448, 112))
    assert change(replace(EXAMPLE, logo=name)).logo == queries.stand().site.logo == name
    assert operations.keep_logo(picture(kind)) == name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture()[:60],
        picture("GIF"),
        b"\x89PNG\r\n\x1a\n" * 300_000,
    ],
)
def test_what_is_no_picture_of_a_known_kind_is_no_logo(content: bytes) -> None:
    with pytest.raises(operations.LogoUnreadable):
        operations.keep_logo(content)
