"""An import on the desk's pages, without JavaScript; the worker is in the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from factories.tables import HEADINGS, checked, csv, imported, people, rows_of, uploaded, xlsx
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.imports import chunks, operations, queries
from kundenportal.domain.imports.models import ImportRun
from kundenportal.domain.imports.rules.runs import KEPT_FOR, Letters, RunState
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from web.pages import Page
from web.residents import attempt, issue, password_in_letter, settled, sign_in

if TYPE_CHECKING:
    from django.test import Client

    from web.pages import Response

pytestmark = pytest.mark.django_db

LIST, UPLOAD = "/desk/imports/", "/desk/imports/new/"


@pytest.fixture
def desk() -> Client:
    """A browser in which a member of the desk's staff sits."""
    return sign_in(settled("hr-service@example.org", name="HR-Service", organisation="Vorführung", role=Role.DESK))


def send(desk: Client, content: bytes, name: str = "zugaenge.csv") -> Response:
    """The answer to an uploaded file."""
    return desk.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})


def at(run: ImportRun, *parts: str) -> str:
    """The address of a page about the import."""
    return "/".join(["/desk/imports", str(run.pk), *parts, ""])


def work(run: ImportRun) -> None:
    """The worker does what there is to do."""
    chunks.work_on(run.pk, clock=clock.now)


def test_from_the_file_to_the_accounts_and_back(desk: Client) -> None:
    assert "Noch ist nichts importiert" in Page(desk.get(LIST)).text
    content = csv([*people(2), ("bert@gmial.com", "Bert", "Kita Probstadt", "", ""), ("x", "Clara", "Kita", "", "")])
    response = send(desk, content)
    run = ImportRun.objects.get()
    assert response.headers["Location"] == at(run, "columns")

    page = Page(desk.get(at(run, "columns")))
    assert [cell.text for cell in page.all("td")][:3] == [
        "anna.beispiel1@musterland.example.org",
        "Anna Beispiel 1",
        "Kirchenkreis Musterland",
    ]
    assert page.form("Datei prüfen").fields["address"] == "0"
    assert page.form("Datei prüfen").fields["first_name"] == ""
    assert page.form("Datei prüfen").press(desk, "Datei prüfen").headers["Location"] == at(run)

    page = Page(desk.get(at(run)))
    assert page.heading == "Die Datei wird geprüft"
    (bar,) = page.all("progress")
    assert (bar.attributes["value"], bar.attributes["max"]) == ("0", "4")
    assert page.links["Stand anzeigen"] == at(run)
    work(run)

    page = Page(desk.get(at(run)))
    assert page.heading == "Die Datei ist geprüft"
    assert "3 Zeilen würden importiert." in page.text
    assert "1 Zeile ist fehlerhaft und wird ausgelassen." in page.text
    assert "2 Einrichtungen kommen hinzu, darunter: Kirchenkreis Musterland, Kita Probstadt." in page.text
    assert {"alle 4", "neu 2", "bitte prüfen 1", "Fehler 1"} <= set(page.links)
    assert "Gemeint ist vielleicht bert@gmail.com." in page.text
    assert Account.objects.count() == 1
    assert page.form("Import starten").press(desk, "Import starten").headers["Location"] == at(run)

    assert Page(desk.get(at(run))).heading == "Der Import läuft"
    work(run)
    page = Page(desk.get(at(run)))
    assert page.heading == "Der Import ist abgeschlossen"
    assert "4 von 4 Zeilen sind importiert oder abgelehnt. Gestartet von HR-Service" in page.text
    assert Account.objects.count() == 4
    errors = Page(desk.get(page.links["Nur fehlerhafte Zeilen"].partition("#")[0]))
    assert [row.all("td")[2].text for row in errors.all("tr")[1:]] == ["Das ist keine E-Mail-Adresse."]

    answer = desk.get(page.links["Datei mit Ergebnissen herunterladen"])
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''zugaenge%20%E2%80%93%20Ergebnis.csv"
    results = [line.split(";")[5:] for line in answer.content.decode().splitlines()]
    assert results[0] == ["Ergebnis", "Begründung"]
    assert results[4] == ["Fehler", "Das ist keine E-Mail-Adresse."]
    row = Page(desk.get(LIST)).all("tr")[1]
    assert [cell.text for cell in row.all("td")][:2] == ["abgeschlossen", "4"]


def test_the_file_comes_back_as_a_workbook_in_the_readers_language() -> None:
    run = imported(xlsx(people(1)), now=clock.now())
    desk = sign_in(settled("desk@example.org", role=Role.DESK, language="en"))
    answer = desk.get(at(run, "file"))
    assert "spreadsheetml" in answer.headers["Content-Type"]
    assert [row[-2:] for row in rows_of(answer.content)] == [["Result", "Reason"], ["new", "New access."]]


def test_there_is_no_file_before_the_end_nor_after_thirty_days(desk: Client) -> None:
    run = checked(csv(people(1)), now=clock.now())
    assert desk.get(at(run, "file")).status_code == 404
    old = imported(csv(people(1, begin=7)), now=clock.now() - KEPT_FOR)
    operations.empty_old_runs(now=clock.now())
    assert desk.get(at(old, "file")).status_code == 404
    page = Page(desk.get(at(old)))
    assert "Die Datei und ihre Zeilen sind gelöscht." in page.text
    assert "neu: 1" in page.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Die Datei ist leer."),
        (b"%PDF-1.7", "Das ist keine Tabelle."),
        (csv([HEADINGS]), "Unter den Überschriften steht keine Zeile."),
    ],
)
def test_what_is_no_table_is_refused_at_the_field(desk: Client, content: bytes, sentence: str) -> None:
    page = Page(send(desk, content))
    assert page.errors["id_file"].startswith(sentence)
    assert not ImportRun.objects.exists()


def test_without_a_file_one_is_asked_for(desk: Client) -> None:
    assert Page(desk.post(UPLOAD)).errors == {"id_file": "Bitte wählen Sie eine Datei aus."}


def test_columns_that_are_not_recognised_are_asked_for(desk: Client) -> None:
    run = uploaded(csv([("Mail", "Wer", "Wo"), ("a@example.org", "Anna", "Kita")]), now=clock.now())
    page = Page(desk.get(at(run, "columns")))
    page = Page(page.form("Datei prüfen").press(desk, "Datei prüfen"))
    assert set(page.errors) == {"id_name", "id_organisation"}
    page = Page(page.form("Datei prüfen").press(desk, "Datei prüfen", name="1", organisation="1"))
    assert page.errors == {"id_organisation": "Diese Spalte ist schon ausgewählt, und zwar für: Name."}
    assert page.form("Datei prüfen").fields["name"] == "1"
    page.form("Datei prüfen").press(desk, "Datei prüfen", organisation="2")
    work(run)
    page = Page(desk.get(at(run)))
    assert "1 Zeile würde importiert." in page.text
    assert page.links["Spalten ändern"] == at(run, "columns")


def test_two_who_start_it_start_it_once(desk: Client) -> None:
    run = checked(csv(people(1)), now=clock.now())
    form = Page(desk.get(at(run))).form("Import starten")
    form.press(desk, "Import starten")
    page = Page(desk.get(form.press(desk, "Import starten").headers["Location"]))
    assert page.notices == ["Dieser Import ist bereits gestartet oder beendet."]
    work(run)
    assert Account.objects.count() == 2


def test_what_a_colleague_has_had_checked_otherwise_is_not_started_unseen(desk: Client) -> None:
    run = checked(csv(people(1)), now=clock.now())
    stale = Page(desk.get(at(run))).form("Import starten")
    again = Page(desk.get(at(run, "columns"))).form("Datei prüfen")
    again.press(desk, "Datei prüfen", organisation="", organisation_for_all="Kita Probstadt")
    no_day = {"letters": "date", "on": "morgen"}
    for is_checked, sentence, entries in (
        (False, "Jemand hat die Spalten", {}),
        (True, "Jemand hat die Datei", {}),
        (True, "Jemand hat die Datei", no_day),
    ):
        if is_checked:
            work(run)
        page = Page(desk.get(stale.press(desk, "Import starten", entries).headers["Location"]))
        assert [sentence in notice for notice in page.notices] == [True]
        run.refresh_from_db()
        assert run.started_at is None
    assert "Kita Probstadt" in page.main.text
    page.form("Import starten").press(desk, "Import starten")
    assert Page(desk.get(at(run))).heading == "Der Import läuft"


def test_while_somebody_chooses_other_headings_nobody_is_told_that_it_has_started(desk: Client) -> None:
    run = checked(csv(people(1)), now=clock.now())
    stale = Page(desk.get(at(run))).form("Import starten")
    operations.choose_headings(run, 0)
    page = Page(desk.get(stale.press(desk, "Import starten").headers["Location"], follow=True))
    assert ["Jemand hat die Spalten" in notice for notice in page.notices] == [True]


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        ({"letters": "date"}, "id_on"),
        ({"letters": "date", "on": "2020-01-01"}, "id_on"),
        ({"letters": "date", "on": "morgen"}, "id_on"),
    ],
)
def test_a_day_that_is_none_is_refused_at_the_field(desk: Client, entries: dict[str, str], field: str) -> None:
    run = checked(csv(people(1)), now=clock.now())
    page = Page(Page(desk.get(at(run))).form("Import starten").press(desk, "Import starten", entries))
    assert set(page.errors) == {field}
    assert page.form("Import starten").fields["letters"] == "date"
    assert ImportRun.objects.get(pk=run.pk).state == RunState.CHECKED


def test_wherever_a_planned_letter_is_shown_stands_when_it_goes_out(desk: Client) -> None:
    run = checked(csv(people(1)), now=clock.now())
    Page(desk.get(at(run))).form("Import starten").press(desk, "Import starten", letters="date", on="31.12.2099")
    work(run)
    assert "ab 31.12.2099, 08:00 hinaus" in Page(desk.get(at(run))).text
    account = Account.objects.get(address__startswith="anna")
    for path in ("/desk/accounts/", f"/desk/accounts/{account.pk}/", "/desk/mails/"):
        assert "geht am 31.12.2099 hinaus" in Page(desk.get(path)).text


def test_an_account_without_a_letter_is_sent_its_first_from_the_list_and_is_closed_until_then(
    desk: Client, client: Client
) -> None:
    imported(csv(people(1)), letters=Letters.NEVER, now=clock.now())
    account = Account.objects.get(address__startswith="anna")
    # Who asks for a link is told what strangers are told: access has not been issued yet.
    client.post("/password/forgotten/", {"address": account.address})
    deliver_due_mails(clock=clock.now)
    from django.core import mail

    assert "/password/choose/" not in str(mail.outbox[-1].body)
    page = Page(desk.get("/desk/accounts/"))
    (button,) = [each for each in page.all("button") if each.text.startswith("Zugangsdaten senden")]
    page.form(button.text).press(desk, button.text)
    assert AccessLetter.objects.filter(account=account).count() == 1
    deliver_due_mails(clock=clock.now)
    assert attempt(client, account.address, password_in_letter(account.address)).status_code == 302


def test_the_page_that_looks_for_progress_is_told_to_look_again_once_there_is_more(desk: Client) -> None:
    run = uploaded(csv(people(1)), now=clock.now())
    operations.check(run, chosen=queries.layout_of(run).columns, now=clock.now())
    asks = {"HX-Request": "true"}
    assert "HX-Refresh" not in desk.get(at(run), headers=asks).headers
    work(run)
    assert desk.get(at(run), headers=asks).headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("state", [RunState.UPLOADED, RunState.CHECKED, RunState.IMPORTING])
def test_an_import_can_be_cancelled_from_every_page(desk: Client, state: RunState) -> None:
    run = (uploaded if state is RunState.UPLOADED else checked)(csv(people(1)), now=clock.now())
    if state is RunState.IMPORTING:
        operations.start(run, letters=Letters.NOW, started_by=None, now=clock.now(), origin=COMMAND_LINE)
    page = Page(desk.get(at(run), follow=True))
    page.form("Diesen Import abbrechen").press(desk, "Diesen Import abbrechen")
    work(run)
    assert Page(desk.get(at(run))).heading == "Der Import wurde abgebrochen"
    assert not Account.objects.filter(address__startswith="anna").exists()
    assert not OutgoingMail.objects.filter(recipient__startswith="anna").exists()


def test_rows_are_shown_a_page_at_a_time(desk: Client) -> None:
    run = checked(csv(people(120)), now=clock.now())
    numbers, url = [], at(run)
    while url:
        page = Page(desk.get(url.partition("#")[0]))
        numbers += [int(row.all("th")[0].text.partition(" ")[0]) for row in page.all("tr")[1:]]
        url = "".join(link.attributes["href"] for link in page.all("a", rel="next"))
    assert numbers == list(range(2, 122))
    (previous,) = page.all("a", rel="prev")
    back = Page(desk.get(previous.attributes["href"].partition("#")[0]))
    assert len(back.all("tr")) == 51
    assert desk.get(at(run), {"after": "9" * 18}).status_code == 200


def test_imports_are_shown_a_page_at_a_time_and_one_leafs_back(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    numbers = [str(uploaded(csv(people(1)), now=clock.now()).pk) for _ in range(5)][::-1]
    url, pages = LIST, []
    for way in ("next", "next", "prev", "prev"):
        page = Page(desk.get(url))
        pages.append(
            [
                link.attributes["href"].split("/")[3]
                for link in page.main.all("a", **{"class": "list-table__name lone-link"})
            ]
        )
        (link,) = page.all("a", rel=way)
        url = link.attributes["href"]
    assert pages == [numbers[:2], numbers[2:4], numbers[4:], numbers[2:4]]
    assert not Page(desk.get(url)).all("a", rel="prev"), "the first page is reached again"


def test_what_somebody_imported_who_has_left_is_not_said_to_come_from_the_command_line_alone(desk: Client) -> None:
    colleague = settled("weg@example.org", role=Role.DESK).account
    run = imported(csv(people(1)), by=colleague, now=clock.now())
    colleague.delete()
    assert "Kommandozeile oder Zugang, den es nicht mehr gibt" in Page(desk.get(LIST)).main.text
    assert "Gestartet von Kommandozeile oder Zugang, den es nicht mehr gibt" in Page(desk.get(at(run))).main.text


def test_what_stands_in_a_file_is_text_on_the_page(desk: Client) -> None:
    run = checked(
        csv([HEADINGS, ("a@example.org", "<script>alert(1)</script>", "<b>Kita</b>", "", "")]), now=clock.now()
    )
    for path in (at(run), at(run, "columns")):
        assert b"<script>alert" not in desk.get(path).content
        assert b"<b>Kita" not in desk.get(path).content


def test_only_the_desk_is_let_in() -> None:
    run = checked(csv(people(1)), now=clock.now())
    customer = sign_in(settled())
    issue("anna.beispiel1@musterland.example.org")
    for path in (LIST, UPLOAD, at(run), at(run, "columns"), at(run, "file")):
        assert customer.get(path).status_code == 403
    assert customer.post(at(run, "start"), {"letters": "now"}).status_code == 403


@pytest.mark.parametrize("entry", ["", "\0", "-1", "9" * 30, "١٢٣²", "%s{{ 7 }}", "new", "x" * 5000])
def test_whatever_is_entered_is_answered(desk: Client, entry: str) -> None:
    run = checked(csv(people(1)), now=clock.now())
    for path in (at(run), LIST):
        assert desk.get(path, {"verdict": entry, "after": entry, "before": entry}).status_code == 200
    assert desk.get(at(run, "start")).headers["Location"] == at(run)
    assert desk.post(at(run, "start"), {"letters": entry, "on": entry}).status_code == 200
    columns = dict.fromkeys(("address", "name", "organisation", "kind", "language", "first_name"), entry)
    assert desk.post(at(run, "columns"), {**columns, "organisation_for_all": entry}).status_code == 200
    assert desk.get(f"/desk/imports/{'9' * 30}/").status_code == 404


def test_another_row_may_hold_the_headings(desk: Client) -> None:
    title, rows = ("Name", "Einrichtung", "E-Mail", "Liste vom 1. Juli"), [row[:3] for row in people(2)[1:]]
    response = send(desk, csv([title, ("Adresse", "Wer", "Wo"), *rows]))
    run = ImportRun.objects.get()
    page = Page(desk.get(response.headers["Location"]))
    form = page.form("Diese Zeile verwenden")
    assert form.fields["heading_row"] == "1", "the title looks more like headings than they do"
    offers = [option.text for option in page.control("heading_row").all("option")]
    assert offers[1] == "Zeile 2: Adresse, Wer, Wo"
    answer = form.press(desk, "Diese Zeile verwenden", heading_row="2")
    page = Page(desk.get(answer.headers["Location"]))
    assert "hat 2 Zeilen" in page.main.text
    assert [option.text for option in page.control("name").all("option")][1:4] == ["Adresse", "Wer", "Wo"]
    assert page.form("Datei prüfen").fields["address"] == "0"
    page.form("Datei prüfen").press(desk, "Datei prüfen", name="1", organisation="2")
    work(run)
    run.refresh_from_db()
    assert run.checked["new"] == 2


@pytest.mark.parametrize(
    ("row", "sentence"),
    [("4", "Unter den Überschriften steht keine Zeile"), ("99", "Bitte wählen"), ("x", "Bitte wählen")],
)
def test_a_row_that_cannot_hold_the_headings_is_refused_at_the_field(desk: Client, row: str, sentence: str) -> None:
    send(desk, csv(people(3)))
    page = Page(desk.post(at(ImportRun.objects.get(), "columns"), {"heading_row": row}))
    assert sentence in page.errors["id_heading_row"]
    assert page.all("title")[0].text.startswith("Fehler: ")
    assert ImportRun.objects.get().heading_row == 1
