"""The reader against a real Dovecot: encrypted or not, numbered anew, with mails too large or gone."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import OperationalError

from factories.accounts import delivered
from factories.imap_server import USER, ImapServer
from factories.incoming import RETURN_ADDRESS, letter, report
from factories.trail import events_of
from kundenportal.domain.inbox import operations, queries, reader
from kundenportal.domain.inbox.models import MailboxState, ReceivedMail
from kundenportal.domain.inbox.reader import CannotRead, opened, read_once
from kundenportal.domain.inbox.rules import keeping, reading
from kundenportal.domain.inbox.rules.keeping import LONGEST_PAUSE, SHORTEST_PAUSE, Trouble, pause_after, sought
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.domain.support.models import Intake
from kundenportal.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imap_tools import BaseMailBox
    from pytest_django import Settings

    from factories.mail_server import MailServer
    from kundenportal.domain.inbox.rules.keeping import Security
    from kundenportal.domain.inbox.rules.reading import Ours, Reading

pytestmark = pytest.mark.django_db

SECONDS_OF_IDLING = 3


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


def read(imap_server: ImapServer, security: Security = "none") -> int:
    return read_once(imap_server.mailbox(security), clock=clock.now)


@pytest.mark.parametrize(
    ("failures", "pause"),
    [(0, SHORTEST_PAUSE), (1, SHORTEST_PAUSE), (2, 2 * SHORTEST_PAUSE), (3, 4 * SHORTEST_PAUSE),
     (7, LONGEST_PAUSE), (10**6, LONGEST_PAUSE)],
)  # fmt: skip
def test_pauses_grow_up_to_a_limit(failures: int, pause: timedelta) -> None:
    assert pause_after(failures) == pause


def test_what_is_sought_is_new_and_not_from_before_our_time() -> None:
    first = clock.now().replace(year=2027, month=3, day=4)
    assert sought(after_uid=4, first_read_at=first) == "UID 5:* SINCE 25-Feb-2027"


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_mail_is_taken_in_and_the_mailbox_left_as_it_is(imap_server: ImapServer, security: Security) -> None:
    imap_server.deliver(letter(), letter("bert@example.org"))
    before = imap_server.flags()
    assert (read(imap_server, security), read(imap_server, security)) == (2, 0)
    assert imap_server.flags() == before
    assert b"Seen" not in b"".join(before)
    imap_server.deliver(letter("cora@example.org"))
    assert read(imap_server, security) == 1
    assert Intake.objects.count() == 3


def test_a_letter_that_comes_back_is_bounced_in_the_mail_log_and_in_the_accounts_history(
    imap_server: ImapServer, mail_server: MailServer
) -> None:
    account, _ = delivered(mail_server)
    handed_over = mail_server.mail_to(account.address)
    # What a mail server knows to report to is the sender on the envelope, and nothing else.
    imap_server.deliver(report("", recipient=handed_over.recipient, to=handed_over.sender))
    assert read(imap_server) == 1
    assert OutgoingMail.objects.get(recipient=account.address).state == State.BOUNCED
    assert events_of(account)[-1] == "access.letter.bounced"


def test_a_mailbox_with_a_new_number_leads_to_nothing_twice(imap_server: ImapServer) -> None:
    imap_server.deliver(letter(), letter("bert@example.org"))
    read(imap_server)
    imap_server.renumber()
    imap_server.deliver(letter("cora@example.org"))
    assert read(imap_server) == 3
    assert (Intake.objects.count(), ReceivedMail.objects.count()) == (3, 3)
    assert len(set(ReceivedMail.objects.values_list("uidvalidity", flat=True))) == 1


def test_a_mail_that_is_too_large_is_shown_and_not_fetched(
    imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "TAKEN_IN_AT_MOST", 5_000)
    fetched: list[str] = []
    original = reader._fetched  # noqa: SLF001

    def fetch(box: BaseMailBox, uid: int, what: str) -> bytes | None:
        fetched.append(what)
        return original(box, uid, what)

    monkeypatch.setattr(reader, "_fetched", fetch)
    imap_server.deliver(letter(subject="Riesig", text="x" * 70 + "\n" * 9_000), letter(subject="Klein"))
    read(imap_server)
    (shown,) = queries.set_aside_mails()
    assert (shown.subject, shown.set_aside, shown.sender) == ("Riesig", "too_large", "anna@example.org")
    assert shown.size > 5_000
    assert fetched == [reader.HEAD, reader.WHOLE]
    assert Intake.objects.get().concern.startswith("Klein")


def test_ten_megabytes_are_the_limit() -> None:
    assert keeping.TAKEN_IN_AT_MOST == 10 * 1024 * 1024


def test_a_mail_that_makes_us_fail_is_set_aside_after_three_times_and_the_next_is_taken_in(
    imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(raw: bytes, ours: Ours) -> Reading:
        # Not over the head alone, which is read once more when the mail is set aside.
        if b"Stolperstein" in raw and b"Zeile" in raw:
            raise ZeroDivisionError(raw)
        return reading.read(raw, ours)

    monkeypatch.setattr(operations, "read", stumble)
    imap_server.deliver(letter(subject="Stolperstein", text="Zeile"), letter(subject="Danach"))
    for _ in range(3):
        with pytest.raises(CannotRead):
            read(imap_server)
    assert not ReceivedMail.objects.exists()
    assert read(imap_server) == 2
    (shown,) = queries.set_aside_mails()
    assert (shown.subject, shown.set_aside) == ("Stolperstein", "failed")
    assert Intake.objects.get().concern.startswith("Danach")
    assert "Zeile" not in caplog.text


def test_a_database_that_is_away_is_no_fault_of_the_mail(
    imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap_server.deliver(letter())

    def away(*_: object, **__: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(operations, "take_in", away)
        with pytest.raises(OperationalError):
            read(imap_server)
    assert read(imap_server) == 1


def test_a_mail_deleted_meanwhile_is_passed_over(imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    imap_server.deliver(letter(), letter("bert@example.org"))
    original, begun = operations.begin, list[keeping.Place]()

    def begin(mailbox: MailboxState, place: keeping.Place) -> int:
        if not begun:
            imap_server.delete_all()
            imap_server.deliver(letter("cora@example.org"))
        begun.append(place)
        return original(mailbox, place)

    monkeypatch.setattr(operations, "begin", begin)
    read(imap_server)
    read(imap_server)
    assert [intake.email for intake in Intake.objects.all()][-1] == "cora@example.org"
    assert not ReceivedMail.objects.filter(outcome="set_aside").exists()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_nobody_vouches_for_is_not_trusted(imap_server: ImapServer, security: Security) -> None:
    mailbox = imap_server.mailbox(security)
    stranger = keeping.Mailbox(mailbox.host, mailbox.port, mailbox.user, mailbox.password, security)
    with pytest.raises(CannotRead) as refusal, opened(stranger):
        pass
    assert refusal.value.trouble is Trouble.NOT_TRUSTED


def test_why_a_mailbox_cannot_be_read_is_told_apart(imap_server: ImapServer) -> None:
    for mailbox, trouble in (
        (imap_server.mailbox(password="wrong"), Trouble.NOT_LET_IN),
        (imap_server.mailbox(password="fälsch"), Trouble.NOT_LET_IN),
        (imap_server.mailbox(folder="Nirgendwo"), Trouble.NO_SUCH_FOLDER),
        (keeping.Mailbox("127.0.0.1", 1, USER, "x", "none"), Trouble.UNREACHABLE),
        (keeping.Mailbox("nowhere.invalid", 143, USER, "x", "none"), Trouble.UNREACHABLE),
    ):
        with pytest.raises(CannotRead) as refusal, opened(mailbox):
            pass
        assert refusal.value.trouble is trouble


def test_old_mail_that_lay_there_before_us_is_left_to_people(
    imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    imap_server.deliver(letter())
    with monkeypatch.context() as patch:
        # The portal comes to this mailbox a year later.
        later = clock.now() + timedelta(days=365)
        patch.setattr(clock, "now", lambda: later)
        assert read_once(imap_server.mailbox(), clock=lambda: later) == 0
    assert not ReceivedMail.objects.exists()


# Waiting


def waited(box: BaseMailBox, imap_server: ImapServer, *, before_waiting: bool = False) -> float:
    """How long it took until a mail was noticed that came while we waited, or just before."""
    begun = time.monotonic()
    if before_waiting:
        imap_server.deliver(letter())
        reader._wait_for_news(box)  # noqa: SLF001
    else:
        postman = threading.Timer(0.5, imap_server.deliver, [letter()])
        postman.start()
        reader._wait_for_news(box)  # noqa: SLF001
        postman.join()
    return time.monotonic() - begun


@pytest.mark.parametrize("before_waiting", [False, True])
@pytest.mark.parametrize("security", ["tls", "none"])
def test_news_is_noticed_at_once(imap_server: ImapServer, security: Security, *, before_waiting: bool) -> None:
    with opened(imap_server.mailbox(security)) as box:
        assert waited(box, imap_server, before_waiting=before_waiting) < SECONDS_OF_IDLING
        # The connection is as good as before; what is new the server tells when it is asked whether there is anything.
        assert read(imap_server) == 1
        box.client.noop()
        assert len(box.uids("ALL")) == 1


def test_where_the_server_cannot_tell_it_is_looked_into_every_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[timedelta] = []

    class Enough(BaseException):
        """It has been seen often enough."""

    with ImapServer(idle=False) as server:

        def pause(length: timedelta) -> None:
            pauses.append(length)
            if len(pauses) == 3:
                raise Enough
            server.deliver(letter(f"{len(pauses)}@example.org"))

        monkeypatch.setattr(reader, "_pause", pause)
        with pytest.raises(Enough):
            reader.read_for_ever(server.mailbox(), clock=clock.now)
    assert pauses == [timedelta(minutes=1)] * 3
    assert Intake.objects.count() == 2


def test_a_server_that_hangs_up_is_called_again(imap_server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[timedelta] = []

    class Enough(BaseException):
        """It has been seen often enough."""

    def wait_for_news(_: object) -> None:
        if pauses:
            raise Enough
        imap_server.stop()
        raise ConnectionResetError

    def pause(length: timedelta) -> None:
        pauses.append(length)
        if len(pauses) == 3:
            imap_server.start()

    monkeypatch.setattr(reader, "_wait_for_news", wait_for_news)
    monkeypatch.setattr(reader, "_pause", pause)
    with pytest.raises(Enough):
        reader.read_for_ever(imap_server.mailbox(), clock=clock.now)
    assert pauses == [SHORTEST_PAUSE, 2 * SHORTEST_PAUSE, 4 * SHORTEST_PAUSE]
    assert MailboxState.objects.get().unread_since is None
