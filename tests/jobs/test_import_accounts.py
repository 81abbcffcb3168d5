"""kundenportal import, as a person and as a program calls it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import pytest

from factories.accounts import NOW, issued
from factories.tables import HEADINGS, csv, people, rows_of, xlsx
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.imports import chunks
from kundenportal.domain.imports.models import ImportRun
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.jobs import import_accounts

if TYPE_CHECKING:
    from pathlib import Path

    from time_machine import TimeMachineFixture

pytestmark = pytest.mark.django_db


def call(*words: object) -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(prog="kundenportal import")
    import_accounts.configure(parser)
    return import_accounts.run(parser.parse_args([str(word) for word in words]), now=NOW)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table of three people."""
    path = tmp_path / "zugaenge.csv"
    path.write_bytes(csv(people(3)))
    return path


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A table of which one row cannot be imported."""
    path = tmp_path / "zugaenge.xlsx"
    path.write_bytes(xlsx([*people(1), ("nonsense", "Bert", "Kita Probstadt", "", "")]))
    return path


def test_it_imports_and_counts(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(file) == 0
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    assert lines[0] == ["Import", str(ImportRun.objects.get().pk) + ":", "zugaenge.csv,", "3", "rows"]
    assert lines[1:] == [["new", "3"], ["changed", "0"], ["unchanged", "0"], ["please", "check", "0"], ["error", "0"]]
    assert "imported 3 of 3 rows" in said.err
    assert (Account.objects.count(), OutgoingMail.objects.count()) == (3, 3)


def test_the_trail_says_that_it_was_done_at_the_command_line(file: Path) -> None:
    assert call(file) == 0
    assert {entry.event for entry in Entry.objects.all()} >= {"import.started", "account.opened", "import.finished"}
    assert all(entry.details.get("at_command_line") for entry in Entry.objects.all())


def test_a_dry_run_changes_nothing_and_leaves_nothing_to_be_started(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(file, "--dry-run") == 0
    assert "nothing is imported" in capsys.readouterr().out
    assert not Account.objects.exists()
    assert not OutgoingMail.objects.exists()
    assert ImportRun.objects.get().state == "cancelled"


def test_rows_in_error_are_listed_and_make_the_exit_code_1(
    faulty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = tmp_path / "result.xlsx"
    assert call(faulty, "--result", result) == 1
    assert "row 3: nonsense: This is not an e-mail address." in capsys.readouterr().out
    assert Account.objects.count() == 1
    assert [row[-2:] for row in rows_of(result.read_bytes())] == [
        ["Ergebnis", "Begründung"],
        ["neu", "Neuer Zugang."],
        ["Fehler", "Das ist keine E-Mail-Adresse."],
    ]


def test_a_result_that_could_not_be_written_is_refused_before_anything_is_imported(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for result in (tmp_path, tmp_path / "nowhere/result.csv"):
        assert call(file, "--result", result) == 1
        sentence = f"{result}: The result cannot be written there; nothing is imported.\n"
        assert capsys.readouterr().err == sentence
    assert not Account.objects.exists()


def test_a_program_reads_one_json_object(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(faulty, "--json", "--dry-run") == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "import": ImportRun.objects.get().pk,
        "dry_run": True,
        "rows": 2,
        "counts": {"new": 1, "changed": 0, "unchanged": 0, "warning": 0, "error": 1},
        "errors": [{"row": 3, "address": "nonsense", "reasons": ["address_malformed"]}],
    }


@pytest.mark.parametrize(("letters", "queued"), [("now", 3), ("never", 0), ("2027-01-04", 3)])
def test_letters_go_out_when_it_is_said(
    file: Path, letters: str, queued: int, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW)
    assert call(file, "--letters", letters) == 0
    assert OutgoingMail.objects.count() == queued
    if letters.startswith("2027"):
        assert {f"{mail.next_attempt_at:%Y-%m-%d %H}" for mail in OutgoingMail.objects.all()} == {"2027-01-04 07"}


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        (b"", (), "The file is empty."),
        (b"%PDF", (), "This is no table. Please save it as an Excel workbook (.xlsx) or as CSV."),
        (csv([("Mail", "Telefon"), ("a@example.org", "1")]), (),
         "No column is recognised as: Name, Organisation. Rename its heading, or import on the desk's page."),
        (csv(people(1)), ("--letters", "2026-11-22"), "The letters cannot go out on a day that has gone by."),
        (csv(people(1)), ("--organisation", "o" * 201), "The organisation's name is too long."),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, words: tuple[str, ...], sentence: str
) -> None:
    path = tmp_path / "zugaenge.csv"
    path.write_bytes(content)
    assert call(path, *words) == 1
    assert capsys.readouterr() == ("", f"{sentence}\n")
    assert call(path, *words, "--json") == 1
    assert json.loads(capsys.readouterr().out) == {"refused": sentence}
    assert not Account.objects.exists()
    assert not ImportRun.objects.exclude(state="cancelled").exists()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(tmp_path / "none.csv") == 1
    assert capsys.readouterr().err.endswith("none.csv: No such file or directory.\n")


def test_one_organisation_for_all(tmp_path: Path) -> None:
    path = tmp_path / "zugaenge.csv"
    path.write_bytes(csv([("Mail", "Name"), ("a@example.org", "Anna")]))
    assert call(path, "--organisation", "Kita Probstadt") == 0
    assert Account.objects.get().organisations.get().name == "Kita Probstadt"


def test_whoever_interrupts_it_ends_the_import(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(chunks, "_import", interrupt)
    with pytest.raises(KeyboardInterrupt):
        call(file)
    assert ImportRun.objects.get().state == "cancelled"


def test_staff_are_refused_row_by_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clerk = issued(role=Role.DESK)
    path = tmp_path / "zugaenge.csv"
    path.write_bytes(csv([HEADINGS, (clerk.address, "X", "Y", "", "")]))
    assert call(path) == 1
    assert "belongs to a member of staff" in capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("--letters", "soon"), ("--letters", "2026-13-01")])
def test_wrong_usage_is_exit_code_2(file: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        call(*(file, *words) if words else ())
    assert exit_.value.code == 2
    assert "usage:" in capsys.readouterr().err
