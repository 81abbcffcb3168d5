"""Waiting mail reaches a real mail server, and whatever that server says is dealt with."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.smtp import EmailBackend
from django.db import DatabaseError, OperationalError, connection

from factories.accounts import NOW
from factories.mail_server import TAKEN, MailServer
from factories.notices import Notices, queued
from kundenportal.domain.mail import delivery, handover
from kundenportal.domain.mail.delivery import claim_due_mail, deliver_due_mails
from kundenportal.domain.mail.kinds import NotNeeded
from kundenportal.domain.mail.models import SERVER_ANSWER_MAX_LENGTH, OutgoingMail
from kundenportal.domain.mail.rules import GIVE_UP_AFTER, LEASE, State

if TYPE_CHECKING:
    from django.core.mail.backends.base import BaseEmailBackend
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[True, False], ids=["told at once", "told one by one"])
def mail_server(mail_server: MailServer, request: pytest.FixtureRequest) -> MailServer:
    """Both kinds of mail servers."""
    mail_server.may_be_told_at_once = request.param
    return mail_server


def state_of(mail: OutgoingMail) -> str:
    mail.refresh_from_db()
    return mail.state


# Taken


def test_a_mail_is_handed_over_and_noted(mail_server: MailServer, notices: Notices, clock: Clock) -> None:
    mail = queued("anna@example.org")
    clock.time = NOW + MINUTE
    assert deliver_due_mails(clock=clock) == 1
    received = mail_server.mail_to("anna@example.org")
    assert received.sender == "dienst@example.org"
    assert received.text == "Grüße, geschrieben 09:01\n"
    assert state_of(mail) == State.HANDED_OVER
    assert (mail.handed_over_at, mail.attempts) == (NOW + MINUTE, 1)
    assert (mail.claimed_at, mail.next_attempt_at, mail.server_answer) == (None, None, "")
    assert notices.handed == [mail.pk]


def test_a_mail_handed_over_is_not_sent_again(mail_server: MailServer, notices: Notices, clock: Clock) -> None:
    queued("anna@example.org")
    deliver_due_mails(clock=clock)
    clock.time += timedelta(days=3)
    assert deliver_due_mails(clock=clock) == 0
    assert len(mail_server.received) == 1


def test_nothing_is_done_while_nothing_is_due(mail_server: MailServer, notices: Notices, clock: Clock) -> None:
    queued("anna@example.org", now=NOW + MINUTE)
    assert deliver_due_mails(clock=clock) == 0
    assert mail_server.connections == 0


def test_mails_go_out_in_the_order_they_were_queued_in(mail_server: MailServer, notices: Notices, clock: Clock) -> None:
    for age in (1, 3, 2):
        queued(f"queued{age}@example.org", now=NOW - age * MINUTE)
    assert deliver_due_mails(clock=clock) == 3
    assert [mail.recipient[:7] for mail in mail_server.received] == ["queued3", "queued2", "queued1"]
    assert mail_server.connections == 1


# What the mail looks like


def test_machines_are_asked_not_to_reply_and_people_reach_somebody(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    queued("anna@example.org")
    deliver_due_mails(clock=clock)
    mail = mail_server.mail_to("anna@example.org").parsed
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["Reply-To"] == "dienst@example.org"
    assert mail["From"] == "Kundenportal <dienst@example.org>"
    assert mail["To"] == "anna@example.org"
    assert mail["Subject"] == "Hinweis"
    assert mail["Date"]


def test_the_message_id_bears_the_operators_domain_not_the_machines_name(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    queued("anna@example.org")
    queued("berta@example.org")
    deliver_due_mails(clock=clock)
    first, second = (str(mail.parsed["Message-ID"]) for mail in mail_server.received)
    assert first != second
    assert first.endswith("@example.org>")


def test_plain_text_comes_first_and_the_same_as_html_beside_it(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    queued("anna@example.org")
    deliver_due_mails(clock=clock)
    mail = mail_server.mail_to("anna@example.org").parsed
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "trick",
    [
        {"subject": "Hinweis\nBcc: eve@example.org"},
        {"sender": '"X\nBcc: eve@example.org" <dienst@example.org>'},
        {"reply_to": "dienst@example.org\r\nBcc: eve@example.org"},
    ],
)
def test_no_text_can_smuggle_a_header_in(
    trick: dict[str, str], mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    for name, value in trick.items():
        setattr(notices, name, value)
    mail = queued("anna@example.org")
    assert deliver_due_mails(clock=clock) == 0
    assert mail_server.received == []
    assert state_of(mail) == State.WAITING


def test_an_address_with_an_international_domain_is_reached(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    queued("buero@müsterland.example.org", now=NOW - MINUTE)
    queued("buero@großmuster.example.org")
    assert deliver_due_mails(clock=clock) == 2
    assert [mail.recipient for mail in mail_server.received] == [
        "buero@xn--msterland-q9a.example.org",
        "buero@xn--gromuster-i1a.example.org",  # and not grossmuster, as it was once
    ]


# Not taken now


def test_while_the_mail_server_is_away_a_mail_waits_longer_and_longer(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail = queued("anna@example.org")
    mail_server.stop()
    for attempt, pause in enumerate((1, 2, 4, 8, 16, 32, 64, 120, 120), start=1):
        assert deliver_due_mails(clock=clock) == 0
        assert state_of(mail) == State.WAITING
        assert mail.attempts == attempt
        assert mail.next_attempt_at == clock.time + pause * MINUTE
        assert "refused" in mail.server_answer
        clock.time = mail.next_attempt_at - timedelta(seconds=1)
        deliver_due_mails(clock=clock)
        mail.refresh_from_db()
        assert mail.attempts == attempt, "tried again too early"
        assert mail.next_attempt_at is not None
        clock.time = mail.next_attempt_at
    mail_server.start()
    assert deliver_due_mails(clock=clock) == 1
    assert state_of(mail) == State.HANDED_OVER
    assert mail.server_answer == ""


def test_after_two_days_without_a_mail_server_a_mail_has_failed(
    mail_server: MailServer, notices: Notices, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    mail = queued("anna@example.org")
    mail_server.stop()
    for _ in range(100):
        deliver_due_mails(clock=clock)
        if state_of(mail) != State.WAITING:
            break
        assert mail.next_attempt_at is not None
        clock.time = mail.next_attempt_at
    assert mail.state == State.FAILED
    assert clock.time == NOW + GIVE_UP_AFTER
    assert (mail.next_attempt_at, mail.claimed_at, mail.handed_over_at) == (None, None, None)
    assert notices.given_up == [mail.pk]
    assert "failed for good" in caplog.text
    clock.time += timedelta(days=1)
    mail_server.start()
    assert deliver_due_mails(clock=clock) == 0


def test_while_the_mail_server_is_away_the_other_mails_are_not_tried(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    first, second = queued("anna@example.org", now=NOW - MINUTE), queued("berta@example.org")
    mail_server.stop()
    deliver_due_mails(clock=clock)
    assert (state_of(first), first.attempts) == (State.WAITING, 1)
    assert (state_of(second), second.attempts) == (State.WAITING, 0)


@pytest.mark.parametrize("answer", ["450 4.2.1 Mailbox busy", "451 4.7.1 Greylisted", "421 4.3.2 Going down"])
def test_a_recipient_not_taken_now_waits_and_the_others_go_out(
    answer: str, mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail_server.says_to_recipient = lambda address: answer if address.startswith("anna") else TAKEN
    anna, berta = queued("anna@example.org", now=NOW - MINUTE), queued("berta@example.org")
    assert deliver_due_mails(clock=clock) == 1
    assert state_of(anna) == State.WAITING
    assert anna.server_answer == answer
    assert anna.next_attempt_at == NOW + MINUTE
    assert (state_of(berta), berta.attempts) == (State.HANDED_OVER, 1)


@pytest.mark.parametrize("answer", ["451 4.3.0 Try later", "452 4.3.1 Disk full", "421 4.3.2 Going down"])
def test_a_mail_not_taken_now_waits_and_the_others_go_out(
    answer: str, mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail_server.says_to_mail = lambda mail: answer if mail.recipient.startswith("anna") else TAKEN
    anna, berta = queued("anna@example.org", now=NOW - MINUTE), queued("berta@example.org")
    assert deliver_due_mails(clock=clock) == 1
    assert (state_of(anna), anna.server_answer) == (State.WAITING, answer)
    assert (state_of(berta), berta.attempts) == (State.HANDED_OVER, 1)


@pytest.mark.parametrize("answer", ["550 5.7.1 You may not send as this", "530 5.7.0 Sign in first"])
def test_a_refused_sender_is_a_wrong_setting_so_the_mail_waits(
    answer: str, mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail_server.says_to_sender = answer
    mail = queued("anna@example.org")
    assert deliver_due_mails(clock=clock) == 0
    assert (state_of(mail), mail.server_answer) == (State.WAITING, answer)
    mail_server.says_to_sender = TAKEN
    clock.time += MINUTE
    assert deliver_due_mails(clock=clock) == 1


def test_a_refused_sign_in_is_a_wrong_setting_so_the_mail_waits(
    mail_server: MailServer, notices: Notices, clock: Clock, settings: Settings
) -> None:
    mail_server.stop()
    mail_server.wants_sign_in = ("portal", "the right one")
    mail_server.start()
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "a wrong one"
    mail = queued("anna@example.org")
    assert deliver_due_mails(clock=clock) == 0
    assert state_of(mail) == State.WAITING
    assert mail.server_answer.startswith("535 ")
    settings.EMAIL_HOST_PASSWORD = "the right one"
    clock.time += MINUTE
    assert deliver_due_mails(clock=clock) == 1


@pytest.mark.parametrize("others", [0, 1])
def test_a_connection_lost_while_the_mail_is_sent_postpones_that_mail_only(
    others: int, mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail_server.says_to_mail = lambda mail: None if mail.recipient.startswith("anna") else TAKEN
    mail = queued("anna@example.org", now=NOW - MINUTE)
    for number in range(others):
        queued(f"other{number}@example.org")
    assert deliver_due_mails(clock=clock) == others
    assert state_of(mail) == State.WAITING
    mail_server.says_to_mail = TAKEN
    clock.time += MINUTE
    assert deliver_due_mails(clock=clock) == 1
    assert state_of(mail) == State.HANDED_OVER


def test_a_server_that_cannot_even_say_goodbye_does_no_harm(
    mail_server: MailServer, notices: Notices, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot_be_closed(_: EmailBackend) -> None:
        raise smtplib.SMTPException("gone")

    mail = queued("anna@example.org")
    close = EmailBackend.close
    monkeypatch.setattr(EmailBackend, "close", cannot_be_closed)
    connections: list[BaseEmailBackend] = []
    get_connection = django_mail.get_connection

    def noted_connection() -> BaseEmailBackend:
        connections.append(get_connection())
        return connections[0]

    monkeypatch.setattr(delivery, "get_connection", noted_connection)
    assert deliver_due_mails(clock=clock) == 1
    assert state_of(mail) == State.HANDED_OVER
    close(cast("EmailBackend", connections[0]))


# Never taken


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "553 5.1.3 Bad address", "501 5.1.7 Syntax"])
def test_an_unknown_recipient_has_failed_with_the_servers_answer(
    answer: str, mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail_server.says_to_recipient = lambda address: answer if address.startswith("anna") else TAKEN
    anna, berta = queued("anna@example.org", now=NOW - MINUTE), queued("berta@example.org")
    assert deliver_due_mails(clock=clock) == 1
    assert (state_of(anna), anna.server_answer) == (State.FAILED, answer)
    assert (anna.claimed_at, anna.next_attempt_at) == (None, None)
    assert notices.given_up == [anna.pk]
    assert state_of(berta) == State.HANDED_OVER


@pytest.mark.parametrize("answer", ["554 5.7.1 Looks like spam", "552 5.3.4 Too big"])
def test_a_refused_mail_has_failed_with_the_servers_answer(
    answer: str, mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail_server.says_to_mail = answer
    mail = queued("anna@example.org")
    assert deliver_due_mails(clock=clock) == 0
    assert (state_of(mail), mail.server_answer) == (State.FAILED, answer)
    assert notices.given_up == [mail.pk]


@pytest.mark.parametrize(
    "answer",
    [
        "554 Suspicious line: Passwort: fkmr-wy34-5677",
        "554 Suspicious line: fkmrwy345677",
        "554 Suspicious line: FKMR-WY34-5677.",
        "554 Suspicious line: fkmr wy34 5677",
        "554-Suspicious line: fkmr-wy34-\r\n554 5677",
        "451 Suspicious line: fkmr-wy34-5677, again fkmr-wy34-5677",
        "554 " + "x" * (SERVER_ANSWER_MAX_LENGTH - 10) + "fkmr-wy34-5677",
    ],
)
def test_a_server_that_quotes_a_secret_is_not_written_down(
    answer: str, mail_server: MailServer, notices: Notices, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    notices.secrets = ("fkmr-wy34-5677",)
    mail_server.says_to_mail = answer
    mail = queued("anna@example.org")
    deliver_due_mails(clock=clock)
    mail.refresh_from_db()
    assert mail.server_answer.startswith(answer[:3])
    for trace in ("fkmr", "wy34", "5677"):
        assert trace not in mail.server_answer.lower()
        assert trace not in caplog.text.lower()


def test_an_answer_longer_than_there_is_room_for_is_cut(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail_server.says_to_mail = "\r\n".join(["554-" + "long " * 30] * 10 + ["554 end"])
    mail = queued("anna@example.org")
    deliver_due_mails(clock=clock)
    assert state_of(mail) == State.FAILED
    assert len(mail.server_answer) == SERVER_ANSWER_MAX_LENGTH


@pytest.mark.parametrize("answer", ["554 a\x00b", "451 a\x00b"])
def test_an_answer_the_database_cannot_hold_stops_nothing(
    answer: str, mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail_server.says_to_mail = lambda mail: answer if mail.recipient.startswith("anna") else TAKEN
    anna, berta = queued("anna@example.org", now=NOW - MINUTE), queued("berta@example.org")
    assert deliver_due_mails(clock=clock) == 1
    assert state_of(anna) in {State.FAILED, State.WAITING}
    assert anna.server_answer.startswith(answer[:5])
    assert state_of(berta) == State.HANDED_OVER


# Faults of our own


def test_a_mail_that_cannot_be_written_stops_none_of_the_others(
    mail_server: MailServer, notices: Notices, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def fails_for_anna(mail: OutgoingMail) -> None:
        if mail.recipient.startswith("anna"):
            raise ZeroDivisionError

    notices.before_writing = fails_for_anna
    anna, berta = queued("anna@example.org", now=NOW - MINUTE), queued("berta@example.org")
    assert deliver_due_mails(clock=clock) == 1
    assert (state_of(anna), anna.next_attempt_at) == (State.WAITING, NOW + MINUTE)
    assert state_of(berta) == State.HANDED_OVER
    assert "ZeroDivisionError" in caplog.text


def test_a_mail_whose_writing_breaks_the_transaction_stops_none_of_the_others(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    def fails_for_anna(mail: OutgoingMail) -> None:
        if mail.recipient.startswith("anna"):
            connection.cursor().execute("SELECT * FROM nowhere")

    notices.before_writing = fails_for_anna
    anna, berta = queued("anna@example.org", now=NOW - MINUTE), queued("berta@example.org")
    assert deliver_due_mails(clock=clock) == 1
    assert (state_of(anna), state_of(berta)) == (State.WAITING, State.HANDED_OVER)


def test_a_mail_of_a_kind_nobody_writes_any_more_fails_in_the_end_and_stops_none_of_the_others(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail = queued("anna@example.org", now=NOW - GIVE_UP_AFTER, kind="from an older release")
    other = queued("berta@example.org")
    assert deliver_due_mails(clock=clock) == 1
    assert state_of(mail) == State.FAILED
    assert state_of(other) == State.HANDED_OVER


def fails(mail: OutgoingMail, *, now: datetime) -> None:
    raise ZeroDivisionError


def test_a_kind_that_fails_to_take_the_bad_news_stops_none_of_the_others(
    mail_server: MailServer, notices: Notices, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "gave_up", fails)
    mail_server.says_to_recipient = lambda address: "550 No" if address.startswith("anna") else TAKEN
    mail, other = queued("anna@example.org", now=NOW - MINUTE), queued("berta@example.org")
    assert deliver_due_mails(clock=clock) == 1
    assert (state_of(mail), state_of(other)) == (State.FAILED, State.HANDED_OVER)


def test_a_kind_that_fails_to_take_the_good_news_does_not_make_the_mail_go_out_again(
    mail_server: MailServer, notices: Notices, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "handed_over", fails)
    mail = queued("anna@example.org")
    assert deliver_due_mails(clock=clock) == 1
    clock.time += 2 * LEASE
    assert deliver_due_mails(clock=clock) == 0
    assert state_of(mail) == State.HANDED_OVER
    assert len(mail_server.received) == 1


def test_a_database_that_goes_away_while_news_are_taken_leaves_the_mail_to_be_noted_later(
    mail_server: MailServer, notices: Notices, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loses_the_database(mail: OutgoingMail, *, now: datetime) -> None:
        raise OperationalError

    mail = queued("anna@example.org")
    with monkeypatch.context() as patch:
        patch.setattr(notices, "handed_over", loses_the_database)
        with pytest.raises(OperationalError):
            deliver_due_mails(clock=clock)
    assert state_of(mail) == State.SENDING
    clock.time += LEASE - timedelta(microseconds=1)
    deliver_due_mails(clock=clock)
    assert state_of(mail) == State.SENDING, "it may still be at work"
    clock.time = NOW + LEASE
    assert deliver_due_mails(clock=clock) == 0
    assert (state_of(mail), mail.handed_over_at, mail.attempts) == (State.HANDED_OVER, NOW, 1)
    assert (len(mail_server.received), notices.handed) == (1, [mail.pk])


def test_a_mark_of_an_earlier_claim_does_not_count(mail_server: MailServer, notices: Notices, clock: Clock) -> None:
    mail = queued("anna@example.org")
    # As an older version leaves it that took the mail over, wrote it anew and was killed, too.
    OutgoingMail.objects.update(
        state=State.SENDING, taken_at=NOW - MINUTE, claimed_at=NOW, attempts=2, next_attempt_at=NOW
    )
    clock.time += LEASE
    assert deliver_due_mails(clock=clock) == 1
    assert (state_of(mail), mail.attempts, len(mail_server.received)) == (State.HANDED_OVER, 3, 1)


def test_a_mail_sent_again_is_not_taken_for_the_one_before(
    mail_server: MailServer, notices: Notices, clock: Clock
) -> None:
    mail = queued("anna@example.org")
    OutgoingMail.objects.update(taken_at=NOW + MINUTE)  # by another machine's clock
    assert claim_due_mail(now=NOW) == mail
    clock.time += LEASE
    assert deliver_due_mails(clock=clock) == 1
    assert len(mail_server.received) == 1


def test_a_database_that_is_gone_ends_the_run(
    mail_server: MailServer, notices: Notices, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_gone(mail: OutgoingMail, answer: str, *, now: datetime) -> None:
        raise DatabaseError

    def cannot_be_written(mail: OutgoingMail) -> None:
        raise DatabaseError

    notices.before_writing = cannot_be_written
    monkeypatch.setattr(handover, "_postpone", is_gone)
    mail = queued("anna@example.org")
    with pytest.raises(DatabaseError):
        deliver_due_mails(clock=clock)
    assert state_of(mail) == State.SENDING


def test_a_mail_no_longer_needed_is_not_sent(mail_server: MailServer, notices: Notices, clock: Clock) -> None:
    def is_not_needed(mail: OutgoingMail) -> None:
        raise NotNeeded

    notices.before_writing = is_not_needed
    mail = queued("anna@example.org")
    assert deliver_due_mails(clock=clock) == 0
    assert state_of(mail) == State.NOT_NEEDED
    assert (mail.claimed_at, mail.next_attempt_at) == (None, None)
    assert (mail_server.received, notices.handed, notices.given_up) == ([], [], [])


# Claimed by somebody


def test_a_claimed_mail_is_left_alone_until_its_lease_is_over(notices: Notices) -> None:
    mail = queued("anna@example.org")
    assert claim_due_mail(now=NOW) == mail
    assert claim_due_mail(now=NOW + LEASE - timedelta(microseconds=1)) is None
    again = claim_due_mail(now=NOW + LEASE)
    assert again == mail
    assert again is not None
    assert (again.attempts, again.claimed_at) == (2, NOW + LEASE)
