"""A backup, and the portal restored from it; and whatever may come in between."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest

from factories.databases import new_database
from factories.environments import plain_environment
from factories.stock import ready_database
from kundenportal.config.backups import places
from kundenportal.config.postgres import EmbeddedPostgres

from .houses import BACKED_UP
from .processes import Portal, eventually

if TYPE_CHECKING:
    from pathlib import Path

    from .houses import House

UNFINISHED = "A restore is under way or was interrupted; finish it with: kundenportal restore"
# A folder on NFS, whose server lets only those lock a file alone who may write in it.
ON_NFS = """
import errno, fcntl, os, sys
from kundenportal.config import cli

lock = fcntl.flock

def lock_who_may_write(file, kind):
    if fcntl.fcntl(file, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    lock(file, kind)

fcntl.flock = lock_who_may_write
sys.exit(cli.main(sys.argv[1:]))
"""


def test_a_new_machine_needs_the_file_and_the_key_and_nothing_else(house: House, elsewhere: House) -> None:
    file = house.backup()

    assert (file.parent, file.stat().st_mode & 0o777) == (house.directory / "backups", 0o600)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert "--key-file" in elsewhere.refuses("restore", file)
    assert "The portal is what it was on" in elsewhere.does(
        "restore", file, "--key-file", house.directory / "backup-key"
    )
    assert elsewhere.notes() == ["kept"]
    for name in ("secret-key", "uploads/2026/logo.svg"):
        assert (elsewhere.directory / name).read_bytes() == (house.directory / name).read_bytes()
    assert not (elsewhere.directory / "captured-mail").exists()


def test_the_key_a_portal_was_restored_with_opens_its_backups_from_then_on(house: House, elsewhere: House) -> None:
    copy, kept = house.directory / "backup-key", elsewhere.directory / "backup-key"
    file = house.backup()

    said = elsewhere.does("restore", file, "--key-file", copy)

    assert f"The key it was opened with is kept in {kept}: backups here are made with it." in said
    assert (kept.read_bytes(), kept.stat().st_mode & 0o777) == (copy.read_bytes(), 0o600)
    assert kept.stat().st_uid == (elsewhere.directory / "secret-key").stat().st_uid
    assert "is whole" in house.does("backup", "--verify", elsewhere.backup())
    assert "is kept in" not in elsewhere.does("restore", file, "--key-file", copy, "--replace")


def test_a_passphrase_is_enough(house: House, elsewhere: House, tmp_path: Path) -> None:
    house.settings["BACKUP_PASSPHRASE"] = "a passphrase for tests"
    file = house.backup(tmp_path)

    assert "KUNDENPORTAL_BACKUP_PASSPHRASE" in elsewhere.refuses("restore", file)
    elsewhere.settings["BACKUP_PASSPHRASE"] = "another passphrase"
    assert "is not the passphrase" in elsewhere.refuses("restore", file)
    elsewhere.settings["BACKUP_PASSPHRASE"] = "a passphrase for tests"
    elsewhere.does("restore", file)
    assert elsewhere.notes() == ["kept"]
    assert not (house.directory / "backup-key").exists()


def test_the_secret_key_of_the_backup_is_not_silently_another(house: House, file: Path, elsewhere: House) -> None:
    elsewhere.settings["SECRET_KEY"] = "another key than the one in the backup"

    assert "another KUNDENPORTAL_SECRET_KEY" in elsewhere.refuses(
        "restore", file, "--key-file", house.directory / "backup-key"
    )
    del elsewhere.settings["SECRET_KEY"]
    elsewhere.does("restore", file, "--key-file", house.directory / "backup-key")


def test_a_portal_is_replaced_only_on_request_and_after_a_backup_of_it(house: House, file: Path) -> None:
    house.note("written since")
    (house.directory / "uploads/2026/since.svg").write_text("uploaded since")

    assert "With --replace it is replaced, after a backup" in house.refuses("restore", file)
    said = house.does("restore", file, "--replace")

    assert house.notes() == ["kept"]
    assert not (house.directory / "uploads/2026/since.svg").exists()
    (before,) = (house.directory / "backups").glob("kundenportal-before-restore-*")
    assert f"{BACKED_UP}{before}." in said
    house.does("restore", before, "--replace")
    assert house.notes() == ["kept", "written since"]
    assert (house.directory / "uploads/2026/since.svg").read_text() == "uploaded since"
    assert not list(house.directory.glob("restore-*"))


def test_a_replacement_that_fails_has_named_the_backup_of_what_is_there(house: House, file: Path) -> None:
    house.note("written since")
    house.settings["SECRET_KEY"] = "another key than the one in the backup"

    assert "another KUNDENPORTAL_SECRET_KEY" in house.refuses("restore", file, "--replace")

    (before,) = (house.directory / "backups").glob("kundenportal-before-restore-*")
    assert house.backed_up == str(before)
    assert house.notes() == ["kept", "written since"]


def test_a_portal_whose_database_was_put_aside_is_what_it_was(house: House, file: Path) -> None:
    house.note("written since")
    (house.directory / "postgres").rename(house.directory / "postgres-damaged")

    house.does("restore", file, "--replace")

    assert house.notes() == ["kept"]
    assert (house.directory / "postgres-damaged").is_dir()


def test_two_backups_of_the_same_second_lie_beside_each_other(tmp_path: Path) -> None:
    now = datetime(2026, 11, 30, 16, 43, 6, tzinfo=UTC)
    names = []
    for _ in range(3):
        path = places.beside_others(tmp_path, places.BEFORE_UPGRADE, now=now)
        path.touch()
        names.append(path.name.removeprefix("kundenportal-before-upgrade"))
    assert names == ["-20261130T164306Z.backup", "-20261130T164306Z-2.backup", "-20261130T164306Z-3.backup"]


def test_uploads_alone_are_not_overwritten_either(house: House, file: Path, elsewhere: House) -> None:
    (elsewhere.directory / "uploads").mkdir(parents=True)
    (elsewhere.directory / "uploads/logo.svg").touch()
    elsewhere.directory.chmod(0o711)

    assert "--replace" in elsewhere.refuses("restore", file, "--key-file", house.directory / "backup-key")


def test_a_damaged_file_is_noticed_before_anything_changes(house: House, file: Path, tmp_path: Path) -> None:
    house.note("written since")
    cut = tmp_path / "cut.backup"
    cut.write_bytes(file.read_bytes()[:-1])

    assert house.refuses("backup", "--verify", cut).startswith(f"{cut} is damaged or was not copied to its end")
    assert house.refuses("restore", cut, "--replace").startswith(f"{cut} is damaged or was not copied to its end")
    assert house.notes() == ["kept", "written since"]
    assert "is whole: made on" in house.does("backup", "--verify", file)
    assert not list(file.parent.glob("*before-restore*"))


def test_a_backup_of_a_newer_portal_is_refused_by_name(house: House, elsewhere: House) -> None:
    house.does("migrate")
    with EmbeddedPostgres(house.directory) as server, psycopg.connect(server.url) as connection:
        connection.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('mail', '9999_later', now())")

    sentence = elsewhere.refuses("restore", house.backup(), "--key-file", house.directory / "backup-key")

    assert "holds tables of a newer Kundenportal" in sentence


def test_a_file_is_not_overwritten(house: House, tmp_path: Path) -> None:
    file = tmp_path / "mine.backup"
    file.write_text("something else")

    assert "exists already" in house.refuses("backup", file)
    assert "There is no file" in house.refuses("restore", tmp_path / "none.backup")
    assert file.read_text() == "something else"


def test_where_there_is_no_portal_there_is_nothing_to_back_up(elsewhere: House) -> None:
    assert elsewhere.refuses("backup").startswith(f"There is no portal in {elsewhere.directory}; is KUNDENPORTAL_DATA_")


def on_a_full_disk(house: House, folder: Path, *words: str | Path) -> tuple[str, str]:
    """What a command says for which a folder is too small, and what is left there; skips for who may not mount."""
    folder.mkdir(exist_ok=True)
    mount = ["unshare", "--mount", "mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this user may not mount a small disk")
    script = 'mount -t tmpfs -o size=4k tmpfs "$0" && "$@"; code=$?; ls -A "$0"; exit $code'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, folder, sys.executable, *house.program, *words],
        env=plain_environment(**house.settings),
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    return done.stderr, done.stdout


def test_a_full_disk_leaves_nothing(house: House) -> None:
    small = house.directory.with_name("small")

    assert on_a_full_disk(house, small, "backup", small) == (
        f"kundenportal: There is no room left in {small} for the backup; none is made.\n",
        "",
    )


def test_a_restore_for_which_there_is_no_room_leaves_nothing_either(house: House, file: Path) -> None:
    house.note("written since")

    lack = f"There is no room left in {house.directory} or where its uploads lie; the backup is not restored."
    small = house.directory / "uploads"
    complained, said = on_a_full_disk(house, small, "restore", file, "--replace")

    assert complained == f"kundenportal: {lack}\n"
    assert said.startswith(BACKED_UP)
    assert not list(house.directory.glob("restore-*"))
    assert house.notes() == ["kept", "written since"]


def test_a_restore_that_the_database_does_not_take_leaves_nothing_either(house: House, file: Path) -> None:
    with EmbeddedPostgres(house.directory) as server, psycopg.connect(server.url) as connection:
        connection.execute("ALTER ROLE CURRENT_USER SET default_transaction_read_only = on")

    assert "The database did not take the backup" in house.refuses("restore", file, "--replace")

    assert not list(house.directory.rglob("restore-*"))
    assert house.notes() == ["kept"]


def test_a_backup_that_is_killed_leaves_nothing_half(house: House) -> None:
    directory = house.directory / "backups"
    with EmbeddedPostgres(house.directory) as server, psycopg.connect(server.url) as connection:
        address = server.url
        # As long as this lasts, the dump waits.
        connection.execute("LOCK TABLE note IN ACCESS EXCLUSIVE MODE")
        house.settings["DATABASE_URL"] = address
        backup = house.start("backup")
        eventually(lambda: list(directory.glob("*.draft")))
        backup.kill()
        backup.wait()
        assert not list(directory.glob("*.backup"))
        connection.rollback()

        file = house.backup()

    assert [path.name for path in directory.iterdir()] == [file.name]


def test_what_a_killed_backup_has_left_in_a_folder_on_another_machine_is_removed_by_the_next(house: House) -> None:
    directory = house.directory / "backups"
    directory.mkdir()
    (directory / "kundenportal-daily-20260101T024100Z.backup.draft").write_bytes(b"half")
    house.program = ["-c", ON_NFS]

    file = house.backup()

    assert list(directory.iterdir()) == [file]


@pytest.mark.parametrize("step", [pytest.param("restoring._mark", marks=pytest.mark.thorough), "dumps.Loading.commit"])
def test_a_restore_killed_before_its_commit_has_changed_nothing(house: House, file: Path, step: str) -> None:
    house.note("written since")

    house.dies(step, "restore", file, "--replace")

    assert house.notes() == ["kept", "written since"]
    house.does("restore", file, "--replace")
    assert house.notes() == ["kept"]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("dumps.Loading.commit", marks=pytest.mark.thorough),
        "restoring._put_into_place",
        pytest.param("after_restore.settle", marks=pytest.mark.thorough),
    ],
)
def test_a_restore_killed_later_says_so_until_it_is_finished(house: House, file: Path, step: str) -> None:
    (house.directory / "uploads/2026/logo.svg").write_text("drawn since")
    house.dies(step, "restore", file, "--replace")

    for words in (["serve"], ["accounts"], ["backup"], ["manage", "check"]):
        assert house.refuses(*words) == f"{UNFINISHED} {file}"
    house.does("restore", file)
    assert (house.directory / "uploads/2026/logo.svg").read_bytes() == b"<svg/>" * 1000
    assert house.notes() == ["kept"]


def test_a_portal_that_runs_is_backed_up_but_not_replaced(house: House) -> None:
    portal = Portal(house.directory)
    try:
        assert portal.answers()
        file = house.backup()
        assert "stop it everywhere" in house.refuses("restore", file, "--replace")
        assert portal.answers()
    finally:
        portal.end(signal.SIGTERM)
        portal.clean_up()


def test_a_database_that_its_server_brought_back_is_settled_once_nothing_runs_on_it(house: House) -> None:
    def sessions() -> int:
        with psycopg.connect(database.url) as connection:
            ((number,),) = connection.execute("SELECT count(*) FROM accounts_session").fetchall()
        return int(number)

    def complaint(moment: str) -> str:
        done = house._command("after-restore", moment)  # noqa: SLF001 - it says what a job says
        assert done.returncode == 1
        assert sessions() == 1
        return done.stderr

    with new_database("brought_back", like=ready_database()) as database:
        house.settings["DATABASE_URL"] = database.url
        with psycopg.connect(database.url) as connection:
            connection.execute("INSERT INTO accounts_session VALUES ('s', '', now() + interval '1 day', NULL)")
            connection.commit()
            assert "stop the portal everywhere" in complaint("2026-11-28T02:41")
        house.does("manage", "migrate", "support", "0002")  # as of before a newer version
        assert "run `kundenportal migrate` first" in complaint("2026-11-28T02:41")
        house.does("migrate")

        assert "everybody has to sign in anew" in house.does("after-restore", "2026-11-28 02:41:17")

        assert sessions() == 0


def test_a_database_of_the_operators_own_goes_the_same_way(house: House, tmp_path: Path) -> None:
    with new_database("backed_up", like=ready_database()) as one, new_database("restored") as other:
        house.settings["DATABASE_URL"] = one.url
        with psycopg.connect(one.url) as connection:
            connection.execute("CREATE TABLE note AS SELECT 'in a database of its own' AS text")
            connection.execute("CREATE SCHEMA somebodys")
            connection.execute("CREATE TABLE somebodys.others AS SELECT 'not ours' AS text")
            connection.execute('CREATE VIEW somebodys."Report" AS SELECT count(*) FROM accounts_account')
        file = house.backup(tmp_path)
        assert 'would go with them: somebodys."Report". ' in house.refuses("restore", file, "--replace")
        with psycopg.connect(one.url) as connection:
            assert connection.execute('SELECT * FROM somebodys."Report"').fetchall() == [(0,)]
            connection.execute('DROP VIEW somebodys."Report"')
        house.does("restore", file, "--replace")
        with psycopg.connect(one.url) as connection:
            assert connection.execute("SELECT text FROM somebodys.others").fetchall() == [("not ours",)]

        house.settings["DATABASE_URL"] = other.url
        assert "--replace" in house.refuses("restore", file)  # for the sake of the uploads
        house.does("restore", file, "--replace")

        with psycopg.connect(other.url) as connection:
            assert connection.execute("SELECT text FROM note").fetchall() == [("in a database of its own",)]
            assert connection.execute("SELECT FROM pg_namespace WHERE nspname = 'somebodys'").fetchone() is None


def test_whoever_makes_backups_elsewhere_is_not_left_with_copies_of_copies(house: House) -> None:
    house.settings["BACKUP_DIR"] = house.directory / "safe/here"
    first = house.backup()
    size = first.stat().st_size

    assert house.backup(house.directory / "safe/here/second.backup").stat().st_size < size * 1.5


def test_uploads_that_lie_elsewhere_are_named(house: House, elsewhere: House) -> None:
    address = "s3://key:secret@127.0.0.1:1/bucket?tls=no"
    house.settings["UPLOADS_URL"] = elsewhere.settings["UPLOADS_URL"] = address
    said = house.does("backup")

    assert "What editors uploaded lies in http://127.0.0.1:1/bucket and is not in it" in said
    said = elsewhere.does(
        "restore", *house.directory.glob("backups/*.backup"), "--key-file", house.directory / "backup-key"
    )
    assert "lies in http://127.0.0.1:1/bucket and is as it was" in said


def test_marks_that_newer_servers_keep_for_themselves_are_no_obstacle(house: House) -> None:
    def mark() -> None:
        with EmbeddedPostgres(house.directory) as server:
            superuser = psycopg.connect(server.url, user="postgres", autocommit=True)
            with superuser:
                superuser.execute(
                    "UPDATE pg_attribute SET attoptions = '{pg_attver=27817072}'"
                    " WHERE attrelid IN ('note'::regclass, 'accounts_account'::regclass) AND attnum > 0"
                )

    mark()
    file = house.backup()
    house.note("written since")
    house.does("restore", file, "--replace")

    assert house.notes() == ["kept"]
