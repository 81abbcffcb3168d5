"""The mailbox's reader may be killed at any step: every mail is then taken in, and none twice."""

from __future__ import annotations

import signal
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from factories.accounts import expired, issued
from factories.imap_server import PASSWORD, USER, ImapServer
from factories.incoming import RETURN_ADDRESS, letter, report
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.inbox.models import MailboxState, ReceivedMail
from kundenportal.domain.inbox.reader import read_once
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.domain.support.models import Intake

from .workers import DYING_READER, SECONDS_TO_END, Nursery, real_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_django import Settings

    from factories.mail_server import MailServer
    from kundenportal.config.addresses import DatabaseAddress

pytestmark = pytest.mark.usefixtures("database")

SECONDS_TO_START = 120
SECONDS_OF_IDLING = 3
STEPS_OF_EVERY_MAIL = (
    "before the beginning",
    "begun",
    "size known",
    "fetched",
    "judged",
    "written down, not committed",
    "remembered, not committed",
    "taken in",
)
STEPS_OF_ONE_MAIL = (
    "reported, not committed",
    "check opened, not committed",
    "intake taken down, not committed",
    "before the end",
)


@pytest.fixture(autouse=True)
def _return_address(settings: Settings) -> None:
    settings.RETURN_ADDRESS = RETURN_ADDRESS


@pytest.fixture(scope="module")
def shared_imap_server() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture
def imap_server(shared_imap_server: ImapServer) -> Iterator[ImapServer]:
    """A mailbox with nothing in it."""
    yield shared_imap_server
    shared_imap_server.delete_all()


@pytest.fixture(scope="module")
def reading_nursery(shared_database: DatabaseAddress) -> Iterator[Nursery]:
    """Where readers come from that are to be killed."""
    with Nursery(shared_database, DYING_READER, KUNDENPORTAL_RETURN_ADDRESS=RETURN_ADDRESS) as nursery:
        yield nursery


def one_of_each(imap_server: ImapServer, mail_server: MailServer, *, now: datetime) -> None:
    """A report, a letter that opens a check and one that becomes an intake lie in the mailbox."""
    reported = issued(now=now)
    late, _ = expired(mail_server, now=now)
    deliver_due_mails(clock=lambda: now)
    key = OutgoingMail.objects.get(recipient=reported.address).key
    imap_server.deliver(report(key, recipient=reported.address), letter(late.address), letter())


def assert_each_once() -> None:
    """What follows from each of them is there, and only once."""
    assert Counter(ReceivedMail.objects.values_list("outcome", flat=True)) == Counter(
        {"mail_log": 1, "check_opened": 1, "intake": 1}
    )
    assert OutgoingMail.objects.filter(state=State.BOUNCED).count() == 1
    assert OutgoingMail.objects.filter(kind="entitlement_requested").count() == 1
    assert (EntitlementCheck.objects.count(), Intake.objects.count()) == (1, 1)
    events = Counter(Entry.objects.values_list("event", flat=True))
    for event in ("access.letter.bounced", "entitlement_check.requested", "intake.taken_down"):
        assert events[event] == 1, event


@pytest.mark.parametrize(
    ("step", "nth"),
    [(step, nth) for step in STEPS_OF_EVERY_MAIL for nth in (1, 2, 3)] + [(step, 1) for step in STEPS_OF_ONE_MAIL],
)
def test_after_a_kill_at_any_step_every_mail_is_taken_in_once(
    reading_nursery: Nursery, imap_server: ImapServer, mail_server: MailServer, step: str, nth: int
) -> None:
    now = datetime.now(UTC)
    one_of_each(imap_server, mail_server, now=now)
    task = (step, str(nth), now.isoformat(), str(imap_server.port), USER, PASSWORD)
    assert reading_nursery.end_of(*task) == -signal.SIGKILL
    assert ReceivedMail.objects.count() < 3 or step in {"taken in", "before the end"}

    # Once more, by another one that is killed at the same step if it comes to it.
    assert reading_nursery.end_of(*task) in {0, -signal.SIGKILL}
    read_once(imap_server.mailbox(), clock=lambda: now)
    assert_each_once()
    assert MailboxState.objects.get().stumbles == 0


def test_the_reader_an_operator_starts_takes_in_what_comes_at_once_and_ends_when_told(
    database: DatabaseAddress, imap_server: ImapServer, mail_server: MailServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with real_reader(database, imap_server.url("imaps"), log=log, KUNDENPORTAL_RETURN_ADDRESS=RETURN_ADDRESS) as reader:
        wait_until(lambda: MailboxState.objects.filter(read_at__isnull=False).exists(), seconds=SECONDS_TO_START)
        one_of_each(imap_server, mail_server, now=datetime.now(UTC))
        wait_until(lambda: ReceivedMail.objects.count() == 3, seconds=SECONDS_OF_IDLING)
        imap_server.deliver(letter(text="und noch etwas"))
        wait_until(lambda: ReceivedMail.objects.count() == 4, seconds=SECONDS_OF_IDLING)
        reader.send_signal(signal.SIGTERM)
        assert reader.wait(SECONDS_TO_END) == 0
    assert log.read_text() == ""


def test_of_several_readers_one_works_and_another_takes_over(
    database: DatabaseAddress, imap_server: ImapServer, tmp_path: Path
) -> None:
    readers = [real_reader(database, imap_server.url(), log=tmp_path / "log") for _ in range(3)]
    with readers[0] as first, ExitStack() as others:
        wait_until(lambda: MailboxState.objects.filter(read_at__isnull=False).exists(), seconds=SECONDS_TO_START)
        for reader in readers[1:]:
            others.enter_context(reader)
        imap_server.deliver(*(letter(f"{number}@example.org") for number in range(20)))
        wait_until(lambda: ReceivedMail.objects.count() >= 5, seconds=SECONDS_TO_START)
        first.kill()
        imap_server.deliver(letter("spaet@example.org"))
        wait_until(lambda: ReceivedMail.objects.count() == 21, seconds=SECONDS_TO_START)
    assert Intake.objects.count() == 21
    assert not ReceivedMail.objects.filter(outcome="set_aside").exists()


def test_a_reader_that_loses_the_database_ends_with_one_sentence_and_the_next_goes_on(
    database: DatabaseAddress, imap_server: ImapServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    imap_server.deliver(letter())
    with real_reader(database, imap_server.url(), log=log) as reader:
        wait_until(lambda: ReceivedMail.objects.count() == 1, seconds=SECONDS_TO_START)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        imap_server.deliver(letter("bert@example.org"))
        assert reader.wait(SECONDS_TO_END) == 1
    said = log.read_text()
    assert said.startswith("kundenportal: The database cannot be used: ")
    assert said.count("\n") == 1
    with real_reader(database, imap_server.url(), log=log):
        wait_until(lambda: ReceivedMail.objects.count() == 2, seconds=SECONDS_TO_START)
    assert Intake.objects.count() == 2


def test_a_server_that_is_away_or_refuses_is_one_line_and_no_secret_and_then_forgotten(
    database: DatabaseAddress, imap_server: ImapServer, tmp_path: Path
) -> None:
    log, url = tmp_path / "log", imap_server.url()
    imap_server.password = "another one"
    imap_server.stop()
    imap_server.start()
    with real_reader(database, url, log=log) as reader:
        wait_until(lambda: MailboxState.objects.filter(trouble="not_let_in").exists(), seconds=SECONDS_TO_START)
        imap_server.stop()
        wait_until(lambda: MailboxState.objects.filter(trouble="unreachable").exists(), seconds=SECONDS_TO_START)
        imap_server.password = PASSWORD
        imap_server.start()
        wait_until(lambda: MailboxState.objects.filter(trouble="").exists(), seconds=SECONDS_TO_START)
        # It is noted first and said then.
        wait_until(lambda: log.read_text().endswith(" is read again\n"), seconds=SECONDS_TO_START)
        assert reader.poll() is None
    lines = log.read_text().splitlines()
    assert [line.partition(USER)[2].partition("/INBOX ")[2] for line in lines] == [
        "cannot be read: its server refuses user or password; it is tried again, less and less often",
        "cannot be read: its server cannot be reached; it is tried again, less and less often",
        "is read again",
    ]
    assert "Geheimnis" not in log.read_text()


def wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    """Comes back once it is so; fails if it is not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what was waited for has not come about"
        time.sleep(0.02)
