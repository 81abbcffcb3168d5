"""From the mailbox to `take_in`. Every step can be the last one before a crash:

begun, not fetched         the mail is fetched again; begun three times in vain it is set aside
fetched, not taken in      likewise
taken in, not committed    likewise: nothing has happened
committed                  the mailbox's number of the mail is remembered with what came of it; the next one follows

The mailbox itself is left as it is: opened for reading only, and no mail is marked or moved.
"""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError, connection
from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.idle import IdleManager

from . import operations
from .rules.keeping import (
    FAILURES_BEFORE_SET_ASIDE,
    PATIENCE_WITH_SERVER,
    PAUSE_BETWEEN_LOOKS_AT_WHOSE_TURN_IT_IS,
    POLL_EVERY,
    TAKEN_IN_AT_MOST,
    Place,
    SetAside,
    Trouble,
    pause_after,
    sought,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime, timedelta
    from typing import NoReturn

    from imap_tools import BaseMailBox

    from .models import MailboxState
    from .rules.keeping import Mailbox

logger = logging.getLogger(__name__)

# Any number does, as long as every reader uses the same.
ONE_READER_AT_A_TIME = 5_275_646_111
HEAD = "BODY.PEEK[HEADER]<0.16384>"
WHOLE = "BODY.PEEK[]"
REASONS = {
    Trouble.UNREACHABLE: "its server cannot be reached",
    Trouble.NOT_LET_IN: "its server refuses user or password",
    Trouble.NO_SUCH_FOLDER: "it has no such folder",
    Trouble.NOT_TRUSTED: "its server's certificate is not to be trusted",
    Trouble.OTHER: "something went wrong",
}


class CannotRead(Exception):  # noqa: N818 - reads as what happened
    """The mailbox cannot be read for the time being, and why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def read_for_ever(mailbox: Mailbox, *, clock: Callable[[], datetime]) -> NoReturn:
    """Takes in whatever comes, as soon as it comes. One reader does; others wait until it is no more.

    Raises OperationalError once the database is lost, and the turn with it.
    """
    try:
        _read_for_ever(mailbox, clock=clock)
    except InterfaceError as lost:
        raise OperationalError(str(lost)) from None


def _read_for_ever(mailbox: Mailbox, *, clock: Callable[[], datetime]) -> NoReturn:
    while not _is_our_turn():
        _pause(PAUSE_BETWEEN_LOOKS_AT_WHOSE_TURN_IT_IS)
    state = operations.mailbox_named(mailbox.name, now=clock())
    watch = _Watch(mailbox.name)
    while True:
        try:
            with opened(mailbox) as box:
                while True:
                    take_in_what_is_new(box, state, clock=clock)
                    watch.it_is_read()
                    _wait_for_news(box)
        except CannotRead as fault:
            operations.note_trouble(state, fault.trouble, now=clock())
            _pause(watch.it_is_not_read(fault.trouble))


def read_once(mailbox: Mailbox, *, clock: Callable[[], datetime]) -> int:
    """Takes in what is there and not taken in yet; how many mails that were. Raises CannotRead."""
    state = operations.mailbox_named(mailbox.name, now=clock())
    with opened(mailbox) as box:
        return take_in_what_is_new(box, state, clock=clock)


@dataclass
class _Watch:
    """Says once what is wrong and once that it is right again, however often it is tried."""

    name: str
    failures: int = 0
    said: Trouble | None = None

    def it_is_read(self) -> None:
        if self.said is not None:
            logger.warning("the mailbox %s is read again", self.name)
        self.failures, self.said = 0, None

    def it_is_not_read(self, trouble: Trouble) -> timedelta:
        """How long to leave it alone."""
        if trouble is not self.said:
            logger.warning(
                "the mailbox %s cannot be read: %s; it is tried again, less and less often", self.name, REASONS[trouble]
            )
        self.failures, self.said = self.failures + 1, trouble
        return pause_after(self.failures)


def _is_our_turn() -> bool:
    with connection.cursor() as cursor:
        # Held by this connection: whoever reads and loses the database, loses the turn and ends.
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_READER_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def _pause(pause: timedelta) -> None:
    time.sleep(pause.total_seconds())


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[BaseMailBox]:
    """The mailbox, opened for reading only. Whatever its server does wrong inside is CannotRead."""
    box: BaseMailBox | None = None
    try:
        box = _connected(mailbox)
        _enter(box, mailbox)
        yield box
    except ssl.SSLCertVerificationError:
        raise CannotRead(Trouble.NOT_TRUSTED) from None
    except MailboxLoginError:
        raise CannotRead(Trouble.NOT_LET_IN) from None
    except MailboxFolderSelectError:
        raise CannotRead(Trouble.NO_SUCH_FOLDER) from None
    except (OSError, imaplib.IMAP4.abort):
        raise CannotRead(Trouble.UNREACHABLE) from None
    except (ImapToolsError, imaplib.IMAP4.error):
        # None of it is passed on: a server may repeat what it was sent, the password too.
        raise CannotRead(Trouble.OTHER) from None
    finally:
        if box is not None:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.client.shutdown()


def _connected(mailbox: Mailbox) -> BaseMailBox:
    host, port, patience = mailbox.host, mailbox.port, PATIENCE_WITH_SERVER.total_seconds()
    if mailbox.security == "none":
        return MailBoxUnencrypted(host, port, patience)
    trusted = ssl.create_default_context(cafile=mailbox.ca_file or None)
    if mailbox.security == "starttls":
        return MailBoxStartTls(host, port, patience, ssl_context=trusted)
    return MailBox(host, port, patience, ssl_context=trusted)


def _enter(box: BaseMailBox, mailbox: Mailbox) -> None:
    plain = mailbox.user.isascii() and mailbox.password.isascii()
    let_in = box.login if plain else box.login_utf8
    try:
        let_in(mailbox.user, mailbox.password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise CannotRead(Trouble.NOT_LET_IN) from None
    # Some servers say only now what they can do. Not asked later: with the answer they tell of new mail, too.
    _, said = box.client.capability()
    box.client.capabilities = tuple(b" ".join(said).decode("ascii", "replace").upper().split())
    box.folder.set(mailbox.folder, readonly=True)


def take_in_what_is_new(box: BaseMailBox, mailbox: MailboxState, *, clock: Callable[[], datetime]) -> int:
    """Takes in every mail that has not been, in the order in which they came; how many those were."""
    uidvalidity, taken_in = _uidvalidity(box), 0
    mailbox = operations.meet(mailbox, uidvalidity)
    box.client.noop()  # some servers tell of new mail only when they are asked for nothing
    found = box.uids(sought(after_uid=mailbox.uid, first_read_at=mailbox.first_read_at), charset=None)
    # The server counts n:* for the last mail, too, if there is none from n on.
    for uid in sorted(uid for uid in map(int, found) if uid > mailbox.uid):
        _take_in_one(box, mailbox, Place(uidvalidity, uid), clock=clock)
        taken_in += 1
    operations.note_read(mailbox, now=clock())
    return taken_in


def _take_in_one(box: BaseMailBox, mailbox: MailboxState, place: Place, *, clock: Callable[[], datetime]) -> None:
    begun_before = operations.begin(mailbox, place)
    if begun_before >= FAILURES_BEFORE_SET_ASIDE:
        # Who wrote and about what is shown to staff, unless that is what cannot be read either.
        head = _fetched(box, place.uid, HEAD) if begun_before == FAILURES_BEFORE_SET_ASIDE else b""
        _set_aside(mailbox, place, head, SetAside.FAILED, size=0, now=clock())
        return
    size = _size(box, place.uid)
    if size is None:
        return  # somebody has deleted it meanwhile
    if size > TAKEN_IN_AT_MOST:
        head = _fetched(box, place.uid, HEAD)
        _set_aside(mailbox, place, head, SetAside.TOO_LARGE, size=size, now=clock())
        return
    raw = _fetched(box, place.uid, WHOLE)
    if raw is not None:
        _hand_on(mailbox, place, raw, now=clock())


def _hand_on(mailbox: MailboxState, place: Place, raw: bytes, *, now: datetime) -> None:
    try:
        operations.take_in(mailbox, place, raw, now=now)
    except (OperationalError, InterfaceError):
        raise  # the database is away, which is no fault of the mail
    except Exception as fault:  # noqa: BLE001 - whatever it is, the next mails must not wait for ever
        # Not its words and not where it came about: both may quote the mail.
        logger.error("mail %d of the mailbox could not be taken in (%s)", place.uid, type(fault).__name__)  # noqa: TRY400
        raise CannotRead(Trouble.OTHER) from None


def _set_aside(
    mailbox: MailboxState, place: Place, head: bytes | None, reason: SetAside, *, size: int, now: datetime
) -> None:
    operations.set_aside(mailbox, place, head or b"", reason, size=size, now=now)
    logger.warning("mail %d of the mailbox is set aside (%s)", place.uid, reason)


# What a server answers


def _uidvalidity(box: BaseMailBox) -> int:
    _, said = box.client.response("UIDVALIDITY")
    if not said or not said[0]:
        status = box.folder.status(options=["UIDVALIDITY"])
        return int(status["UIDVALIDITY"])
    number = int(said[0])
    # Asked once, it is forgotten; it holds as long as the connection.
    box.client.untagged_responses["UIDVALIDITY"] = [said[0]]
    return number


def _size(box: BaseMailBox, uid: int) -> int | None:
    """How many bytes the mail has; None if it is there no more."""
    for part in _answers(box, uid, "RFC822.SIZE"):
        said = part if isinstance(part, bytes) else part[0]
        if re.search(rb"UID %d\b" % uid, said) and (found := re.search(rb"RFC822\.SIZE (\d+)", said)):
            return int(found[1])
    return None


def _fetched(box: BaseMailBox, uid: int, what: str) -> bytes | None:
    """That part of the mail; None if it is there no more."""
    for part in _answers(box, uid, what):
        if isinstance(part, tuple):
            return bytes(part[1])
    return None


def _answers(box: BaseMailBox, uid: int, what: str) -> list[bytes | tuple[bytes, bytes]]:
    code, parts = box.client.uid("FETCH", str(uid), f"(UID {what})")
    if code != "OK":
        raise CannotRead(Trouble.OTHER)
    return [part for part in parts if part]


# Waiting


def _wait_for_news(box: BaseMailBox) -> None:
    """Until something has come, as far as the server says so, or it is time to look again."""
    if "IDLE" in box.client.capabilities:
        _Idling(box).wait(POLL_EVERY.total_seconds())
    else:
        _pause(POLL_EVERY)


class _Idling(IdleManager):
    """The library's, but it also heeds what the server tells before it begins to idle."""

    def wait(self, timeout: float | None) -> list[bytes]:
        """What the server told; empty when the time was over."""
        client = self.mailbox.client
        self._idle_tag = client._command("IDLE")  # noqa: SLF001 - imaplib itself knows no IDLE yet
        told: list[bytes] = []
        while (line := client._get_response()) is not None:  # noqa: SLF001
            if client.tagged_commands[self._idle_tag]:
                raise CannotRead(Trouble.OTHER)
            told.append(line)
        told = told or self._already_there() or self.poll(timeout)
        self.stop()  # type: ignore[no-untyped-call]
        return told

    def _already_there(self) -> list[bytes]:
        """What was read along with the beginning: nobody would be woken for it any more."""
        client, told = self.mailbox.client, list[bytes]()
        patience = client.sock.gettimeout()
        client.sock.settimeout(0)
        with suppress(OSError, imaplib.IMAP4.abort):
            while True:
                told.append(client._get_line())  # noqa: SLF001
        client.sock.settimeout(patience)
        return told
