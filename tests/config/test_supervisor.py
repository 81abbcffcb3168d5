"""`kundenportal serve`: whatever is killed comes back, and whatever ends takes everything along."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from kundenportal.config.env import read_environment
from kundenportal.config.postgres import embedded_database, places
from kundenportal.config.postgres.predecessors import processes_in

from .processes import Portal, command, eventually, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS_TO_STOP = 10
LOADED = 100_000_000  # bytes; so much nothing takes that has not loaded the portal


@pytest.fixture(scope="module")
def portal(lasting_data_dir: Path) -> Iterator[Portal]:
    """A portal that is served to all the tests of this module."""
    served = Portal(lasting_data_dir)
    yield served
    served.clean_up()


@pytest.fixture
def portal_of_its_own(ready_data_dir: Path) -> Iterator[Portal]:
    """A portal that a test may end."""
    served = Portal(ready_data_dir)
    yield served
    served.clean_up()


def has_gone(process: psutil.Process) -> bool:
    # In a container nobody may ever collect what was orphaned and has ended.
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def connect(portal: Portal) -> psycopg.Connection:
    environment = read_environment({"KUNDENPORTAL_DATA_DIR": str(portal.settings["DATA_DIR"])})
    url = embedded_database(environment).url
    eventually(lambda: is_reachable(url))
    return psycopg.connect(url, autocommit=True)


def is_reachable(url: str) -> bool:
    with psycopg.connect(url):
        return True


def test_it_says_where_it_is_once_it_answers(portal: Portal) -> None:
    assert portal.announcement == f"Kundenportal is served on http://127.0.0.1:{portal.port}\n"
    assert portal.answers()


@pytest.mark.parametrize("name", ["web", "worker", "postgres"])
def test_a_part_that_is_killed_comes_back(portal: Portal, name: str) -> None:
    with connect(portal) as connection:
        before = connection.execute("SELECT count(*) FROM django_migrations").fetchone()
    killed = portal.part(name)

    killed.kill()

    eventually(lambda: portal.part(name).pid != killed.pid)
    eventually(portal.answers)
    eventually(lambda: portal.part("worker").is_running())
    with connect(portal) as connection:
        assert connection.execute("SELECT count(*) FROM django_migrations").fetchone() == before


def test_a_mailbox_that_is_set_has_a_reader_that_comes_back(ready_data_dir: Path) -> None:
    # Nobody listens there: the reader says so once and goes on trying.
    url = "imap://service:secret@127.0.0.1:1"
    served = Portal(ready_data_dir, IMAP_URL=url)
    try:
        killed = served.part("mailbox")
        eventually(lambda: "cannot be read: its server cannot be reached" in served.complaints.read_text())
        killed.kill()
        eventually(lambda: served.part("mailbox").pid != killed.pid)
        assert served.end(signal.SIGTERM) == 0
        assert "Traceback" not in served.complaints.read_text()
        assert "secret" not in served.complaints.read_text()
    finally:
        served.clean_up()


def test_what_all_parts_need_is_there_once(portal: Portal) -> None:
    for part in (portal.part("web"), portal.part("worker")):
        memory = part.memory_full_info()
        assert memory.rss > LOADED, part
        assert memory.uss < LOADED / 2, part


def test_while_a_web_process_is_away_another_answers(portal: Portal) -> None:
    # One that another test has killed may be on its way back.
    eventually(lambda: len(portal.parts("web")) > 1)
    killed, *others = portal.parts("web")

    killed.kill()

    assert portal.answers()
    eventually(lambda: len({each.pid for each in portal.parts("web")} - {killed.pid}) == len(others) + 1)


def test_only_web_processes_listen(portal: Portal) -> None:
    def listens(process: psutil.Process) -> bool:
        return any(each.status == psutil.CONN_LISTEN for each in process.net_connections("tcp"))

    assert all(map(listens, portal.parts("web")))
    assert not listens(portal.part("worker"))


def test_web_processes_come_back_and_say_they_live_while_the_database_does_not_answer(portal: Portal) -> None:
    postgres, killed = portal.part("postgres"), portal.parts("web")
    postgres.suspend()
    try:
        for process in killed:
            process.kill()
        eventually(lambda: portal.says("/health/live") == "alive\n", within=SECONDS_TO_STOP)
    finally:
        postgres.resume()
    eventually(portal.answers)


def test_while_the_database_is_started_again_the_others_are_looked_after(portal: Portal) -> None:
    postgres = portal.part("postgres")
    postgres.kill()
    eventually(lambda: portal.part("postgres").pid != postgres.pid)
    again = portal.part("postgres")
    again.suspend()
    try:
        killed = portal.part("web")
        killed.kill()
        eventually(lambda: killed.pid not in {each.pid for each in portal.parts("web")}, within=SECONDS_TO_STOP)
        eventually(lambda: len(portal.parts("web")) >= 2, within=SECONDS_TO_STOP)
    finally:
        again.resume()
    eventually(portal.answers)


def test_no_part_is_started_again_while_a_restore_is_unfinished(portal_of_its_own: Portal) -> None:
    mark = Path(portal_of_its_own.settings["DATA_DIR"]) / "restore-unfinished"
    mark.write_text("some.backup\n")
    portal_of_its_own.part("worker").kill()
    eventually(lambda: "A restore is under way" in portal_of_its_own.complaints.read_text())
    mark.unlink()
    eventually(lambda: portal_of_its_own.part("worker").is_running())


def test_a_job_whose_worker_is_no_more_is_done_by_another(portal: Portal) -> None:
    with connect(portal) as connection:
        abandoned = connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('default', 'builtin:procrastinate.builtin_tasks.remove_old_jobs', %s, 'doing') RETURNING id",
            [json.dumps({"max_hours": 1000})],
        ).fetchone()

        def is_done() -> bool:
            status = connection.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", abandoned).fetchone()
            return status in {None, ("succeeded",)}  # jobs that are done may be kept or not

        eventually(is_done)


def test_a_second_start_names_the_first_and_leaves_it_alone(portal: Portal) -> None:
    second = command("serve", DATA_DIR=portal.settings["DATA_DIR"], BIND=f"127.0.0.1:{free_port()}")

    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"{portal.settings['DATA_DIR']} is already in use" in second.stderr
    assert f"process {portal.process.pid}." in second.stderr
    assert portal.answers()


def test_a_command_joins_it(portal: Portal) -> None:
    accounts = command("accounts", "--json", **portal.settings)

    assert (accounts.returncode, accounts.stderr) == (0, "")
    assert portal.answers()


@pytest.mark.parametrize("name", ["serve", "web"])
def test_a_port_that_is_taken_is_named_and_everything_stopped_again(used_data_dir: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        refused = command(name, DATA_DIR=used_data_dir, BIND=bind)

    assert refused.returncode == 1
    assert refused.stderr == (
        f"kundenportal: Another program already listens on {bind}; end it or set KUNDENPORTAL_BIND to another port.\n"
    )
    assert not processes_in(places.cluster(used_data_dir))


def test_an_address_of_another_machine_is_a_wrong_setting(used_data_dir: Path) -> None:
    refused = command("serve", DATA_DIR=used_data_dir, BIND="192.0.2.1:8000")

    assert refused.returncode == 2
    assert refused.stderr.startswith("kundenportal: KUNDENPORTAL_BIND names 192.0.2.1,")
    assert not processes_in(places.cluster(used_data_dir))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_takes_everything_along(portal_of_its_own: Portal, number: signal.Signals) -> None:
    everybody = portal_of_its_own.everybody()

    portal_of_its_own.process.send_signal(number)

    assert portal_of_its_own.process.wait(SECONDS_TO_STOP) == 0
    assert [each for each in everybody if not has_gone(each)] == []
    assert portal_of_its_own.complaints.read_text() == ""
    with socket.create_server(("127.0.0.1", portal_of_its_own.port), reuse_port=False):
        assert True  # the port is free again


def test_killed_it_takes_everything_along_and_starts_again(portal_of_its_own: Portal) -> None:
    everybody = portal_of_its_own.everybody()
    data_dir = portal_of_its_own.settings["DATA_DIR"]
    # Somebody who is slow must not hold the port.
    slow = socket.create_connection(("127.0.0.1", portal_of_its_own.port))
    slow.sendall(b"GET / HTTP/1.1\r\nHost: 127")
    assert portal_of_its_own.answers()

    os.kill(portal_of_its_own.process.pid, signal.SIGKILL)
    portal_of_its_own.process.wait(SECONDS_TO_STOP)
    again = command("accounts", DATA_DIR=data_dir)

    assert (again.returncode, again.stderr) == (0, "")
    eventually(lambda: all(map(has_gone, everybody)), within=SECONDS_TO_STOP)
    slow.close()
