"""The PostgreSQL we bring along: private, alone in its directory, and losing nothing."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from kundenportal.config.postgres import DatabaseUnavailable, DataDirectoryInUse, EmbeddedPostgres, places
from kundenportal.config.postgres import server as postgres_server
from kundenportal.config.postgres.owner import Owner, owner_of
from kundenportal.config.postgres.predecessors import processes_in
from kundenportal.config.postgres.programs import programs_for

from .processes import SECONDS_AT_MOST, eventually, python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

only_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user run the database")
HOLDER = """
import sys
from pathlib import Path
from kundenportal.config import children
from kundenportal.config.postgres import EmbeddedPostgres
import psycopg
{before}
with EmbeddedPostgres(Path({directory!r})) as server, psycopg.connect(server.url, autocommit=True) as connection:
    connection.execute("INSERT INTO note VALUES ('new')")
    print(server.pid, flush=True)
    sys.stdin.read()
"""
OUTLIVED = "children._bound_to_this_process = lambda dies_by: None"


def notes(server: EmbeddedPostgres) -> list[str]:
    with psycopg.connect(server.url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM note")]


def write_note(server: EmbeddedPostgres, text: str = "kept") -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (text text)")
        connection.execute("INSERT INTO note VALUES (%s)", [text])


def setting(server: EmbeddedPostgres, name: str) -> str:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    assert row is not None
    return str(row[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def as_an_ordinary_user(act: Callable[[], None]) -> int:
    """The exit code of a process that is nobody in particular, and acts."""
    if os.geteuid() != 0:
        act()
        return 0
    if (child := os.fork()) == 0:
        code = 1
        try:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            act()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_it_keeps_what_it_was_told_from_one_start_to_the_next(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir) as server:
        write_note(server)
    assert not processes_in(places.cluster(data_dir))

    with EmbeddedPostgres(data_dir) as server:
        assert notes(server) == ["kept"]


def test_only_its_owner_gets_to_it(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir) as server:
        sockets = places.socket_directory(used_data_dir)

        assert setting(server, "listen_addresses") == ""
        assert mode(sockets) == 0o700
        assert sockets.stat().st_uid == psutil.Process(server.pid).uids().real
        assert mode(places.cluster(used_data_dir)) == 0o700
        assert mode(places.log(used_data_dir)) == 0o600
        assert not psutil.Process(server.pid).net_connections("inet")


def test_the_portals_role_can_do_no_more_than_it_must(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir, fsync=False) as server, psycopg.connect(server.url) as connection:
        assert connection.execute(
            "SELECT current_user, usesuper FROM pg_user WHERE usename = current_user"
        ).fetchall() == [("kundenportal", False)]


def test_text_is_unicode_whatever_the_machine_speaks(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "POSIX")

    with EmbeddedPostgres(data_dir, fsync=False) as server, psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT lower('ÄÖÜ'), current_setting('server_encoding')").fetchone() == (
            "äöü",
            "UTF8",
        )


@pytest.mark.parametrize(("fsync", "shown"), [(True, "on"), (False, "off")])
def test_what_is_committed_is_on_disk_unless_that_is_given_up(used_data_dir: Path, shown: str, *, fsync: bool) -> None:
    with EmbeddedPostgres(used_data_dir, fsync=fsync) as server:
        assert setting(server, "fsync") == shown


def test_a_large_database_has_more_room_for_what_is_read(used_data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedPostgres(used_data_dir, fsync=False) as server:
        assert setting(server, "shared_buffers") == "64MB"
    monkeypatch.setattr(postgres_server, "LARGE_DATABASE", 10_000_000)  # it has three others, of 7 MB each
    with EmbeddedPostgres(used_data_dir, fsync=False) as server:
        assert setting(server, "shared_buffers") == "512MB"


def test_its_log_quotes_nothing_that_is_stored(used_data_dir: Path) -> None:
    with (
        EmbeddedPostgres(used_data_dir, fsync=False) as server,
        psycopg.connect(server.url, autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE secret (text text PRIMARY KEY)")
        for _ in range(2):
            with suppress(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO secret VALUES ('rosebud')")

    log = places.log(used_data_dir).read_text()
    assert "duplicate key" in log
    assert "rosebud" not in log


@only_as_root
def test_root_has_a_user_of_its_own_run_it(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir, fsync=False) as server:
        assert psutil.Process(server.pid).username() == "kundenportal"
        assert places.cluster(used_data_dir).owner() == "kundenportal"
        assert used_data_dir.owner() == "root"


def test_an_ordinary_user_runs_it_too(data_dir: Path) -> None:
    # As nobody in particular, this directory is as good as any other user's home.
    data_dir.parent.chmod(0o777)

    def start_twice() -> None:
        with EmbeddedPostgres(data_dir, fsync=False) as server:
            assert mode(data_dir) == 0o700
            write_note(server)
        with EmbeddedPostgres(data_dir, fsync=False) as server:
            assert notes(server) == ["kept"]

    assert as_an_ordinary_user(start_twice) == 0


@only_as_root
def test_root_runs_an_ordinary_users_database_as_that_user(data_dir: Path) -> None:
    data_dir.parent.chmod(0o777)

    def start() -> None:
        with EmbeddedPostgres(data_dir, fsync=False):
            pass

    assert as_an_ordinary_user(start) == 0
    data_dir.chmod(0o711)

    with EmbeddedPostgres(data_dir, fsync=False) as server:
        assert psutil.Process(server.pid).username() == "nobody"


@only_as_root
def test_an_ordinary_user_leaves_anothers_database_alone(used_data_dir: Path) -> None:
    for path in (used_data_dir, used_data_dir / "lock"):
        path.chmod(0o777)

    def start() -> None:
        with pytest.raises(DatabaseUnavailable, match="belongs to the user kundenportal"):
            EmbeddedPostgres(used_data_dir).start()

    assert as_an_ordinary_user(start) == 0


@only_as_root
def test_a_folder_its_user_cannot_reach_is_named_and_left_as_it_is(data_dir: Path) -> None:
    data_dir.parent.chmod(0o700)

    with pytest.raises(DatabaseUnavailable) as refusal:
        EmbeddedPostgres(data_dir).start()

    assert f"user kundenportal, which runs the database, may not enter {data_dir.parent};" in str(refusal.value)
    assert mode(data_dir.parent) == 0o700
    data_dir.parent.chmod(0o711)
    with EmbeddedPostgres(data_dir, fsync=False):
        assert True  # the refusal has left nothing in the way


def test_programs_its_user_cannot_reach_are_copied_to_where_it_can(data_dir: Path) -> None:
    class Outsider(Owner):
        def may_pass(self, path: Path) -> bool:
            return path.is_relative_to(data_dir)

    data_dir.mkdir()
    us = owner_of(data_dir / "none yet")
    for _ in range(2):
        programs = programs_for(Outsider(us.name, us.uid, us.gid), data_dir)

    assert programs.is_relative_to(data_dir)
    for program in ("initdb", "postgres"):
        version = subprocess.run([programs / program, "--version"], check=True, capture_output=True, **us.start_options)
        assert b"PostgreSQL) 18" in version.stdout


def test_a_second_start_on_the_same_directory_is_refused(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir, fsync=False) as server:
        with pytest.raises(DataDirectoryInUse) as refusal:
            EmbeddedPostgres(used_data_dir).start()

        assert str(used_data_dir) in str(refusal.value)
        assert f"process {os.getpid()}" in str(refusal.value)
        assert notes(server) == ["kept"]


def test_a_directory_too_deep_for_a_socket_has_a_private_one_elsewhere(data_dir: Path) -> None:
    deep = data_dir / ("d" * 60) / ("e" * 60)
    found = []
    for _ in range(2):
        with EmbeddedPostgres(deep, fsync=False) as server:
            write_note(server)
            sockets = places.socket_directory(deep)
            found.append(sockets)
            assert not sockets.is_relative_to(deep)
            assert mode(sockets) == 0o700
            assert sockets.stat().st_uid == psutil.Process(server.pid).uids().real

    assert found[0] == found[1]
    found[0].chmod(0o755)
    with EmbeddedPostgres(deep, fsync=False) as server:
        assert places.socket_directory(deep) != found[0], "a folder that others can enter is not trusted again"
        assert notes(server) == ["kept", "kept"]
    found[0].rmdir()


def test_a_first_start_that_was_cut_short_is_begun_anew(data_dir: Path) -> None:
    half_made = data_dir / "postgres.draft"
    half_made.mkdir(parents=True)
    data_dir.chmod(0o711)
    (half_made / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(data_dir, fsync=False) as server:
        write_note(server)

    assert not half_made.exists()


def test_a_database_that_cannot_start_says_why(used_data_dir: Path) -> None:
    settings = places.cluster(used_data_dir) / "postgresql.conf"
    before = settings.read_text()
    settings.write_text("nonsense = 1\n")

    with pytest.raises(DatabaseUnavailable, match=r"does not start in .*: configuration file .* contains errors"):
        EmbeddedPostgres(used_data_dir).start()

    settings.write_text(before)
    with EmbeddedPostgres(used_data_dir, fsync=False) as server:
        assert notes(server) == ["kept"], "the refusal has given the directory back"


@pytest.mark.parametrize(("major", "advice"), [(9, "run `kundenportal upgrade`"), (99, "knows none newer than 18")])
def test_a_database_of_another_postgresql_is_left_alone(used_data_dir: Path, major: int, advice: str) -> None:
    (places.cluster(used_data_dir) / "PG_VERSION").write_text(f"{major}\n")

    with pytest.raises(DatabaseUnavailable, match=advice):
        EmbeddedPostgres(used_data_dir).start()


def test_killed_while_it_works_it_starts_again_with_everything_committed(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir) as server:
        write_note(server, "new")
        orphan = psycopg.connect(server.url)

        def work() -> None:
            with pytest.raises(psycopg.Error):
                orphan.execute("SELECT pg_sleep(300)")

        busy = threading.Thread(target=work)
        busy.start()
        backend = psutil.Process(orphan.info.backend_pid)
        eventually(lambda: "SELECT" in " ".join(backend.cmdline()))
        before = {process.pid for process in processes_in(places.cluster(used_data_dir))}

        os.kill(server.pid or 0, signal.SIGKILL)
        eventually(lambda: server.pid is None)
        server.start_again()

        assert notes(server) == ["kept", "new"]
        assert before.isdisjoint(process.pid for process in processes_in(places.cluster(used_data_dir)))
        busy.join(SECONDS_AT_MOST)
        orphan.close()


def test_it_ends_with_whoever_started_it_even_if_that_is_killed(used_data_dir: Path) -> None:
    holder = python(HOLDER.format(directory=str(used_data_dir), before=""))
    assert holder.stdout is not None
    server = psutil.Process(int(holder.stdout.readline()))
    holder.kill()
    holder.communicate()

    eventually(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
    with EmbeddedPostgres(used_data_dir) as again:
        assert notes(again) == ["kept", "new"]


def test_one_that_outlived_its_holder_is_recognised_and_ended(used_data_dir: Path) -> None:
    holder = python(HOLDER.format(directory=str(used_data_dir), before=OUTLIVED))
    assert holder.stdout is not None
    outlived = psutil.Process(int(holder.stdout.readline()))
    holder.kill()
    holder.communicate()
    assert outlived.is_running()

    with EmbeddedPostgres(used_data_dir) as again:
        assert not outlived.is_running() or outlived.status() == psutil.STATUS_ZOMBIE
        assert notes(again) == ["kept", "new"]


def test_a_stranger_with_the_number_of_a_dead_server_is_left_in_peace(used_data_dir: Path) -> None:
    with EmbeddedPostgres(used_data_dir) as server:
        pid_file = places.cluster(used_data_dir) / "postmaster.pid"
        left_behind = pid_file.read_text()
        owner = owner_of(places.cluster(used_data_dir))
    stranger = subprocess.Popen(["sleep", "300"], **owner.start_options)
    pid_file.write_text("\n".join([str(stranger.pid), *left_behind.splitlines()[1:]]))
    os.chown(pid_file, owner.uid, owner.gid)

    try:
        with EmbeddedPostgres(used_data_dir) as server:
            assert notes(server) == ["kept"]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
