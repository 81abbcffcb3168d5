"""What is said to a mail server at once, and what becomes of it whatever the server answers."""

from __future__ import annotations

import smtplib
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kundenportal.domain.mail.smtp import Pipelining

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10  # after which a conversation has failed in which each waits for the other
MAIL = b"Subject: Test\r\n\r\nGuten Tag,\r\n.\r\n..und ein Punkt.\r\n"
GREETING = b"220 mail.example.org\r\n"
EXTENSIONS = b"250-mail.example.org\r\n250-SIZE 10000\r\n250 PIPELINING\r\n"


@contextmanager
def conversation(*turns: tuple[bytes, bytes]) -> Iterator[tuple[Pipelining, list[bytes]]]:
    """With a server that reads until it has come to the one and then says the other, turn by turn, and hangs up."""
    heard: list[bytes] = []

    def serve() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(SECONDS)
            peer.sendall(GREETING)
            for end, answer in ((b"\r\n", EXTENSIONS), *turns):
                said = b""
                while not said.endswith(end) and (more := peer.recv(65536)):
                    said += more
                heard.append(said)
                peer.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve)
        server.start()
        smtp = Pipelining("127.0.0.1", listener.getsockname()[1], local_hostname="portal", timeout=SECONDS)
        try:
            yield smtp, heard
        finally:
            smtp.close()
            server.join()


def send(smtp: Pipelining) -> None:
    smtp.sendmail("portal@example.org", ["anna@example.org"], MAIL)


def test_sender_recipient_and_that_the_mail_comes_are_said_before_the_server_answers() -> None:
    with conversation((b"DATA\r\n", b"250 ok\r\n251 ok\r\n354 go on\r\n"), (b"\r\n.\r\n", b"250 taken\r\n")) as (
        smtp,
        heard,
    ):
        send(smtp)
    size = len(MAIL)
    assert heard[1] == f"MAIL FROM:<portal@example.org> SIZE={size}\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n".encode()
    assert heard[2] == b"Subject: Test\r\n\r\nGuten Tag,\r\n..\r\n...und ein Punkt.\r\n.\r\n"


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        (b"550 not you\r\n503 who?\r\n503 who?\r\n", smtplib.SMTPSenderRefused(550, b"not you", "portal@example.org")),
        (
            b"250 ok\r\n550 nobody\r\n554 for whom?\r\n",
            smtplib.SMTPRecipientsRefused({"anna@example.org": (550, b"nobody")}),
        ),
        (b"250 ok\r\n250 ok\r\n451 later\r\n", smtplib.SMTPDataError(451, b"later")),
    ],
)
def test_the_first_no_is_what_counts_and_the_conversation_can_go_on(
    answers: bytes, refusal: smtplib.SMTPException
) -> None:
    with conversation((b"DATA\r\n", answers), (b"quit\r\n", b"221 bye\r\n")) as (smtp, heard):
        with pytest.raises(type(refusal)) as raised:
            send(smtp)
        assert smtp.quit()[0] == 221
    assert raised.value.args == refusal.args
    assert heard[2] == b"quit\r\n"


def test_a_server_that_refuses_and_waits_for_the_mail_all_the_same_gets_none() -> None:
    with conversation((b"DATA\r\n", b"250 ok\r\n550 nobody\r\n354 go on\r\n"), (b"\r\n.\r\n", b"")) as (smtp, heard):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(smtp)
        assert smtp.sock is None
    assert heard[2] == b""


def test_a_server_that_says_no_and_hangs_up_has_said_why() -> None:
    with (
        conversation((b"DATA\r\n", b"250 ok\r\n554 spam\r\n")) as (smtp, _),
        pytest.raises(smtplib.SMTPRecipientsRefused) as raised,
    ):
        send(smtp)
    assert raised.value.recipients == {"anna@example.org": (554, b"spam")}


@pytest.mark.parametrize("answers", [b"", b"250 ok\r\n", b"250 ok\r\n250 ok\r\n"])
def test_a_server_that_hangs_up_without_a_no_is_away(answers: bytes) -> None:
    with conversation((b"DATA\r\n", answers)) as (smtp, _), pytest.raises(smtplib.SMTPServerDisconnected):
        send(smtp)


@pytest.mark.parametrize("answer", [b"421 going down\r\n", b"250 ok\r\n421 going down\r\n"])
def test_nothing_is_waited_for_from_a_server_that_goes_away(answer: bytes) -> None:
    with conversation((b"DATA\r\n", answer), (b"never", b"")) as (smtp, _):
        with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused)):
            send(smtp)
        assert smtp.sock is None


@pytest.mark.parametrize("address", ['"a b"@example.org', "a>b@example.org", "a b@example.org"])
def test_an_address_that_is_not_plain_is_left_to_smtplib(address: str) -> None:
    one_by_one = ((b"\r\n", b"250 ok\r\n"), (b"\r\n", b"550 no\r\n"), (b"\r\n", b"250 ok\r\n"))
    with conversation(*one_by_one) as (smtp, heard), pytest.raises(smtplib.SMTPRecipientsRefused):
        smtp.sendmail("portal@example.org", [address], MAIL)
    assert heard[1].startswith(b"mail FROM:<portal@example.org>")
