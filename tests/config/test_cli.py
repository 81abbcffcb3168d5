"""The command line: what it offers, and how it refuses."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from kundenportal.config import cli, commands

from .processes import command, free_port

if TYPE_CHECKING:
    from pathlib import Path

PAGES_COUNTED = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT FROM pg_stats WHERE tablename = 'wagtailcore_page'")
    print(cursor.rowcount > 0)
"""
COMMANDS = ("serve", "web", "worker", "demo", "issue-access", "accounts", "doctor", "migrate", "manage")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--help"])

    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n    {name} " not in shown and f"\n    {name}\n" not in shown] == []


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "manage"])
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([name, "--help"])

    assert end.value.code == 0
    usage, described, *_ = capsys.readouterr().out.split("\n\n")
    assert f"kundenportal {name}" in usage
    assert not described.startswith("options:")


def test_it_says_which_version_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])

    assert (end.value.code, capsys.readouterr().out) == (0, f"Kundenportal {version('kundenportal')}\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["maintenance", "cancel", "x"], "'x' is no number; `kundenportal maintenance list` lists them"),
        (["doctor", "--nameserver", "x"], "'x' has no port between 1 and 65535 after a colon; it looks like 9.9.9.9"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused_in_plain_words(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(words)

    assert end.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["dance"], ["serve", "--dance"], ["accounts", "extra"], ["web", "extra"]])
def test_wrong_usage_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(words)

    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: kundenportal")


@pytest.mark.parametrize("name", ["serve", "web", "worker", "demo", "accounts", "manage"])
def test_a_wrong_setting_ends_with_2_and_one_sentence(data_dir: Path, name: str) -> None:
    refused = command(name, DATA_DIR=data_dir, LANGUAGE="fr")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "kundenportal: KUNDENPORTAL_LANGUAGE is “fr”; a right value is de or en.\n"
    assert not data_dir.exists()


@pytest.mark.parametrize("name", ["serve", "web", "worker", "demo", "accounts", "manage"])
def test_a_data_directory_that_cannot_be_had_ends_with_2_and_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    refused = command(name, DATA_DIR=tmp_path / "file")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("kundenportal: KUNDENPORTAL_DATA_DIR names ")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["serve"], ["worker"], ["accounts"], ["manage", "migrate"]])
def test_a_database_out_of_reach_ends_with_1_and_one_sentence(tmp_path: Path, words: list[str]) -> None:
    bind = f"127.0.0.1:{free_port()}"
    url = f"postgresql://portal:s3cret@127.0.0.1:{free_port()}/portal"

    refused = command(*words, DATA_DIR=tmp_path, BIND=bind, DATABASE_URL=url)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert "s3cret" not in refused.stderr
    assert refused.stderr.startswith("kundenportal: The database cannot be used: ")


def test_a_new_database_is_brought_up_to_date_by_the_first_command(ready_data_dir: Path) -> None:
    # The first command of all was `accounts`, see factories.stock.
    unapplied = command("manage", "migrate", "--check", DATA_DIR=ready_data_dir)
    counted = command("manage", "shell", "--no-imports", "--command", PAGES_COUNTED, DATA_DIR=ready_data_dir)

    assert unapplied.returncode == 0
    assert counted.stdout == "True\n"


def test_djangos_own_commands_are_passed_on_with_their_exit_codes(data_dir: Path) -> None:
    assert command("manage", "migrate", "--check", DATA_DIR=data_dir).returncode == 1
    assert "Type 'kundenportal manage help <subcommand>'" in command("manage", DATA_DIR=data_dir).stdout


@pytest.mark.parametrize("words", [("changepassword", "buero@example.org"), ("createsuperuser", "--noinput")])
def test_djangos_commands_that_choose_a_password_are_refused(data_dir: Path, words: tuple[str, ...]) -> None:
    refused = command("manage", *words, DATA_DIR=data_dir)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"kundenportal: Nobody chooses a password for somebody else, so there is no {words[0]} here; "
        "`kundenportal issue-access` opens an account, and its owner chooses the password.\n"
    )


def test_whoever_reads_only_the_beginning_is_not_troubled(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    def write(*_: object) -> int:
        os.write(writing, b"a list of accounts")
        return 0

    with os.fdopen(writing, "w") as output:
        monkeypatch.setattr(commands, "run_manage", write)
        monkeypatch.setattr(cli, "_usable_environment", lambda: None)
        monkeypatch.setattr("sys.stdout", output)
        assert cli.main(["manage"]) == 0


def test_ctrl_c_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "run_manage", interrupt)
    monkeypatch.setattr(cli, "_usable_environment", lambda: None)

    assert cli.main(["manage", "shell"]) == 130
    assert capsys.readouterr() == ("", "")
