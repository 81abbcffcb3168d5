"""A table becomes accounts: what the dry run says, what then happens, and what happens when it is done again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError

from factories.accounts import AT_HOME, NOW, enters, issued, new_address, signed_in, suspended
from factories.tables import HEADINGS, checked, csv, imported, people, uploaded, xlsx
from factories.trail import events_of
from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.accounts.queries import organisation_names_of
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.imports import chunks, operations, queries
from kundenportal.domain.imports.models import ImportRow, ImportRun
from kundenportal.domain.imports.rules.columns import Column
from kundenportal.domain.imports.rules.files import TableRefused
from kundenportal.domain.imports.rules.runs import Letters, RunState
from kundenportal.domain.imports.rules.verdicts import Verdict, read
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.organisations.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.operations import Newcomer

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def outcome(run: ImportRun) -> dict[int, tuple[str, list[str]]]:
    """The verdict on each row, and its reasons."""
    return {
        row.number: (row.verdict, [finding.reason.value for finding in read(row.reasons)])
        for row in ImportRow.objects.filter(run=run).order_by("number")
    }


def one(*cells: object) -> bytes:
    """A table of one row."""
    return csv([HEADINGS, cells])


MESSY: Sequence[Sequence[object]] = (
    ("Zugänge Kirchenkreis Musterland", "", "", "", ""),
    (),
    HEADINGS,
    ("anna.beispiel@musterland.example.org", "  Anna   Beispiel ", "Kirchenkreis Musterland", "Person", "deutsch"),
    ("BUERO@Musterland.example.org", "Büro", "Kirchenkreis Musterland", "", ""),
    (),
    ("anna.beispiel@musterland.example.org", "Anna Beispiel", "Kita Probstadt", "", ""),
    ("bert@gmial.com", "Bert", "Kita Probstadt", "", "en"),
    ("keine Adresse", "Clara", "Kita Probstadt", "", ""),
    ("", "Dora", "Kita Probstadt", "", ""),
    ("emil@example.org", "", "Kita Probstadt", "", ""),
    ("frida@example.org", "Frida", "", "", ""),
    ("gerd@example.org", "G" * 151, "Kita Probstadt", "", ""),
    ("hanna@example.org", "Hanna", "Kita Probstadt", "Ehrenamt", "fr"),
    ("info@example.org", "MÃ¼ller", "Kita Probstadt", "Person", ""),
)
VERDICTS = {
    4: ("new", ["opened"]),
    5: ("warning", ["opened", "kind_guessed"]),
    7: ("error", ["address_repeated"]),
    8: ("warning", ["opened", "address_doubtful"]),
    9: ("error", ["address_malformed"]),
    10: ("error", ["address_missing"]),
    11: ("error", ["name_missing"]),
    12: ("error", ["organisation_missing"]),
    13: ("error", ["name_too_long"]),
    14: ("warning", ["opened", "kind_unknown", "language_unknown"]),
    15: ("warning", ["opened", "name_garbled"]),
}


@pytest.mark.parametrize("content", [csv(MESSY), csv(MESSY, encoding="cp1252", separator=","), xlsx(MESSY)])
def test_a_dry_run_says_what_would_become_of_each_row_and_changes_nothing(content: bytes) -> None:
    run = checked(content)
    assert outcome(run) == VERDICTS
    assert run.state == RunState.CHECKED
    assert run.checked == {"new": 1, "changed": 0, "unchanged": 0, "warning": 4, "error": 6}
    assert queries.new_organisations(run) == (["Kirchenkreis Musterland", "Kita Probstadt"], 2)
    assert not Account.objects.exists()
    assert not Organisation.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_the_import_does_what_the_dry_run_said(mail_server: MailServer) -> None:
    run = imported(csv(MESSY))
    assert outcome(run) == VERDICTS
    assert run.imported == run.checked
    by_address = {account.address: account for account in Account.objects.all()}
    assert {address: (each.name, each.kind, each.language, each.role) for address, each in by_address.items()} == {
        "anna.beispiel@musterland.example.org": ("Anna Beispiel", "personal", "de", "customer"),
        "buero@musterland.example.org": ("Büro", "institutional", "de", "customer"),
        "bert@gmial.com": ("Bert", "personal", "en", "customer"),
        "hanna@example.org": ("Hanna", "personal", "de", "customer"),
        "info@example.org": ("MÃ¼ller", "personal", "de", "customer"),
    }
    office = by_address["buero@musterland.example.org"]
    assert organisation_names_of(office) == ["Kirchenkreis Musterland"]
    assert not office.has_usable_password()
    deliver_due_mails(clock=lambda: NOW)
    assert enters(office.address, mail_server.mail_to(office.address).password) == office


def test_the_trail_names_the_run_and_who_started_it() -> None:
    clerk = issued(role=Role.DESK)
    run = imported(csv(people(2)), by=clerk)
    account = Account.objects.get(address="anna.beispiel1@musterland.example.org")
    assert events_of(account) == ["account.opened", "access.issued"]
    of_accounts = Entry.objects.filter(subject=account)
    assert {(entry.actor_id, entry.network_address) for entry in of_accounts} == {(clerk.pk, AT_HOME.network_address)}
    assert [entry.details for entry in of_accounts] == [{"import_run": run.pk}] * 2
    of_run = Entry.objects.filter(event__startswith="import.").order_by("pk")
    assert [entry.event for entry in of_run] == ["import.uploaded", "import.started", "import.finished"]
    assert {entry.details["import_run"] for entry in of_run} == {run.pk}


def test_importing_the_same_file_again_changes_nothing() -> None:
    imported(csv(MESSY))
    before = list(Account.objects.order_by("pk").values()), Membership.objects.count(), OutgoingMail.objects.count()
    entries = Entry.objects.exclude(event__startswith="import.").count()
    run = imported(csv(MESSY))
    assert run.imported == {"new": 0, "changed": 0, "unchanged": 5, "warning": 0, "error": 6}
    assert (
        list(Account.objects.order_by("pk").values()),
        Membership.objects.count(),
        OutgoingMail.objects.count(),
    ) == before
    assert Entry.objects.exclude(event__startswith="import.").count() == entries


def test_an_account_is_changed_where_the_row_says_otherwise() -> None:
    account = issued(name="Anna Muster", organisation="Kirchenkreis Musterland")
    run = imported(one(account.address, "Anna Beispiel", "Kita Probstadt", "Büro", "en"))
    assert outcome(run) == {2: ("changed", ["name_changed", "kind_changed", "language_changed", "organisation_added"])}
    account.refresh_from_db()
    assert (account.name, account.kind, account.language) == ("Anna Beispiel", Kind.INSTITUTIONAL, Language.ENGLISH)
    assert organisation_names_of(account) == ["Kirchenkreis Musterland", "Kita Probstadt"]
    assert events_of(account)[-1] == "account.changed"
    assert AccessLetter.objects.filter(account=account).count() == 1


def test_what_a_row_leaves_out_is_left_as_it_is() -> None:
    account = issued("buero@musterland.example.org", name="Büro", kind=Kind.PERSONAL, language=Language.ENGLISH)
    run = imported(one(account.address, "Büro", "KIRCHENKREIS musterland", "", ""))
    assert outcome(run) == {2: ("unchanged", [])}


def test_the_number_to_call_back_comes_with_the_table_and_is_not_lost_by_another() -> None:
    headings = (*HEADINGS, "Telefon")
    row = ("anna@example.org", "Anna", "Kita Probstadt", "Person", "de")
    run = imported(csv([headings, (*row, "0511 / 12 34-0"), ("bert@example.org", *row[1:], "siehe oben")]))
    assert outcome(run) == {2: ("new", ["opened"]), 3: ("warning", ["opened", "telephone_unknown"])}
    assert [each.telephone for each in Account.objects.order_by("pk")] == ["0511 / 12 34-0", ""]
    assert outcome(imported(csv([HEADINGS, row]))) == {2: ("unchanged", [])}
    run = imported(csv([headings, (*row, "0511 999")]))
    assert outcome(run) == {2: ("changed", ["telephone_changed"])}
    assert Account.objects.get(address="anna@example.org").telephone == "0511 999"


def test_the_language_its_owner_has_come_to_use_is_left_alone(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server)
    run = imported(one(account.address, "Neuer Name", "Kirchenkreis Musterland", "", "en"))
    account.refresh_from_db()
    assert outcome(run) == {2: ("changed", ["name_changed"])}
    assert (account.name, account.language) == ("Neuer Name", Language.GERMAN)


def test_staff_are_never_touched() -> None:
    clerk = issued(role=Role.DESK, name="HR-Service")
    run = imported(one(clerk.address, "Jemand", "Kita Probstadt", "", ""))
    clerk.refresh_from_db()
    assert outcome(run) == {2: ("error", ["staff"])}
    assert clerk.name == "HR-Service"


def test_who_is_suspended_stays_so() -> None:
    account = suspended(issued())
    run = imported(one(account.address, "Neuer Name", "Kirchenkreis Musterland", "", ""))
    account.refresh_from_db()
    assert outcome(run) == {2: ("warning", ["name_changed", "suspended"])}
    assert account.suspended_at == NOW


def test_verdicts_are_decided_again_while_importing() -> None:
    run = checked(csv(people(3)))
    issued("anna.beispiel1@musterland.example.org", name="Anna Beispiel 1")
    issued("anna.beispiel2@musterland.example.org", role=Role.DESK)
    claim = operations.start(run, letters=Letters.NOW, started_by=None, now=NOW, origin=AT_HOME, claimed=True)
    chunks.go_on(claim, clock=lambda: NOW)
    assert outcome(run) == {2: ("unchanged", []), 3: ("error", ["staff"]), 4: ("new", ["opened"])}


def test_a_row_that_cannot_be_imported_keeps_no_other_from_being(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = access.issue_access_to_many

    def refuse_one(newcomers: Sequence[Newcomer], **options: Any) -> list[Account]:
        if any("beispiel3@" in newcomer.address for newcomer in newcomers):
            raise IntegrityError
        return opened(newcomers, **options)

    monkeypatch.setattr(access, "issue_access_to_many", refuse_one)
    run = imported(csv(people(5)))
    assert outcome(run)[4] == ("error", ["fault"])
    assert run.imported == {"new": 4, "changed": 0, "unchanged": 0, "warning": 0, "error": 1}
    assert Account.objects.count() == 4


def test_names_in_two_columns_and_one_organisation_for_all() -> None:
    content = csv([("Mail", "Vorname", "Nachname"), ("anna@example.org", "Anna", "Beispiel")])
    with pytest.raises(operations.ColumnsMissing) as refused:
        checked(content)
    assert refused.value.missing == [Column.ORGANISATION]
    run = checked(content, organisation=" Kita  Probstadt ")
    row = ImportRow.objects.get(run=run)
    assert (row.name, row.organisation, row.verdict) == ("Anna Beispiel", "Kita Probstadt", Verdict.NEW)


def test_columns_chosen_otherwise_are_checked_anew() -> None:
    run = checked(csv([("Mail", "Name", "Träger", "Kita"), ("a@example.org", "Anna", "Träger e. V.", "Kita Sonne")]))
    chosen = {Column.ADDRESS: 0, Column.NAME: 1, Column.ORGANISATION: 3}
    chunks.go_on(operations.check(run, chosen=chosen, now=NOW, claimed=True), clock=lambda: NOW)
    assert [row.organisation for row in ImportRow.objects.filter(run=run)] == ["Kita Sonne"]


@pytest.mark.parametrize("content", [b"", b"E-Mail;Name;Einrichtung\n\n;;\n", b"%PDF-"])
def test_what_is_no_table_leaves_nothing_behind(content: bytes) -> None:
    with pytest.raises(TableRefused):
        uploaded(content)
    assert not ImportRun.objects.exists()


# Letters


def test_letters_may_wait_for_a_day(mail_server: MailServer) -> None:
    imported(csv(people(2)), letters=Letters.ON_A_DATE, on=date(2027, 1, 4))
    eight = datetime(2027, 1, 4, 7, tzinfo=UTC)
    assert deliver_due_mails(clock=lambda: eight - SECOND) == 0
    assert deliver_due_mails(clock=lambda: eight) == 2
    # A mail server that is away on that day is tried for as long as on any other.
    assert {mail.queued_at for mail in OutgoingMail.objects.all()} == {eight}


def test_letters_cannot_go_out_on_a_day_gone_by() -> None:
    run = checked(csv(people(1)))
    for day in (None, date(2026, 11, 22), date(2026, 11, 23)):
        with pytest.raises(operations.DayGone):
            operations.start(run, letters=Letters.ON_A_DATE, on=day, started_by=None, now=NOW, origin=AT_HOME)
    run.refresh_from_db()
    assert run.state == RunState.CHECKED


def test_without_letters_accounts_are_opened_and_nobody_is_written_to() -> None:
    imported(csv(people(2)), letters=Letters.NEVER)
    assert Account.objects.count() == 2
    assert not AccessLetter.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert events_of(Account.objects.all()[0]) == ["account.opened"]


def test_single_mails_overtake_those_of_an_import(mail_server: MailServer) -> None:
    imported(csv(people(3)))
    later = issued(now=NOW + SECOND)
    deliver_due_mails(clock=lambda: NOW + SECOND)
    assert mail_server.received[0].recipient == later.address


# Runs


def test_many_organisations_of_one_name_in_any_case_are_one() -> None:
    rows = [
        (new_address(), "Anna", name, "", "")
        for name in ("Kita STRASSE", "kita strasse", "KITA ÄPFEL", "Kita Äpfel", "Große Kita", "GROẞE KITA")
    ]
    content = csv([HEADINGS, *rows])
    _, promised = queries.new_organisations(checked(content))
    imported(content)
    assert promised == Organisation.objects.count() == 3
