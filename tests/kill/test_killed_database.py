"""The database may be killed under load: whatever was confirmed before is there afterwards, with a letter."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import Error, connections
from procrastinate.exceptions import ConnectorException

from factories.accounts import issued, new_address
from factories.databases import connected_to
from factories.stock import lay_down
from kundenportal.config.postgres import EmbeddedPostgres
from kundenportal.config.postgres.predecessors import processes_in
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.mail.delivery import deliver_due_mails

from .letters import assert_only_the_newest_letter_works, deliver_everything

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django.plugin import DjangoDbBlocker

    from factories.mail_server import MailServer

SECONDS_UNDER_LOAD = 60
CONFIRMED_BEFORE_THE_KILL, DELIVERED_BEFORE_THE_KILL = 25, 10


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A database server of our own that writes everything down at once, as the operator's does."""
    directory = Path(tempfile.mkdtemp(prefix="kundenportal-kill-"))
    directory.chmod(0o711)  # PostgreSQL runs as a user of its own if the tests run as root
    lay_down(directory / "data")
    with EmbeddedPostgres(directory / "data", fsync=True) as server:
        yield server
    shutil.rmtree(directory)


class Load:
    """Threads that issue access and deliver letters until the database leaves them."""

    def __init__(self) -> None:
        self.confirmed: list[str] = []
        self._threads = [
            *(threading.Thread(target=self._until_the_database_is_gone, args=(self._issue,)) for _ in range(3)),
            *(threading.Thread(target=self._until_the_database_is_gone, args=(self._deliver,)) for _ in range(2)),
        ]
        for thread in self._threads:
            thread.start()

    def wait_until(self, enough: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS_UNDER_LOAD
        while not enough():
            assert time.monotonic() < deadline, "what was waited for has not come about"
            time.sleep(0.005)

    def wait_until_everybody_has_noticed(self) -> None:
        for thread in self._threads:
            thread.join(SECONDS_UNDER_LOAD)
            assert not thread.is_alive()

    def _issue(self) -> None:
        address = new_address()
        issued(address, now=datetime.now(UTC))
        self.confirmed.append(address)

    def _deliver(self) -> None:
        deliver_due_mails(clock=lambda: datetime.now(UTC))

    def _until_the_database_is_gone(self, doing: Callable[[], None]) -> None:
        try:
            while True:
                doing()
        except (Error, ConnectorException):  # the latter is what queueing a job makes of the former
            connections.close_all()


def kill_all(server: EmbeddedPostgres) -> None:
    """As when the machine loses its power."""
    for process in processes_in(server.directory / "postgres"):
        process.kill()


def kill_the_first(server: EmbeddedPostgres) -> None:
    """As when the system is short of memory: the others notice and end by themselves."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_all, kill_the_first])
def test_every_confirmed_access_survives_a_kill_under_load_and_has_a_letter_that_works(
    server: EmbeddedPostgres,
    mail_server: MailServer,
    django_db_blocker: DjangoDbBlocker,
    kill: Callable[[EmbeddedPostgres], None],
) -> None:
    with django_db_blocker.unblock(), connected_to(server.address):
        load = Load()
        load.wait_until(
            lambda: (
                len(load.confirmed) >= CONFIRMED_BEFORE_THE_KILL
                and len(mail_server.received) >= DELIVERED_BEFORE_THE_KILL
            )
        )
        kill(server)
        load.wait_until_everybody_has_noticed()
        load.wait_until(lambda: server.pid is None)
        server.start_again()

        now = deliver_everything(killed_at=datetime.now(UTC))
        kept = set(Account.objects.values_list("address", flat=True))
        assert set(load.confirmed) <= kept
        of_this_round = {mail.recipient for mail in mail_server.received}
        assert set(load.confirmed) <= of_this_round <= kept
        assert_only_the_newest_letter_works(sorted(of_this_round), mail_server, now=now)
