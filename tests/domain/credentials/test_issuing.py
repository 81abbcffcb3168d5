"""Access is issued by a letter whose password nobody but its reader ever holds."""

from __future__ import annotations

import re
from concurrent.futures import Future
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from factories.accounts import AT_HOME, NOW, delivered, enters, issued, new_address, signed_in, suspended
from factories.mail_server import TAKEN
from factories.threads import SECONDS_TO_MEET, until_done_or_blocked
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials import keys
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.sign_in import InitialPasswordExpired
from kundenportal.domain.credentials.rules.initial_passwords import ALPHABET, LENGTH, keyed_hash
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import GIVE_UP_AFTER, State
from kundenportal.domain.organisations.models import Organisation

if TYPE_CHECKING:
    from pytest_django import Settings

    from factories.mail_server import MailServer, ReceivedMail

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def issued_again(account: Account, *, now: datetime, issued_by: Account | None = None) -> AccessLetter:
    return access.issue_initial_password(account, issued_by=issued_by, now=now, origin=AT_HOME)


def letter_of(account: Account) -> AccessLetter:
    return AccessLetter.objects.select_related("mail").get(account=account)


# One transaction


def test_issuing_opens_the_account_and_queues_its_letter() -> None:
    clerk = issued(role=Role.DESK)
    account = issued(kind=Kind.INSTITUTIONAL, language=Language.ENGLISH, issued_by=clerk)
    letter = letter_of(account)
    assert (letter.issued_at, letter.issued_by, letter.keyed_hash, letter.expires_at) == (NOW, clerk, "", None)
    assert (letter.mail.recipient, letter.mail.state) == (account.address, State.WAITING)
    assert str(letter) == f"access letter to account {account.pk}"
    assert events_of(account) == ["account.opened", "access.issued"]
    assert (last_entry().actor, last_entry().network_address) == (clerk, AT_HOME.network_address)


def test_what_is_rolled_back_leaves_neither_account_nor_letter_nor_job() -> None:
    def issue_and_fail() -> None:
        issued()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        issue_and_fail()
    for table in (Account, AccessLetter, OutgoingMail, ProcrastinateJob, Entry, Organisation):
        assert not table.objects.exists(), table


def test_a_letter_that_cannot_be_queued_leaves_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(access, "issue_initial_password", fails)
    with pytest.raises(ZeroDivisionError):
        issued()
    assert not Account.objects.exists()


def test_a_refused_address_queues_no_letter() -> None:
    account = issued()
    with pytest.raises(accounts.AddressTaken):
        issued(account.address.upper())
    assert AccessLetter.objects.count() == OutgoingMail.objects.count() == ProcrastinateJob.objects.count() == 1


# The password


def test_before_the_letter_is_written_there_is_no_password_to_guess() -> None:
    account = issued()
    for entry in ("", "-", " ", "a"):
        with pytest.raises(EntryWrong):
            enters(account.address, entry)


def test_of_the_password_only_a_keyed_hash_is_kept(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}(-[{ALPHABET}]{{4}})*", password)
    assert len(password.replace("-", "")) == LENGTH
    expected = keyed_hash(password, key=keys.initial_password_key(), account_id=str(account.pk))
    assert letter_of(account).keyed_hash == expected
    assert not Account.objects.get(pk=account.pk).has_usable_password()


def test_every_letter_has_a_password_of_its_own(mail_server: MailServer) -> None:
    for _ in range(5):
        issued()
    deliver_due_mails(clock=lambda: NOW)
    assert len({mail.password for mail in mail_server.received}) == 5


def test_the_key_follows_the_secret_key(settings: Settings) -> None:
    before = keys.initial_password_key()
    assert keys.initial_password_key() == before
    settings.SECRET_KEY = "another key, kept somewhere else entirely"
    assert keys.initial_password_key() != before


# Four weeks


def test_the_four_weeks_begin_when_the_mail_server_has_taken_the_letter(mail_server: MailServer) -> None:
    account = issued()
    ticks = count()
    deliver_due_mails(clock=lambda: NOW + next(ticks) * SECOND)
    letter = letter_of(account)
    assert letter.mail.handed_over_at is not None
    assert letter.mail.handed_over_at > NOW + SECOND, "claimed and written at earlier seconds"
    assert letter.expires_at == letter.mail.handed_over_at + 28 * DAY
    assert events_of(account)[-1] == "access.letter.handed_over"


@pytest.mark.parametrize(
    "handed_over_at",
    [
        pytest.param(NOW, id="no change of the clock"),
        pytest.param(datetime.fromisoformat("2026-10-10T08:00:00+00:00"), id="the clock goes back meanwhile"),
        pytest.param(datetime.fromisoformat("2027-03-10T09:00:00+00:00"), id="the clock goes forward meanwhile"),
        pytest.param(datetime.fromisoformat("2026-09-27T02:30:00+02:00"), id="ends in the hour that comes twice"),
    ],
)
def test_the_password_works_for_28_days_to_the_second(mail_server: MailServer, handed_over_at: datetime) -> None:
    account, password = delivered(mail_server, issued(now=handed_over_at), now=handed_over_at)
    expires_at = handed_over_at + 28 * DAY
    with pytest.raises(InitialPasswordExpired) as refusal:
        enters(account.address, password, now=expires_at)
    assert refusal.value.expired_at == expires_at
    with pytest.raises(EntryWrong):
        enters(account.address, password[:-1], now=expires_at)
    assert enters(account.address, password, now=expires_at - SECOND) == account


def test_the_last_microsecond_still_counts(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    assert enters(account.address, password, now=NOW + 28 * DAY - timedelta(microseconds=1)) == account


def test_the_countdown_does_not_run_while_the_letter_waits(mail_server: MailServer) -> None:
    account = issued(now=NOW - DAY)
    _, password = delivered(mail_server, account)
    assert enters(account.address, password, now=NOW + 28 * DAY - SECOND) == account


# Issued again


def test_a_new_letter_kills_the_earlier_password(mail_server: MailServer) -> None:
    clerk = issued(role=Role.DESK)
    account, first = delivered(mail_server)
    issued_again(account, now=NOW + DAY, issued_by=clerk)
    assert last_entry().actor == clerk
    _, second = delivered(mail_server, account, now=NOW + DAY)
    assert first != second
    with pytest.raises(EntryWrong):
        enters(account.address, first, now=NOW + DAY)
    assert enters(account.address, second, now=NOW + DAY) == account


def test_until_the_new_letter_is_written_the_earlier_password_works(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    issued_again(account, now=NOW + DAY)
    assert enters(account.address, password, now=NOW + DAY) == account


def test_an_expired_account_gets_four_weeks_again(mail_server: MailServer) -> None:
    account, first = delivered(mail_server)
    again_at = NOW + 40 * DAY
    issued_again(account, now=again_at)
    _, second = delivered(mail_server, account, now=again_at)
    with pytest.raises(EntryWrong):
        enters(account.address, first, now=again_at)
    assert enters(account.address, second, now=again_at + 28 * DAY - SECOND) == account


def test_a_letter_that_has_become_pointless_is_not_sent(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    letter = issued_again(account, now=NOW + DAY)
    enters(account.address, password, now=NOW + DAY)
    deliver_due_mails(clock=lambda: NOW + DAY)
    letter.refresh_from_db()
    assert (letter.mail.state, letter.keyed_hash) == (State.NOT_NEEDED, "")
    assert len(mail_server.mails_to(account.address)) == 1


def test_letters_of_two_accounts_have_nothing_to_do_with_each_other(mail_server: MailServer) -> None:
    one, password_of_one = delivered(mail_server)
    other, password_of_other = delivered(mail_server)
    with pytest.raises(EntryWrong):
        enters(one.address, password_of_other)
    with pytest.raises(EntryWrong):
        enters(other.address, password_of_one)
    assert enters(one.address, password_of_one) == one
    assert enters(other.address, password_of_other) == other


# Letters that do not arrive


def test_while_the_mail_server_is_away_the_password_in_an_earlier_letter_goes_on_working(
    mail_server: MailServer,
) -> None:
    account, password = delivered(mail_server)
    issued_again(account, now=NOW + DAY)
    mail_server.stop()
    deliver_due_mails(clock=lambda: NOW + DAY)
    assert enters(account.address, password, now=NOW + DAY) == account


def test_while_a_letter_waits_nothing_of_its_password_is_in_the_database(mail_server: MailServer) -> None:
    account = issued()
    seen: list[str] = []

    def refuse_for_now(mail: ReceivedMail) -> str:
        seen.append(mail.password)
        return f"451 Not now: {seen[-1]}"

    mail_server.says_to_mail = refuse_for_now
    deliver_due_mails(clock=lambda: NOW)
    letter = letter_of(account)
    assert letter.mail.state == State.WAITING
    kept = vars(letter) | vars(letter.mail)
    for form in (seen[0], seen[0].replace("-", "")):
        assert form not in " ".join(map(str, kept.values()))
    # Four signs of it may stand in what is random itself.
    of_words = " ".join(str(value) for name, value in kept.items() if name not in {"_state", "keyed_hash", "key"})
    assert not any(group in of_words for group in seen[0].split("-"))
    mail_server.says_to_mail = "250 OK"
    deliver_due_mails(clock=lambda: NOW + timedelta(minutes=1))
    assert mail_server.mail_to(account.address).password != seen[0], "an attempt makes a new password"


def test_a_letter_given_up_leaves_no_password_behind(mail_server: MailServer) -> None:
    account = issued()
    mail_server.says_to_mail = "451 Not now"
    deliver_due_mails(clock=lambda: NOW)
    assert letter_of(account).keyed_hash
    deliver_due_mails(clock=lambda: NOW + GIVE_UP_AFTER)
    letter = letter_of(account)
    assert (letter.mail.state, letter.keyed_hash) == (State.FAILED, "")
    assert events_of(account)[-1] == "access.letter.failed"


def test_a_letter_refused_for_good_leaves_no_password_behind(mail_server: MailServer) -> None:
    account = issued()
    mail_server.says_to_recipient = lambda _: "550 5.1.1 No such user"
    deliver_due_mails(clock=lambda: NOW)
    letter = letter_of(account)
    assert (letter.mail.state, letter.keyed_hash, letter.mail.server_answer) == (
        State.FAILED,
        "",
        "550 5.1.1 No such user",
    )


# Sent again by staff


def sent_again(account: Account, clerk: Account) -> Account:
    return access.send_letter_again(account.pk, sent_by=clerk, now=NOW + DAY, origin=AT_HOME)


def with_a_failed_letter(mail_server: MailServer) -> Account:
    account = issued()
    mail_server.says_to_recipient = lambda _: "550 5.1.1 No such user"
    deliver_due_mails(clock=lambda: NOW)
    mail_server.says_to_recipient = lambda _: TAKEN
    return account


def test_a_letter_that_failed_can_be_sent_again(mail_server: MailServer) -> None:
    account, clerk = with_a_failed_letter(mail_server), issued(role=Role.DESK)
    assert sent_again(account, clerk) == account
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("access.issued", account, clerk)
    _, password = delivered(mail_server, account, now=NOW + DAY)
    assert enters(account.address, password, now=NOW + 29 * DAY - SECOND) == account


def test_a_letter_is_sent_again_once_however_often_it_is_asked_for(mail_server: MailServer) -> None:
    account, clerk = with_a_failed_letter(mail_server), issued(role=Role.DESK)
    sent_again(account, clerk)
    with pytest.raises(access.LetterOnItsWay):
        sent_again(account, clerk)
    assert AccessLetter.objects.filter(account=account).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_members_of_staff_who_send_a_letter_again_at_one_instant_send_one(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, clerk = with_a_failed_letter(mail_server), issued(role=Role.DESK)
    others: list[Future[Account | Exception]] = []
    issue = access.issue_initial_password

    def issue_meanwhile(*arguments: Any, **options: Any) -> AccessLetter:
        if not others:
            others.append(Future())  # so that it happens once
            others[0] = until_done_or_blocked(lambda: sent_again(account, clerk))
        return issue(*arguments, **options)

    monkeypatch.setattr(access, "issue_initial_password", issue_meanwhile)
    sent_again(account, clerk)
    assert isinstance(others[0].result(SECONDS_TO_MEET), access.LetterOnItsWay)
    assert AccessLetter.objects.filter(account=account).count() == 2


def test_a_letter_that_has_not_failed_is_not_sent_again(mail_server: MailServer) -> None:
    clerk = issued(role=Role.DESK)
    waiting = issued()
    with pytest.raises(access.LetterOnItsWay):
        sent_again(waiting, clerk)
    arrived, _ = delivered(mail_server)
    with pytest.raises(access.LetterOnItsWay):
        sent_again(arrived, clerk)


def test_a_suspended_account_gets_no_other_letter(mail_server: MailServer) -> None:
    account, clerk = with_a_failed_letter(mail_server), issued(role=Role.DESK)
    with pytest.raises(access.LetterOnItsWay):
        sent_again(suspended(account), clerk)


def test_who_has_signed_in_with_an_earlier_letter_gets_no_other(
    mail_server: MailServer,
) -> None:
    clerk = issued(role=Role.DESK)
    account, password = delivered(mail_server)
    letter = issued_again(account, now=NOW + DAY)
    enters(account.address, password, now=NOW + DAY)
    OutgoingMail.objects.filter(pk=letter.mail_id).update(state=State.FAILED)  # given up at the same instant
    with pytest.raises(access.LetterOnItsWay):
        sent_again(account, clerk)


def test_a_letter_to_nobody_is_not_sent() -> None:
    clerk = issued(role=Role.DESK)
    with pytest.raises(Account.DoesNotExist):
        access.send_letter_again(clerk.pk + 1, sent_by=clerk, now=NOW, origin=AT_HOME)


# What must hold whatever the code does


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("expires_at = NULL", "a_live_initial_password_expires"),
        ("mail_id = NULL", "mail_id"),
    ],
)
def test_the_database_itself_refuses_an_impossible_letter(
    change: str, constraint: str, mail_server: MailServer
) -> None:
    account, _ = delivered(mail_server)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE credentials_accessletter SET {change} WHERE account_id = %s", [account.pk])


def test_the_database_itself_refuses_a_second_live_password(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    letter = issued_again(account, now=NOW)
    with pytest.raises(IntegrityError, match="one_live_initial_password_per_account"), transaction.atomic():
        AccessLetter.objects.filter(pk=letter.pk).update(keyed_hash="0" * 64, runs_out_at=NOW, expires_at=NOW)


def test_a_first_sign_in_leaves_no_live_password(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server, issued(new_address()))
    assert letter_of(account).keyed_hash == ""
