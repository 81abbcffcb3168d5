"""What a delivery report says reaches the mail log, once, and never more of it than is safe to keep."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from hypothesis import example, given
from hypothesis import strategies as st

from factories.accounts import AT_HOME, NOW, delivered, enters, issued
from factories.mail_server import TAKEN
from factories.notices import NOTICE, queued
from factories.trail import last_entry
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.operations.access import LetterOnItsWay
from kundenportal.domain.mail import operations, queries
from kundenportal.domain.mail.delivery import claim_due_mail, deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.operations import NamesNoMail, NotToBeSentAgain
from kundenportal.domain.mail.rules import (
    LEASE,
    Action,
    Meaning,
    Report,
    Standing,
    State,
    envelope_sender,
    meaning_of,
    standing,
    state_after,
    words_worth_keeping,
)

if TYPE_CHECKING:
    from pytest_django import Settings

    from factories.mail_server import MailServer
    from factories.notices import Notices
    from kundenportal.domain.accounts.models import Account

FAILED = Report(Action.FAILED, "5.1.1", "smtp; 550 5.1.1 <anna@example.org>: Recipient address rejected")
DELAYED = Report(Action.DELAYED, "4.4.1", "smtp; 421 connection timed out")
RELAYED = Report(Action.RELAYED, "2.0.0")
database = pytest.mark.django_db


def handed_over(address: str = "anna@example.org") -> OutgoingMail:
    mail = queued(address)
    deliver_due_mails(clock=lambda: NOW)
    mail.refresh_from_db()
    return mail


def void(_: object) -> None:
    """What comes of it does not matter."""


# Rules


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_only_a_failure_changes_where_a_mail_stands_and_only_while_it_may(state: State, action: Action) -> None:
    after = state_after(state, Report(action, "5.0.0"))
    may = state in {State.WAITING, State.SENDING, State.HANDED_OVER} and action is Action.FAILED
    assert after is (State.BOUNCED if may else state)


@pytest.mark.parametrize(
    ("status", "bounced", "meaning"),
    [
        ("5.1.1", True, Meaning.ADDRESS_WRONG),
        ("5.1.2", True, Meaning.ADDRESS_WRONG),
        ("5.1.10", True, Meaning.ADDRESS_WRONG),
        ("5.1.7", True, Meaning.REFUSED_BY_POLICY),
        ("5.1.8", True, Meaning.REFUSED_BY_POLICY),
        ("5.2.1", True, Meaning.MAILBOX_CLOSED),
        ("5.2.2", True, Meaning.MAILBOX_FULL),
        ("5.2.3", True, Meaning.TOO_LARGE),
        ("5.3.4", True, Meaning.TOO_LARGE),
        ("5.4.4", True, Meaning.UNREACHABLE),
        ("5.4.7", True, Meaning.NOT_IN_TIME),
        ("5.7.1", True, Meaning.REFUSED_BY_POLICY),
        ("5.7.26", True, Meaning.REFUSED_BY_POLICY),
        ("5.0.0", True, Meaning.UNCLEAR),
        ("5.99.1", True, Meaning.UNCLEAR),
        ("4.4.7", True, Meaning.NOT_IN_TIME),
        ("4.2.2", False, Meaning.STILL_TRYING),
        ("2.0.0", False, None),
        ("", False, None),
        ("nonsense", True, None),
    ],
)
def test_a_status_has_a_meaning(status: str, bounced: bool, meaning: Meaning | None) -> None:  # noqa: FBT001
    assert meaning_of(status, bounced=bounced) is meaning


@given(st.from_regex(r"5\.7\.[0-9]{1,3}", fullmatch=True))
def test_a_refusal_by_policy_never_blames_the_address(status: str) -> None:
    assert meaning_of(status, bounced=True) is Meaning.REFUSED_BY_POLICY


@pytest.mark.parametrize(
    ("state", "attempts", "status", "where"),
    [
        (State.WAITING, 0, "", Standing.WAITING),
        (State.WAITING, 1, "", Standing.DEFERRED),
        (State.SENDING, 3, "", Standing.SENDING),
        (State.HANDED_OVER, 1, "", Standing.HANDED_OVER),
        (State.HANDED_OVER, 1, "4.4.1", Standing.DEFERRED),
        (State.HANDED_OVER, 1, "2.0.0", Standing.HANDED_OVER),
        (State.BOUNCED, 1, "4.4.7", Standing.BOUNCED),
        (State.FAILED, 9, "", Standing.FAILED),
        (State.NOT_NEEDED, 1, "", Standing.NOT_NEEDED),
    ],
)
def test_where_a_mail_stands_for_its_readers(state: State, attempts: int, status: str, where: Standing) -> None:
    assert standing(state, attempts=attempts, reported_status=status) is where


def test_a_return_address_carries_the_key() -> None:
    assert envelope_sender("return@example.org", "k3y") == "return+k3y@example.org"


def test_what_a_server_usually_says_is_kept() -> None:
    said = "smtp; 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in virtual mailbox table"
    kept = words_worth_keeping(said, recipient="anna@example.org")
    assert kept == ("smtp 550 5.1.1 anna@example.org recipient address rejected user unknown in virtual mailbox table")


@given(
    before=st.text(max_size=40),
    secret=st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=20, max_size=30),
    cut=st.lists(st.sampled_from(["", " ", "-", "\n", "\x00", "=\n", ".", "5.1.1 "]), min_size=30, max_size=30),
)
@example(before="550 quoting ", secret="A" * 20, cut=[""] * 30)
def test_no_four_signs_in_a_row_of_a_secret_are_kept(before: str, secret: str, cut: list[str]) -> None:
    quoted = "".join(sign + gap for sign, gap in zip(secret, cut, strict=False))
    for kept in words_worth_keeping(f"{before} {quoted}", recipient="anna@example.org").split():
        # A word is a known one, a code of three digits, or the address: none of them the secret's.
        assert kept == "…" or kept.isalpha() or kept in {"couldn't", "doesn't"} or len(kept) < 4 or "." in kept, kept


# Operations


@database
def test_a_report_of_failure_is_in_the_log_and_told_to_the_kind_once(mail_server: MailServer, notices: Notices) -> None:
    mail = handed_over()
    for _ in range(2):
        operations.note_report(mail.key, FAILED, now=NOW)
    mail.refresh_from_db()
    assert (mail.state, mail.reported_status, mail.reported_at) == (State.BOUNCED, "5.1.1", NOW)
    assert mail.reported_words == "smtp 550 5.1.1 anna@example.org recipient address rejected"
    assert notices.returned == [mail.pk]
    assert notices.handed == [mail.pk]


@database
def test_a_delay_is_shown_until_the_mail_is_passed_on(mail_server: MailServer, notices: Notices) -> None:
    mail = handed_over()
    operations.note_report(mail.key, DELAYED, now=NOW)
    (row,) = queries.mails_page(standing=Standing.DEFERRED).rows
    assert (row.pk, row.state) == (mail.pk, State.HANDED_OVER)
    operations.note_report(mail.key, RELAYED, now=NOW)
    assert not queries.mails_page(standing=Standing.DEFERRED).rows
    assert notices.returned == []


@database
def test_nothing_is_said_after_a_failure_but_the_failure(mail_server: MailServer, notices: Notices) -> None:
    mail = handed_over()
    operations.note_report(mail.key, FAILED, now=NOW)
    operations.note_report(mail.key, DELAYED, now=NOW + LEASE)
    mail.refresh_from_db()
    assert (mail.reported_status, mail.reported_at) == ("5.1.1", NOW)


@database
def test_a_report_may_be_quicker_than_the_worker_that_handed_the_mail_over(
    mail_server: MailServer, notices: Notices
) -> None:
    mail = queued("anna@example.org")

    # In the worker's own thread, before it notes the hand-over.
    notices.before_writing = lambda _: void(operations.note_report(mail.key, FAILED, now=NOW))
    deliver_due_mails(clock=lambda: NOW)
    mail.refresh_from_db()
    assert mail.state == State.BOUNCED
    assert (notices.handed, notices.returned) == ([mail.pk], [mail.pk])
    deliver_due_mails(clock=lambda: NOW + 2 * LEASE)
    assert notices.handed == [mail.pk]


@database
def test_a_mail_that_came_back_is_not_sent_once_more_by_itself(mail_server: MailServer, notices: Notices) -> None:
    mail = queued("anna@example.org")
    claim_due_mail(now=NOW)  # by a worker that is killed after the hand-over
    operations.note_report(mail.key, FAILED, now=NOW)
    assert deliver_due_mails(clock=lambda: NOW + 2 * LEASE) == 0


@database
def test_a_key_nobody_was_given_names_no_mail(notices: Notices) -> None:
    with pytest.raises(NamesNoMail):
        operations.note_report("k" * 26, FAILED, now=NOW)


@database
def test_the_envelope_carries_the_key_and_the_header_does_not(
    mail_server: MailServer, notices: Notices, settings: Settings
) -> None:
    settings.RETURN_ADDRESS = "return@portal.example.org"
    mails = [handed_over(address) for address in ("anna@example.org", "bert@example.org")]
    assert len({mail.key for mail in mails}) == 2
    for mail in mails:
        received = mail_server.mail_to(mail.recipient)
        assert received.sender == f"return+{mail.key}@portal.example.org"
        assert str(received.parsed["From"]) == "Kundenportal <dienst@example.org>"
        assert mail.key.encode() not in received.content


@database
def test_a_mail_that_came_back_says_when() -> None:
    mail = queued("anna@example.org")
    with pytest.raises(IntegrityError, match="a_mail_that_came_back_says_when"), transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(state=State.BOUNCED)


# Sending again


@database
def test_what_came_back_is_sent_again_once_under_another_key(mail_server: MailServer, notices: Notices) -> None:
    clerk, mail = issued(), handed_over()
    operations.note_report(mail.key, FAILED, now=NOW)
    later = NOW + 1000 * LEASE  # long after trying would have been given up
    operations.send_again(mail.pk, sent_by=clerk, now=later, origin=AT_HOME)
    with pytest.raises(NotToBeSentAgain):
        operations.send_again(mail.pk, sent_by=clerk, now=later, origin=AT_HOME)
    mail_server.says_to_recipient = lambda _: "450 later"
    deliver_due_mails(clock=lambda: later)
    again = OutgoingMail.objects.get(pk=mail.pk)
    assert (again.state, again.attempts, again.queued_at) == (State.WAITING, 1, NOW)
    assert again.key != mail.key
    mail_server.says_to_recipient = lambda _: "250 OK"
    deliver_due_mails(clock=lambda: later + LEASE)
    assert len(mail_server.mails_to("anna@example.org")) == 2
    with pytest.raises(NamesNoMail):
        operations.note_report(mail.key, FAILED, now=later)


@database
def test_what_is_under_way_or_of_another_kind_is_not_sent_again(mail_server: MailServer, notices: Notices) -> None:
    clerk, mail = issued(), handed_over()
    with pytest.raises(NotToBeSentAgain):
        operations.send_again(mail.pk, sent_by=clerk, now=NOW, origin=AT_HOME)
    operations.note_report(mail.key, FAILED, now=NOW)
    notices.may_be_sent_again = False
    with pytest.raises(NotToBeSentAgain):
        operations.send_again(mail.pk, sent_by=clerk, now=NOW, origin=AT_HOME)
    OutgoingMail.objects.filter(pk=mail.pk).update(kind="of an older version")
    with pytest.raises(NotToBeSentAgain):
        operations.send_again(mail.pk, sent_by=clerk, now=NOW, origin=AT_HOME)


# Access letters


@database
def test_an_access_letter_that_came_back_is_part_of_the_accounts_history(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    mail = OutgoingMail.objects.get(recipient=account.address)
    operations.note_report(mail.key, FAILED, now=NOW)
    entry = last_entry()
    assert (entry.event, entry.subject_id) == ("access.letter.bounced", account.pk)
    assert entry.details == {"status": "5.1.1"}
    # Of a letter passed on to two, one copy may have arrived.
    enters(account.address, password)


@database
def test_an_access_letter_that_came_back_is_sent_again_until_the_first_sign_in(mail_server: MailServer) -> None:
    clerk = issued(role=Role.DESK)
    account, _ = delivered(mail_server)
    with pytest.raises(LetterOnItsWay):
        access.send_letter_again(account.pk, sent_by=clerk, now=NOW, origin=AT_HOME)
    operations.note_report(OutgoingMail.objects.get(recipient=account.address).key, FAILED, now=NOW)
    access.send_letter_again(account.pk, sent_by=clerk, now=NOW, origin=AT_HOME)
    deliver_due_mails(clock=lambda: NOW)
    newest = mail_server.mails_to(account.address)[-1]
    enters(account.address, newest.password)
    letter = OutgoingMail.objects.filter(recipient=account.address).latest("pk")
    operations.note_report(letter.key, FAILED, now=NOW)
    with pytest.raises(LetterOnItsWay):
        access.send_letter_again(account.pk, sent_by=clerk, now=NOW, origin=AT_HOME)


# What else goes wrong with an account's mails


@database
def test_a_mail_that_is_put_off_fails_or_comes_back_is_told_once_in_the_history_of_whom_it_concerns(
    mail_server: MailServer, notices: Notices
) -> None:
    notices.concerned = account = issued()
    first, second = queued("anna@example.org"), queued("anna@example.org")
    mail_server.says_to_mail = "451 4.3.0 try again with secret words"
    for hours in (0, 1, 2):
        deliver_due_mails(clock=lambda hours=hours: NOW + timedelta(hours=hours))  # type: ignore[misc]
    mail_server.says_to_mail = "554 5.7.1 no"
    deliver_due_mails(clock=lambda: NOW + timedelta(hours=9))
    assert told_of(first, account) == [("mail.deferred", "postponed"), ("mail.failed", "refused")]
    mail_server.says_to_mail = TAKEN
    clerk = issued(role=Role.DESK)
    operations.send_again(second.pk, sent_by=clerk, now=NOW, origin=AT_HOME)
    assert last_entry().subject == account
    deliver_due_mails(clock=lambda: NOW)
    second.refresh_from_db()
    for report in (DELAYED, DELAYED, FAILED, FAILED):
        operations.note_report(second.key, report, now=NOW)
    assert told_of(second, account)[2:] == [
        ("mail.sent_again", None),
        ("mail.deferred", "still_trying"),
        ("mail.bounced", "address_wrong"),
    ]


def told_of(mail: OutgoingMail, account: Account) -> list[tuple[str, str | None]]:
    """What the account's history says of the mail, and why that was."""
    entries = Entry.objects.filter(subject=account, details__mail=mail.pk, details__kind=NOTICE).order_by("pk")
    return [(entry.event, entry.details.get("why")) for entry in entries]


@database
def test_a_mail_that_concerns_nobody_is_in_the_mail_log_only(mail_server: MailServer, notices: Notices) -> None:
    queued("anna@example.org")
    mail_server.says_to_mail = "554 5.7.1 no"
    deliver_due_mails(clock=lambda: NOW)
    assert not Entry.objects.filter(event__startswith="mail.").exists()
