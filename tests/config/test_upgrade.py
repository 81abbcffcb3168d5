"""kundenportal upgrade: from an older PostgreSQL and older tables to ours, and nothing is lost on the way."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from factories.databases import new_database
from factories.environments import plain_environment
from kundenportal.config.backups import making
from kundenportal.config.backups.sealing import Keys, opened
from kundenportal.config.postgres import EmbeddedPostgres, client_programs, places
from kundenportal.config.postgres.predecessors import processes_in
from kundenportal.config.postgres.programs import INSTALLATIONS, MAJOR
from kundenportal.config.upgrade.comparing import content_of

from . import outdated
from .loaded import command
from .processes import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kundenportal.config.upgrade.comparing import Content

NEEDS_AN_UPGRADE = f"made by PostgreSQL {outdated.MAJOR}, and this Kundenportal works with {MAJOR}: run `kundenportal"
REVERSIBLE = ("audit", "0004_former_addresses")
DYING = """
import os, signal, sys
from kundenportal.config import cli, commands
from kundenportal.config.backups import making
from kundenportal.config.upgrade import commands as upgrade, moving

left = {nth}
whole = {step}

def dying(*given, **named):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*given, **named)

{step} = dying
sys.exit(cli.main(["upgrade"]))
"""
# The copy has lost a note by the time it is compared.
LOSING = """
import sys
import psycopg
from kundenportal.config import cli
from kundenportal.config.upgrade import moving

class Loading(moving.Loading):
    def __init__(self, address, **named):
        self.into = address
        super().__init__(address, **named)

    def commit(self):
        super().commit()
        with psycopg.connect(self.into.url) as connection:
            connection.execute("DELETE FROM note")

moving.Loading = Loading
sys.exit(cli.main(sys.argv[1:]))
"""


class House:
    """A data directory, and what its commands say."""

    def __init__(self, directory: Path, **settings: str | Path) -> None:
        self.directory = directory
        self.settings: dict[str, str | Path] = {"DATA_DIR": directory, **settings}

    def does(self, *words: str | Path) -> str:
        done = command(*map(str, words), **self.settings)
        assert not done.stderr, done.stderr  # first, for it says why
        assert done.returncode == 0
        return done.stdout

    def refuses(self, *words: str | Path) -> str:
        done = command(*map(str, words), **self.settings)
        assert done.returncode == 1, done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    def examined(self) -> str:
        """What the doctor says, who finds more to say about a portal that is not served."""
        return command("doctor", **self.settings).stdout

    def dies(self, before: str, nth: int) -> None:
        """An upgrade is killed as it comes to this step for the n-th time."""
        words = [sys.executable, "-c", DYING.format(step=before, nth=nth)]
        done = subprocess.run(words, env=plain_environment(**self.settings), check=False, capture_output=True)
        assert done.returncode == -signal.SIGKILL, done.stderr

    def asks(self, question: str) -> list[tuple[object, ...]]:
        with EmbeddedPostgres(self.directory) as server, psycopg.connect(server.url) as connection:
            return connection.execute(question).fetchall()

    def backups(self) -> list[Path]:
        return sorted((self.directory / "backups").glob("kundenportal-before-upgrade-*.backup"))

    def is_upgraded(self) -> None:
        assert places.major_of(self.directory) == MAJOR
        assert self.asks("SELECT text FROM note") == [("kept",)]
        assert self.asks("SELECT last_value > 1 FROM django_migrations_id_seq") == [(True,)]
        left = {path.name for path in self.directory.glob("postgres*")}
        assert left <= {"postgres", "postgres-socket", "postgres.log"}


@pytest.fixture(scope="session")
def _outdated_stock(_stock: Path) -> Path:
    directory = _stock.with_name("outdated")
    subprocess.run(["cp", "-a", _stock, directory], check=True)
    outdated.age(directory)
    return directory


@pytest.fixture
def outdated_house(_outdated_stock: Path, data_dir: Path) -> House:
    """A portal whose database, in which there is a note, was made by an older PostgreSQL."""
    subprocess.run(["cp", "-a", _outdated_stock, data_dir], check=True)
    assert places.major_of(data_dir) == outdated.MAJOR
    return House(data_dir)


@pytest.fixture
def house(used_data_dir: Path) -> House:
    """One whose database is ours already."""
    return House(used_data_dir)


class Upgraded(NamedTuple):
    """A portal that has been upgraded, what its database held before, and what was said."""

    house: House
    before: Content
    said: str


@pytest.fixture(scope="module")
def upgraded(_outdated_stock: Path) -> Upgraded:
    """The same, upgraded once for all who only look."""
    house = House(_outdated_stock.with_name("upgraded"))
    subprocess.run(["cp", "-a", _outdated_stock, house.directory], check=True)
    with EmbeddedPostgres(house.directory, outdated=outdated.AS_IT_IS) as server:
        before = content_of(server.address)
    return Upgraded(house, before, house.does("upgrade"))


def test_a_database_of_an_older_postgresql_is_carried_over_after_a_backup(upgraded: Upgraded) -> None:
    (backup,) = upgraded.house.backups()
    assert upgraded.said.startswith(f"The database was made by PostgreSQL {outdated.MAJOR}")
    assert "compared one by one" in upgraded.said
    assert f"What was there before is in {backup}" in upgraded.said
    upgraded.house.is_upgraded()


def test_what_is_carried_over_is_everything(upgraded: Upgraded) -> None:
    with EmbeddedPostgres(upgraded.house.directory) as server:
        after = content_of(server.address)

    differences = upgraded.before.differences_to(after)
    # The audit trail knows of the backup.
    assert [name for name in differences if "audit" not in name] == []
    assert len(after.tables) > 50
    assert after.things["triggers"] > 10


def test_the_portal_of_before_can_read_the_backup(upgraded: Upgraded) -> None:
    (backup,) = upgraded.house.backups()
    keys = Keys(None, upgraded.house.directory / "backup-key")
    assert making.verify(backup, keys=keys).postgres == outdated.MAJOR
    with backup.open("rb") as file, opened(file, keys, backup) as plain:
        words = ["tar", "-xO", "--wildcards", "database/*"]
        parts = subprocess.run(words, stdin=plain, check=True, capture_output=True)
    listed = subprocess.run(
        [client_programs(outdated.MAJOR) / "pg_restore", "--list"], input=parts.stdout, check=True, capture_output=True
    )
    assert b"TABLE DATA public note" in listed.stdout
    assert b" SCHEMA - " not in listed.stdout, "it goes into a database that has one"


def test_until_then_the_portal_says_what_to_do_and_touches_nothing(outdated_house: House) -> None:
    for words in (["serve"], ["accounts"], ["backup"]):
        assert NEEDS_AN_UPGRADE in outdated_house.refuses(*words)
    assert NEEDS_AN_UPGRADE in outdated_house.examined()

    assert places.major_of(outdated_house.directory) == outdated.MAJOR
    outdated_house.does("upgrade")
    outdated_house.is_upgraded()


def test_a_second_time_there_is_nothing_to_do(upgraded: Upgraded) -> None:
    assert upgraded.house.does("upgrade") == "Everything is up to date; nothing was done.\n"
    assert len(upgraded.house.backups()) == 1


def test_where_there_is_no_database_none_is_made(data_dir: Path) -> None:
    assert "There is no database" in House(data_dir).does("upgrade")
    assert not places.cluster(data_dir).exists()


def test_older_tables_are_brought_up_to_date_after_a_backup(house: House) -> None:
    house.does("manage", "migrate", *REVERSIBLE, "--verbosity=0")
    behind = len(house.asks("SELECT 1 FROM django_migrations"))

    said = house.does("upgrade")

    (backup,) = house.backups()
    assert str(backup) in said
    assert len(house.asks("SELECT 1 FROM django_migrations")) > behind
    house.is_upgraded()
    assert house.does("upgrade") == "Everything is up to date; nothing was done.\n"


def test_a_portal_that_runs_is_left_running(house: House) -> None:
    portal = Portal(house.directory)
    try:
        assert "The portal is running" in house.refuses("upgrade")
        assert portal.answers()
    finally:
        portal.end(signal.SIGTERM)
        portal.clean_up()


def test_a_server_of_the_operators_own_is_theirs_to_upgrade(house: House) -> None:
    with new_database("not_upgraded") as address:
        house.settings["DATABASE_URL"] = address.url
        assert "a server of your own" in house.refuses("upgrade")


@pytest.mark.parametrize(
    ("step", "nth"),
    [
        pytest.param("making.make", 1, marks=pytest.mark.thorough),
        pytest.param("making.verify", 1, marks=pytest.mark.thorough),
        pytest.param("moving._fill_successor", 1, marks=pytest.mark.thorough),
        pytest.param("moving.Loading.commit", 1, marks=pytest.mark.thorough),
        pytest.param("moving.content_of", 1, marks=pytest.mark.thorough),
        ("moving._succeed", 1),
    ],
)
def test_killed_before_the_old_database_is_put_aside_nothing_has_changed(
    outdated_house: House, step: str, nth: int
) -> None:
    outdated_house.dies(step, nth)

    assert NEEDS_AN_UPGRADE in outdated_house.refuses("accounts")
    outdated_house.does("upgrade")
    outdated_house.is_upgraded()


def test_an_upgrade_that_fails_leaves_its_backup_and_nothing_else(outdated_house: House) -> None:
    words = [sys.executable, "-c", LOSING, "upgrade"]
    settings = plain_environment(**outdated_house.settings)
    done = subprocess.run(words, env=settings, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert "not the same as the original in: public.note. Nothing has changed" in done.stderr
    assert len(outdated_house.backups()) == 1
    left = {path.name for path in outdated_house.directory.glob("postgres*")}
    assert left <= {"postgres", "postgres-socket", "postgres.log"}
    assert NEEDS_AN_UPGRADE in outdated_house.refuses("accounts")


@pytest.mark.parametrize(
    ("step", "nth"),
    [
        # The second time is in the moment in which no database is in place.
        ("moving.finish_succession", 2),
        pytest.param("upgrade.embedded_postgres", 1, marks=pytest.mark.thorough),
        pytest.param("moving.tidy_up", 1, marks=pytest.mark.thorough),
        pytest.param("moving.shutil.rmtree", 3, marks=pytest.mark.thorough),
    ],
)
@pytest.mark.parametrize("first", [pytest.param("upgrade", marks=pytest.mark.thorough), "accounts"])
def test_killed_later_the_new_one_holds_whoever_comes_first(
    outdated_house: House, step: str, nth: int, first: str
) -> None:
    outdated_house.dies(step, nth)

    outdated_house.does(first)
    assert ("One was broken off" in outdated_house.examined()) == (first == "accounts")
    assert outdated_house.asks("SELECT text FROM note") == [("kept",)]
    outdated_house.does("upgrade")
    outdated_house.is_upgraded()


def test_killed_while_the_tables_change_it_goes_on(house: House) -> None:
    house.does("manage", "migrate", *REVERSIBLE, "--verbosity=0")
    house.dies("commands.migrate", 1)

    house.does("upgrade")

    house.is_upgraded()
    assert len(house.backups()) == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user run the database")
def test_a_database_stays_with_its_owner(outdated_house: House) -> None:
    nobody = pwd.getpwnam("nobody")
    cluster = places.cluster(outdated_house.directory)
    for path in (cluster, *cluster.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    if (sockets := places.socket_directory(outdated_house.directory)).exists():
        sockets.rmdir()

    outdated_house.does("upgrade")

    assert cluster.owner() == "nobody"


def test_a_postgresql_that_does_not_come_along_can_be_named(
    outdated_house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hidden = f"from kundenportal.config.postgres import programs\ndel programs.INSTALLATIONS[{outdated.MAJOR}]\n"
    script = hidden + "import sys\nfrom kundenportal.config import cli\nsys.exit(cli.main(sys.argv[1:]))\n"

    def upgrade(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, "upgrade", *map(str, words)],
            env=plain_environment(**outdated_house.settings), check=False, capture_output=True, text=True,
        )  # fmt: skip

    assert "Name their folder with --old-postgres" in upgrade().stderr
    assert f"There is no program postgres in {tmp_path}" in upgrade("--old-postgres", tmp_path).stderr
    done = upgrade("--old-postgres", client_programs(outdated.MAJOR))
    assert (done.returncode, done.stderr) == (0, "")
    outdated_house.is_upgraded()


def test_too_little_room_is_told_before_anything_is_done(outdated_house: House) -> None:
    directory = outdated_house.directory
    script = (
        'mount -t tmpfs -o mode=711,size=90m tmpfs "$0" && cp -a "$1/." "$0" && shift && "$@"; code=$?; '
        'cat "$0/postgres/PG_VERSION"; exit $code'
    )
    small = directory.with_name("small")
    small.mkdir()
    words = [sys.executable, "-P", "-m", "kundenportal.config.cli", "upgrade"]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, small, directory, *words],
        env=plain_environment(DATA_DIR=small),
        check=False,
        capture_output=True,
        text=True,
    )
    if "permission denied" in done.stderr.lower() or "must be superuser" in done.stderr:
        pytest.skip("this user may not mount a small disk")

    assert done.returncode == 1
    assert "GB are needed for a while. Nothing has changed" in done.stderr
    assert done.stdout.endswith(f"{outdated.MAJOR}\n")


def test_how_large_a_database_is_can_be_said_while_its_files_come_and_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, goes = tmp_path / "stays", tmp_path / "goes"
    stays.write_bytes(bytes(1000))
    goes.touch()
    look = os.walk

    def look_and_then_it_goes(directory: Path) -> Iterator[tuple[str, list[str], list[str]]]:
        for found in look(directory):
            goes.unlink()
            yield found

    monkeypatch.setattr(os, "walk", look_and_then_it_goes)

    assert places.size_of(tmp_path) == 1000
    assert not goes.exists()


def test_a_copy_in_which_something_is_missing_is_noticed() -> None:
    with new_database("original") as original, new_database("copy") as copy:
        for address, text in ((original, "kept"), (copy, "lost")):
            with psycopg.connect(address.url) as connection:
                connection.execute("CREATE TABLE same AS SELECT 1 AS a, NULL::text AS b")
                connection.execute("CREATE TABLE note AS SELECT %s::text AS text", [text])
                connection.execute("CREATE SEQUENCE numbers")
        with psycopg.connect(copy.url) as connection:
            connection.execute("SELECT nextval('numbers')")
            connection.execute("CREATE VIEW more AS SELECT 1")

        assert content_of(original).differences_to(content_of(copy)) == [
            "indexes and views",
            "public.note",
            "public.numbers",
        ]


def test_the_folders_of_the_wheel_hold_the_majors_they_are_said_to() -> None:
    for major in INSTALLATIONS:
        said = subprocess.run([client_programs(major) / "postgres", "--version"], check=True, capture_output=True)
        assert f"(PostgreSQL) {major}.".encode() in said.stdout


def test_nothing_runs_on_after_an_upgrade_was_killed(outdated_house: House) -> None:
    outdated_house.dies("moving.content_of", 1)
    outdated_house.does("upgrade")

    for directory in (outdated_house.directory, places.successor(outdated_house.directory)):
        assert not processes_in(places.cluster(directory))
