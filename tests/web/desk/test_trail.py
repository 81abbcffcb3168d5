"""The audit trail: read, narrowed down, taken along, and changed by nobody."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client

from factories.accounts import AT_HOME, SEEN_IN_PERSON
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.rules import KEPT_AT_LEAST
from kundenportal.domain.credentials.operations import steps
from kundenportal.domain.support import operations as intakes
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import clock
from kundenportal.kernel.origin import BY_ITSELF, COMMAND_LINE, Origin
from kundenportal.web.shared.words import EVENTS
from web.pages import Page
from web.residents import ADDRESS, attempt, issue, settled, suspend

if TYPE_CHECKING:
    from django.http import StreamingHttpResponse
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

PATH, EXPORT = "/desk/trail/", "/desk/trail/export/"


def told(page: Page) -> list[str]:
    return [each.text for each in page.main.all("p", **{"class": "history__what"})]


def exported(client: Client, **sought: str) -> list[list[str]]:
    answer: StreamingHttpResponse = client.get(EXPORT, sought)  # type: ignore[assignment]
    return list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines(), delimiter=";"))


def test_the_newest_entry_comes_first_and_says_who_did_what_to_whom_from_where(lead: Client) -> None:
    holder = suspend(settled())
    page = Page(lead.get(PATH))
    assert told(page)[0] == "Zugang ausgesetzt"
    assert ADDRESS in page.main.text
    (link, *_) = [link for link in page.main.all("a") if link.text == ADDRESS]
    assert link.attributes["href"] == f"/desk/accounts/{holder.account.pk}/"


def test_how_long_entries_are_kept_is_said_as_people_say_it(lead: Client, settings: Settings) -> None:
    assert "Einträge bleiben 3 Jahre gespeichert" in Page(lead.get(PATH)).main.text
    settings.TRAIL_IS_KEPT_FOR = timedelta(days=1_100)
    assert "Einträge bleiben 1100 Tage gespeichert" in Page(lead.get(PATH)).main.text


@pytest.mark.parametrize(
    ("origin", "whence"),
    [(COMMAND_LINE, "auf der Kommandozeile"), (BY_ITSELF, "durch das Portal selbst"), (AT_HOME, "192.0.2.7")],
)
def test_what_nobody_signed_in_did_says_whether_the_operator_or_the_portal_did_it(
    lead: Client, origin: Origin, whence: str
) -> None:
    audit.record(Event.MAINTENANCE_ENDED, now=clock.now(), origin=origin)
    (entry,) = Page(lead.get(PATH, {"event": "maintenance.ended"})).all("p", **{"class": "history__more"})
    assert entry.text == whence
    assert exported(lead, event="maintenance.ended")[1][3:] == ["", "", origin.network_address]


def test_where_somebody_was_is_not_made_up(lead: Client) -> None:
    account = settled().account
    audit.record(Event.MAINTENANCE_ENDED, actor=account, now=clock.now())
    (entry,) = Page(lead.get(PATH, {"event": "maintenance.ended"})).all("p", **{"class": "history__more"})
    assert entry.text == account.name


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        ({"event": "account.suspended"}, {"account.suspended"}),
        ({"account": " Buero@Musterland.example.org ", "event": "access.issued"}, {"access.issued"}),
        ({"network_address": "192.0.2.99"}, {"sign_in.refused"}),
        (
            {"actor": "leitung@example.org", "network_address": "127.0.0.1", "event": "sign_in.succeeded"},
            {"sign_in.succeeded"},
        ),
    ],
)
def test_it_is_narrowed_down_by_what_is_known(lead: Client, sought: dict[str, str], expected: set[str]) -> None:
    suspend(settled())
    attempt(Client(REMOTE_ADDR="192.0.2.99"), "niemand@example.org", "x")
    page, rows = Page(lead.get(PATH, sought)), exported(lead, **sought)
    assert len(told(page)) == 1
    assert len(rows) == 2
    (expected_event,) = expected
    assert rows[1][1] == str(EVENTS[Event(expected_event)])


def test_how_an_intake_came_in_is_said_in_its_own_words(lead: Client) -> None:
    intakes.take_down(Request("Rückruf"), route=Route.PAGE, now=clock.now(), origin=AT_HOME)
    (_, row) = exported(lead, event="intake.taken_down")
    assert "im Portal" in row[3]
    assert "abgelaufen" not in row[3]


def test_what_an_import_counted_is_nobodys_details(lead: Client) -> None:
    audit.record(Event.IMPORT_FINISHED, now=clock.now(), origin=AT_HOME, import_run=3, new=2, changed=1, unchanged=4)
    assert "Import 3" in Page(lead.get(PATH)).main.text


def test_an_address_somebody_once_had_finds_their_entries(lead: Client) -> None:
    first = "erste@example.org"
    account = issue(first)
    staff = settled("chefin@example.org", role=Role.ADMIN).account
    for address in ("zweite@example.org", "dritte@example.org"):
        steps.correct_address(
            account.pk, address, stated=SEEN_IN_PERSON, corrected_by=staff, now=clock.now(), origin=AT_HOME
        )
    newcomer = issue("zweite@example.org")
    opened = {"event": "account.opened"}
    for address, found in {
        first: {"dritte@example.org"},
        " Zweite@Example.org": {"dritte@example.org", newcomer.address},
        "dritte@example.org": {"dritte@example.org"},
    }.items():
        assert {row[2] for row in exported(lead, account=address, **opened)[1:]} == found


def test_the_file_and_the_next_page_hold_every_event_that_was_chosen(lead: Client) -> None:
    suspend(settled())
    for _ in range(60):
        audit.record(Event.PROFILE_UPDATED, now=clock.now(), origin=Origin(f"192.0.2.{_}"))
    page = Page(lead.get(PATH, {"event": ["account.suspended", "profile.updated"]}))
    for label in ("Als CSV-Datei speichern", "Nächste Seite"):
        target = page.links[label]
        assert "event=account.suspended" in target
        assert "event=profile.updated" in target


def test_days_are_whole_days_by_the_clock_on_the_wall(lead: Client) -> None:
    for day in (23, 24, 25):
        for hour in (0, 23):
            at = clock.now().replace(year=2025, month=3, day=day, hour=hour, minute=30, second=0)
            audit.record(Event.PROFILE_UPDATED, now=at)
    sought = {"event": "profile.updated", "since": "2025-03-24", "until": "2025-03-24"}
    assert [row[0] for row in exported(lead, **sought)[1:]] == ["2025-03-24 01:30:00", "2025-03-24 00:30:00"]


@pytest.mark.parametrize(
    ("sought", "sentence"),
    [
        ({"account": "niemand@example.org"}, "Zu dieser Adresse gibt und gab es keinen Zugang."),
        ({"actor": "niemand@example.org"}, "Zu dieser Adresse gibt und gab es keinen Zugang."),
        ({"network_address": "zuhause"}, "Das ist keine Netzwerkadresse."),
        ({"since": "gestern"}, "Das ist kein Datum."),
    ],
)
def test_what_cannot_be_sought_is_named_and_kept(lead: Client, sought: dict[str, str], sentence: str) -> None:
    page = Page(lead.get(PATH, sought))
    assert sentence in page.main.text
    ((name, value),) = sought.items()
    assert page.control(name).attributes["value"] == value
    assert "Nichts gefunden" in page.main.text


@pytest.mark.parametrize("sought", [{"before": "x"}, {"since": "0001-01-01"}, {"until": "9999-12-31"}, {"event": "x"}])
def test_odd_wishes_are_no_faults_of_ours(lead: Client, sought: dict[str, str]) -> None:
    assert lead.get(PATH, sought).status_code == 200
    assert lead.get(EXPORT, sought).status_code == 200


def test_every_entry_is_on_exactly_one_page(lead: Client) -> None:
    for number in range(120):
        audit.record(Event.PROFILE_UPDATED, now=clock.now(), origin=Origin(f"192.0.2.{number}"))
    page, seen = Page(lead.get(PATH, {"event": "profile.updated"})), 0
    while True:
        seen += len(told(page))
        links = page.all("a", rel="next")
        if not links:
            break
        page = Page(lead.get(links[0].attributes["href"]))
    assert seen == 120


def test_the_previous_page_is_the_one_before_this_one(lead: Client) -> None:
    for number in range(120):
        audit.record(Event.PROFILE_UPDATED, now=clock.now(), origin=Origin(f"192.0.2.{number}"))
    first = Page(lead.get(PATH, {"event": "profile.updated"}))
    second = Page(lead.get(first.links["Nächste Seite"]))
    third = Page(lead.get(second.links["Nächste Seite"]))
    back = Page(lead.get(third.links["Vorige Seite"]))
    assert back.main.text == second.main.text
    assert Page(lead.get(back.links["Vorige Seite"])).main.text == first.main.text


def test_a_page_beyond_the_oldest_entry_is_the_first(lead: Client) -> None:
    audit.record(Event.PROFILE_UPDATED, now=clock.now())
    answer = lead.get(PATH, {"event": ["profile.updated", "sign_in.ended"], "after": "1"})
    assert answer["Location"] == f"{PATH}?event=profile.updated&event=sign_in.ended"


def test_no_cell_of_the_file_is_a_formula(lead: Client) -> None:
    issue("=cmd@example.org", name='=HYPERLINK("http://evil.example.org")')
    cells = [cell for row in exported(lead) for cell in row]
    assert "'=cmd@example.org" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_file_is_made_row_by_row_with_few_queries(lead: Client, django_assert_max_num_queries: object) -> None:
    for _ in range(50):
        audit.record(Event.PROFILE_UPDATED, now=clock.now())
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(exported(lead)) > 50


def test_who_took_the_trail_along_stands_in_it_and_how_much_of_it(lead: Client) -> None:
    audit.record(Event.PROFILE_UPDATED, now=clock.now())
    lead.get(EXPORT, {"event": "profile.updated"})
    (entry,) = Page(lead.get(PATH, {"event": "trail.exported"})).all("li", **{"class": "history__item"})
    assert "Protokoll als Datei gespeichert" in entry.text
    assert "Anzahl: 1" in entry.text
    assert "127.0.0.1" in entry.text


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET event = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
def test_not_even_the_owner_of_the_table_changes_an_entry(statement: str) -> None:
    audit.record(Event.PROFILE_UPDATED, now=clock.now() - KEPT_AT_LEAST + timedelta(hours=1))
    with pytest.raises((InternalError, ProgrammingError), match="never changed"), transaction.atomic():
        connection.cursor().execute(statement)
