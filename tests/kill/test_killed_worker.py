"""A worker may be killed at any step of issuing: every account then still has a letter that works."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import NOW, issued
from factories.mail_server import TAKEN, ReceivedMail
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import LEASE, State

from .letters import assert_only_the_newest_letter_works, deliver_everything
from .workers import SECONDS_TO_END, Nursery, real_worker

if TYPE_CHECKING:
    from factories.mail_server import MailServer
    from kundenportal.config.addresses import DatabaseAddress

pytestmark = pytest.mark.usefixtures("database")

SECONDS_TO_ARRIVE = 60


@pytest.mark.parametrize(
    ("step", "letters"),
    [
        ("before the claim", 1),
        ("claimed, not committed", 1),
        ("claimed", 1),
        ("password made", 1),
        ("hash stored, not committed", 1),
        ("hash stored", 1),
        ("connected", 1),
        ("in the middle of the mail", 1),
        ("before the answer", 2),
        ("taken, not marked", 2),
        ("marked", 1),
        ("noted, not committed", 1),
        ("noted", 1),
    ],
)
def test_after_a_kill_at_any_step_every_account_has_a_letter_that_works(
    nursery: Nursery, mail_server: MailServer, step: str, letters: int
) -> None:
    addresses = [issued(now=NOW - timedelta(minutes=age)).address for age in (3, 2, 1)]
    assert nursery.deliver_and_die(step, nth=2, now=NOW, mail_server=mail_server) == -signal.SIGKILL
    first, hit, last = addresses
    if letters == 2:
        mail_server.wait_for_mail_to(hit, seconds=SECONDS_TO_ARRIVE)
    assert not OutgoingMail.objects.filter(recipient=last).exclude(state=State.WAITING).exists()

    now = deliver_everything(killed_at=NOW)
    assert [len(mail_server.mails_to(address)) for address in addresses] == [1, letters, 1]
    assert_only_the_newest_letter_works([first, hit, last], mail_server, now=now)
    assert_each_was_told_once(addresses)


@pytest.mark.parametrize(
    ("step", "nth", "letters"),
    [
        ("others claimed", 1, [1, 1, 1]),
        ("hashes stored, not committed", 1, [1, 1, 1]),
        ("hashes stored", 1, [1, 1, 1]),
        ("in the middle of the mail", 1, [1, 1, 1]),
        ("in the middle of the mail", 3, [1, 1, 1]),
        ("before the answer", 1, [2, 1, 1]),
        ("before the answer", 3, [1, 1, 2]),
        ("taken, not marked", 1, [2, 1, 1]),
        ("taken, not marked", 2, [1, 2, 1]),
        ("taken, not marked", 3, [1, 1, 2]),
        ("marked", 1, [1, 1, 1]),
        ("marked", 2, [1, 1, 1]),
        ("marked", 3, [1, 1, 1]),
        ("taken, none noted", 1, [1, 1, 1]),
        ("all noted, not committed", 1, [1, 1, 1]),
        ("all noted", 1, [1, 1, 1]),
    ],
)
def test_after_a_kill_among_many_letters_everybody_has_one_that_works(
    nursery: Nursery, mail_server: MailServer, step: str, nth: int, letters: list[int]
) -> None:
    addresses = [issued(now=NOW - timedelta(minutes=age)).address for age in (3, 2, 1)]
    OutgoingMail.objects.update(is_one_of_many=True)
    assert nursery.deliver_and_die(step, nth=nth, now=NOW, mail_server=mail_server) == -signal.SIGKILL
    if 2 in letters:
        mail_server.wait_for_mail_to(addresses[letters.index(2)], seconds=SECONDS_TO_ARRIVE)

    now = deliver_everything(killed_at=NOW)
    assert [len(mail_server.mails_to(address)) for address in addresses] == letters
    assert_only_the_newest_letter_works(addresses, mail_server, now=now)
    assert_each_was_told_once(addresses)


def test_who_notes_for_the_dead_may_be_killed_as_well(nursery: Nursery, mail_server: MailServer) -> None:
    addresses = [issued(now=NOW - timedelta(minutes=age)).address for age in (3, 2, 1)]
    OutgoingMail.objects.update(is_one_of_many=True)
    later = NOW + LEASE
    for step, nth, now in [("taken, none noted", 1, NOW), ("noted, not committed", 2, later), ("noted", 1, later)]:
        assert nursery.deliver_and_die(step, nth=nth, now=now, mail_server=mail_server) == -signal.SIGKILL
    now = deliver_everything(killed_at=NOW)
    assert [len(mail_server.mails_to(address)) for address in addresses] == [1, 1, 1]
    assert_only_the_newest_letter_works(addresses, mail_server, now=now)
    assert_each_was_told_once(addresses)
    assert set(OutgoingMail.objects.values_list("handed_over_at", "attempts")) == {(NOW, 1)}


def assert_each_was_told_once(addresses: list[str]) -> None:
    told = Entry.objects.filter(event=Event.ACCESS_LETTER_HANDED_OVER).values_list("subject__address", flat=True)
    assert sorted(told) == sorted(addresses)


def test_the_worker_an_operator_starts_delivers_what_is_queued_and_ends_when_told(
    database: DatabaseAddress, mail_server: MailServer
) -> None:
    with real_worker(database, mail_server) as worker:
        account = issued(now=datetime.now(UTC))
        mail = mail_server.wait_for_mail_to(account.address, seconds=SECONDS_TO_ARRIVE)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(SECONDS_TO_END) == 0
    assert OutgoingMail.objects.get().state == State.HANDED_OVER
    assert_only_the_newest_letter_works([account.address], mail_server, now=datetime.now(UTC))
    assert mail.sender == "hr@comramo.de"


def test_the_worker_an_operator_starts_may_be_killed_while_the_mail_server_has_the_letter(
    database: DatabaseAddress, mail_server: MailServer
) -> None:
    now = datetime.now(UTC)
    addresses = [issued(now=now).address for _ in range(3)]
    with real_worker(database, mail_server) as worker:

        def take_it_and_tell_nobody(mail: ReceivedMail) -> None:
            worker.kill()
            worker.wait(SECONDS_TO_END)
            mail_server.keep(mail)

        mail_server.says_to_mail = take_it_and_tell_nobody
        mail_server.wait_until(lambda: bool(mail_server.received), seconds=SECONDS_TO_ARRIVE)
        worker.wait(SECONDS_TO_END)
    mail_server.says_to_mail = TAKEN
    assert worker.returncode == -signal.SIGKILL
    hit = mail_server.received[0].recipient
    assert OutgoingMail.objects.get(recipient=hit).state == State.SENDING

    later = deliver_everything(killed_at=datetime.now(UTC))
    assert len(mail_server.mails_to(hit)) == 2
    assert_only_the_newest_letter_works(addresses, mail_server, now=later)
