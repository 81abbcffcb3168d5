"""A database that is reached by TLS only: served from, backed up, restored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from factories.certificates import CERTIFICATE, make_certificate
from factories.encrypted_postgres import encrypted_postgres, installed_programs
from kundenportal.config.addresses import database_address_in
from kundenportal.config.backups import dumps
from kundenportal.config.backups.failures import BackupTrouble

from .loaded import command
from .processes import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from factories.encrypted_postgres import EncryptedPostgres

ENCRYPTED = "postgresql://portal:password@database.example.org/portal?sslmode="
PERSON = ("--name", "Anna", "--organisation", "Kita Musterstadt")


@pytest.fixture(scope="module")
def server() -> Iterator[EncryptedPostgres]:
    """The operator's own PostgreSQL."""
    programs = installed_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL of the distribution's on this machine")
    with encrypted_postgres(programs, port=free_port()) as running:
        yield running


@pytest.mark.parametrize("sslmode", ["require", "verify-ca", "verify-full"])
def test_what_has_no_tls_is_not_sent_to_a_database_that_wants_it(data_dir: Path, sslmode: str) -> None:
    data_dir.mkdir()
    done = command("backup", DATA_DIR=data_dir, DATABASE_URL=f"{ENCRYPTED}{sslmode}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "name their folder in KUNDENPORTAL_POSTGRES_PROGRAMS" in done.stderr


@pytest.mark.thorough
def test_what_is_dumped_by_the_servers_own_programs_is_restored_by_them(
    server: EncryptedPostgres, data_dir: Path, tmp_path: Path
) -> None:
    house: dict[str, str | Path] = {
        "DATA_DIR": data_dir,
        "DATABASE_URL": server.url("portal"),
        "POSTGRES_PROGRAMS": server.programs,
    }
    trial = house | {"DATA_DIR": tmp_path / "trial", "DATABASE_URL": server.url("trial")}

    def does(*words: str | Path, **settings: str | Path) -> str:
        done = command(*map(str, words), **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    does("migrate", **house)
    does("issue-access", "anna@example.org", *PERSON, **house)
    does("backup", tmp_path / "a.backup", **house)
    assert "is whole" in does("backup", "--verify", tmp_path / "a.backup", **house)
    does("restore", tmp_path / "a.backup", "--key-file", data_dir / "backup-key", **trial)
    assert "anna@example.org" in does("accounts", **trial)
    does("restore", tmp_path / "a.backup", "--replace", **house)
    assert "anna@example.org" in does("accounts", **house)


@pytest.mark.thorough
def test_a_certificate_nobody_vouches_for_is_refused(server: EncryptedPostgres, data_dir: Path, tmp_path: Path) -> None:
    make_certificate(tmp_path)
    address = server.url("portal", certificate=tmp_path / CERTIFICATE)
    done = command("migrate", DATA_DIR=data_dir, DATABASE_URL=address)
    assert done.returncode == 1
    assert "certificate verify failed" in done.stderr
    assert server.password not in done.stderr


@pytest.mark.thorough
def test_the_doctor_tells_of_programs_that_will_not_do(server: EncryptedPostgres, data_dir: Path) -> None:
    house: dict[str, str | Path] = {"DATA_DIR": data_dir, "DATABASE_URL": server.url("portal")}
    assert command("migrate", **house).returncode == 0

    def said(**settings: str | Path) -> str:
        lines = command("doctor", **house, **settings).stdout.splitlines()
        return next(line for line in lines if "can make" in line or "can make them" in line)

    assert said().startswith("warning")
    assert said(DAILY_BACKUPS="7").startswith("problem")
    assert "there is no pg_dump" in said(POSTGRES_PROGRAMS="/usr/share")
    assert said(POSTGRES_PROGRAMS=server.programs).startswith("ok")


def test_programs_older_than_the_server_are_refused(tmp_path: Path) -> None:
    for name in ("pg_dump", "pg_restore", "psql"):
        (tmp_path / name).write_text('#!/bin/sh\necho "$(basename "$0") (PostgreSQL) 13.2 (Debian 13.2-1)"\n')
        (tmp_path / name).chmod(0o755)
    address = database_address_in(os.environ["KUNDENPORTAL_DATABASE_URL"])
    with pytest.raises(BackupTrouble, match=r"know none newer than 13; install PostgreSQL's own"):
        dumps.standing_of(address, programs=tmp_path)
    (tmp_path / "pg_dump").write_text("#!/no/such/shell\n")
    with pytest.raises(BackupTrouble, match=rf"{tmp_path}/pg_dump cannot be run: No such file or directory\."):
        dumps.standing_of(address, programs=tmp_path)
    (tmp_path / "psql").unlink()
    with pytest.raises(BackupTrouble, match=rf"names {tmp_path}, where there is no psql\."):
        dumps.standing_of(address, programs=tmp_path)
