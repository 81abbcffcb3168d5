"""A database that is reached by TLS only: served from, backed up, restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories.encrypted_postgres import encrypted_postgres, installed_programs

from .processes import command, free_port

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
def test_a_certificate_nobody_vouches_for_is_refused(server: EncryptedPostgres, data_dir: Path) -> None:
    address = server.url("portal").partition("&sslrootcert")[0]
    done = command("migrate", DATA_DIR=data_dir, DATABASE_URL=address)
    assert done.returncode == 1
    assert "certificate" in done.stderr
    assert server.password not in done.stderr
