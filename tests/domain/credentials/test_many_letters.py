"""Access letters of which there are many are written and noted together, and each fares as if it were alone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError

from factories.accounts import NOW, delivered, enters, issued
from factories.mail_server import TAKEN, MailServer, ReceivedMail
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.mails.access import AccessLetterKind
from kundenportal.domain.credentials.mails.texts import rendered, rendered_for_many
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME
from kundenportal.domain.mail import delivery, handover
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import LEASE, NOTED_TOGETHER, TOGETHER_AT_MOST, WRITTEN_TOGETHER, State

if TYPE_CHECKING:
    from datetime import datetime

pytestmark = pytest.mark.django_db(transaction=True)

MANY = WRITTEN_TOGETHER + 3


def many(number: int = MANY) -> list[Account]:
    """Accounts whose letters wait, as an import queues them."""
    accounts = [issued(f"kunde{each}@example.org") for each in range(number)]
    OutgoingMail.objects.update(is_one_of_many=True)
    return accounts


def deliver(now: datetime = NOW) -> int:
    return deliver_due_mails(clock=lambda: now)


def states() -> Counter[tuple[str, int]]:
    return Counter(OutgoingMail.objects.values_list("state", "attempts"))


def recipients(mail_server: MailServer) -> Counter[str]:
    return Counter(mail.recipient for mail in mail_server.received)


def assert_the_latest_password_lets_in(mail_server: MailServer, account: Account, now: datetime = NOW) -> None:
    assert enters(account.address, mail_server.mails_to(account.address)[-1].password, now=now) == account


def test_everybody_gets_one_letter_that_works_and_four_weeks(mail_server: MailServer) -> None:
    accounts = many()
    assert deliver() == MANY
    assert recipients(mail_server) == {account.address: 1 for account in accounts}
    assert states() == {(State.HANDED_OVER, 1): MANY}
    assert set(AccessLetter.objects.values_list("runs_out_at", "expires_at")) == {(NOW + LIFETIME, NOW + LIFETIME)}
    noted = Entry.objects.filter(event=Event.ACCESS_LETTER_HANDED_OVER).values_list("subject", flat=True)
    assert sorted(noted) == sorted(account.pk for account in accounts)
    assert len({mail.password for mail in mail_server.received}) == MANY
    for account in (accounts[0], accounts[NOTED_TOGETHER], accounts[-1]):
        assert_the_latest_password_lets_in(mail_server, account)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("text", ["access_letter", "access_confirmed"])
def test_what_is_written_for_many_is_what_each_would_get_alone(text: str, language: str) -> None:
    account = Account(name="""Jürgen O'Neil & "Söhne" <b>""", address="o'neil+a@example.org", language=language)
    times = {"made_at": NOW, "expires_at": NOW + LIFETIME}
    alone = rendered(text, account, secrets=("abcd-1234",), password="abcd-1234", **times)
    assert rendered_for_many(text, [(account, "abcd-1234")], **times) == [alone]


def test_who_does_not_need_theirs_any_more_gets_none(mail_server: MailServer) -> None:
    inside, password = delivered(mail_server, issued("inside@example.org"))
    enters(inside.address, password, now=NOW)
    AccessLetter.objects.create(
        account=inside,
        issued_at=NOW,
        mail=OutgoingMail.objects.create(
            kind="access_letter", recipient=inside.address, queued_at=NOW, next_attempt_at=NOW
        ),
    )
    suspended, moved, *others = many(5)
    suspended.suspended_at = NOW
    suspended.save()
    moved.address = "elsewhere@example.org"
    moved.save()
    assert deliver() == len(others)
    assert Counter(OutgoingMail.objects.values_list("state", flat=True)) == {
        State.NOT_NEEDED: 3,
        State.HANDED_OVER: 1 + len(others),
    }
    for account in others:
        assert_the_latest_password_lets_in(mail_server, account)


def test_of_two_letters_to_one_account_the_newer_goes_out_and_the_password_before_is_dead(
    mail_server: MailServer,
) -> None:
    account, _ = delivered(mail_server, issued("anna@example.org"))
    many(2)
    for _ in range(2):
        mail = OutgoingMail.objects.create(
            kind="access_letter", recipient=account.address, queued_at=NOW, next_attempt_at=NOW, is_one_of_many=True
        )
        AccessLetter.objects.create(account=account, issued_at=NOW, mail=mail)
    assert deliver() == 3
    assert len(mail_server.mails_to(account.address)) == 2
    assert AccessLetter.objects.filter(account=account).exclude(keyed_hash="").get().mail == mail
    assert_the_latest_password_lets_in(mail_server, account)


def test_a_refused_one_fails_and_one_not_taken_now_waits_and_the_others_go_out(mail_server: MailServer) -> None:
    accounts = many()
    answers = {"kunde3@example.org": "550 5.1.1 No such user", "kunde7@example.org": "451 4.7.1 Later"}
    mail_server.says_to_recipient = lambda address: answers.get(address, TAKEN)
    assert deliver() == MANY - 2
    assert states() == {(State.HANDED_OVER, 1): MANY - 2, (State.FAILED, 1): 1, (State.WAITING, 1): 1}
    assert not AccessLetter.objects.get(account=accounts[3]).keyed_hash
    mail_server.says_to_recipient = lambda _: TAKEN
    assert deliver(NOW + timedelta(minutes=1)) == 1
    assert_the_latest_password_lets_in(mail_server, accounts[7], NOW + timedelta(minutes=1))


def test_a_server_that_goes_away_in_between_leaves_the_others_as_they_were(mail_server: MailServer) -> None:
    accounts = many(5)

    def goes_away(mail: ReceivedMail) -> str | None:
        if mail.recipient == "kunde2@example.org":
            mail_server.let_nobody_else_in()
            return None
        return TAKEN

    mail_server.says_to_mail = goes_away
    deliver()
    assert states() == {(State.HANDED_OVER, 1): 2, (State.WAITING, 1): 2, (State.WAITING, 0): 1}
    mail_server.says_to_mail = TAKEN
    mail_server.stop()
    mail_server.start()
    assert deliver(NOW + timedelta(minutes=1)) == 3
    for account in accounts:
        assert_the_latest_password_lets_in(mail_server, account, NOW + timedelta(minutes=1))


def test_one_that_cannot_be_written_keeps_none_of_the_others(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    many(5)
    write = AccessLetterKind.write

    def write_many(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    def write_but_one(kind: AccessLetterKind, mail: OutgoingMail, **options: Any) -> object:
        if mail.recipient == "kunde2@example.org":
            raise ZeroDivisionError
        return write(kind, mail, **options)

    monkeypatch.setattr(AccessLetterKind, "write_many", write_many)
    monkeypatch.setattr(AccessLetterKind, "write", write_but_one)
    assert deliver() == 4
    assert states() == {(State.HANDED_OVER, 1): 4, (State.WAITING, 1): 1}
    assert "could not be written" in caplog.text


def test_news_that_cannot_be_taken_together_are_told_one_by_one(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(5)

    def take_none(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(AccessLetterKind, "many_handed_over", take_none)
    assert deliver() == 5
    assert Entry.objects.filter(event=Event.ACCESS_LETTER_HANDED_OVER).count() == 5


def test_a_slow_server_is_not_kept_company_until_the_lease_is_over(mail_server: MailServer) -> None:
    many(5)
    instants = iter([NOW] * 5 + [NOW + TOGETHER_AT_MOST] * 100)
    turns = iter([True])
    deliver_due_mails(clock=lambda: next(instants), may_go_on=lambda: next(turns, False))
    assert set(states()) == {(State.HANDED_OVER, 1), (State.WAITING, 0)}
    assert deliver(NOW + TOGETHER_AT_MOST) > 0
    assert states() == {(State.HANDED_OVER, 1): 5}
    assert recipients(mail_server) == {f"kunde{number}@example.org": 1 for number in range(5)}


class Killed(BaseException):
    """What nobody catches."""


def die(*_: Any, **__: Any) -> None:
    raise Killed


def test_what_a_worker_that_was_killed_had_written_another_writes_anew(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = many(5)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_write_together", die)
        with pytest.raises(Killed):
            deliver()
    assert states() == {(State.SENDING, 1): 5}
    assert deliver(NOW + LEASE) == 5
    for account in accounts:
        assert_the_latest_password_lets_in(mail_server, account, NOW + LEASE)


def test_what_a_worker_that_was_killed_had_handed_over_another_notes_as_things_stand(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = many(5)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_note_together", die)
        with pytest.raises(Killed):
            deliver()
    assert states() == {(State.SENDING, 1): 5}
    inside, suspended, gone, *others = accounts
    assert_the_latest_password_lets_in(mail_server, inside)
    Account.objects.filter(pk=suspended.pk).update(suspended_at=NOW)
    letters = AccessLetter.objects.filter(account=gone)
    mails = list(letters.values_list("mail", flat=True))
    letters.delete()
    OutgoingMail.objects.filter(pk__in=mails).delete()

    assert deliver(NOW + LEASE) == 0
    assert states() == {(State.HANDED_OVER, 1): 4}
    assert set(OutgoingMail.objects.values_list("handed_over_at", flat=True)) == {NOW}
    assert recipients(mail_server) == {account.address: 1 for account in accounts}
    told = Entry.objects.filter(event=Event.ACCESS_LETTER_HANDED_OVER).values_list("subject", flat=True)
    assert sorted(told) == sorted(account.pk for account in (inside, suspended, *others))
    for account in others:
        assert_the_latest_password_lets_in(mail_server, account, NOW + LEASE)


def test_a_mark_that_cannot_be_made_ends_the_run_and_only_this_letter_goes_out_twice(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = many(5)
    mark, marks = handover._MARK.returned, iter(range(5))  # noqa: SLF001

    def fails_at_the_third(*values: Any) -> object:
        if next(marks) == 2:
            raise OperationalError
        return mark(*values)

    with monkeypatch.context() as patch:
        patch.setattr(handover._MARK, "returned", fails_at_the_third)  # noqa: SLF001
        with pytest.raises(OperationalError):
            deliver()
    assert states() == {(State.HANDED_OVER, 1): 2, (State.SENDING, 1): 1, (State.WAITING, 0): 2}
    assert deliver(NOW + LEASE) == 3
    assert list(recipients(mail_server).values()) == [1, 1, 2, 1, 1]
    for account in accounts:
        assert_the_latest_password_lets_in(mail_server, account, NOW + LEASE)
