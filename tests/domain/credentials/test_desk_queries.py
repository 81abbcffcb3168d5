"""The desk sees every account, how it stands and what became of its letter."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from factories.accounts import AT_HOME, NOW, active, clerk, delivered, issued, suspended
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.queries.desk import NewestLetter, account_file, accounts_on_the_desk
from kundenportal.domain.credentials.queries.door import account_at_the_door, state_of
from kundenportal.domain.credentials.queries.letters import letters_that_did_not_arrive, newest_letter_of
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.mail.delivery import deliver_due_mails

if TYPE_CHECKING:
    from datetime import datetime

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

FOUR_WEEKS = timedelta(days=28)


def state_on_the_desk(account: Account, *, now: datetime = NOW) -> AccountState:
    return state_of(accounts_on_the_desk().get(pk=account.pk), now=now)


def test_an_accounts_state_follows_from_what_happened_to_it(mail_server: MailServer) -> None:
    account = issued()
    assert state_on_the_desk(account, now=NOW + 10 * FOUR_WEEKS) is AccountState.ISSUED
    delivered(mail_server, account)
    assert state_on_the_desk(account, now=NOW + FOUR_WEEKS - timedelta(seconds=1)) is AccountState.ISSUED
    assert state_on_the_desk(account, now=NOW + FOUR_WEEKS) is AccountState.EXPIRED
    active_account = active(mail_server)
    assert state_on_the_desk(active_account, now=NOW + FOUR_WEEKS) is AccountState.ACTIVE
    assert state_on_the_desk(suspended(active_account)) is AccountState.SUSPENDED
    assert state_on_the_desk(suspended(account)) is AccountState.SUSPENDED


def test_the_newest_letter_tells_where_it_stands(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    row = accounts_on_the_desk().get(pk=account.pk)
    assert NewestLetter.of(row) == NewestLetter("handed_over", due_at=NOW)
    assert row.initial_password_expires_at == NOW + FOUR_WEEKS
    access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
    assert NewestLetter.of(accounts_on_the_desk().get(pk=account.pk)).state == "waiting"
    mail_server.says_to_recipient = lambda _: "550 No such user"
    deliver_due_mails(clock=lambda: NOW)
    letter = NewestLetter.of(accounts_on_the_desk().get(pk=account.pk))
    assert (letter.state, letter.answer) == ("failed", "550 No such user")


def test_of_two_letters_issued_at_the_same_time_the_newest_is_the_one_that_counts(mail_server: MailServer) -> None:
    account, later = issued(), NOW + timedelta(seconds=1)
    # Both have read the clock before they waited for each other.
    access.issue_initial_password(account, issued_by=None, now=later, origin=AT_HOME)
    last = access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
    deliver_due_mails(clock=lambda: later)
    file = account_file(account.pk, now=later)
    assert file is not None
    assert NewestLetter.of(file.account).state == "handed_over"
    assert not file.standing.letter_is_lost
    assert next(iter(file.letters)) == newest_letter_of(account) == last
    assert not letters_that_did_not_arrive(later).exists()
    with pytest.raises(access.LetterOnItsWay):
        access.send_letter_again(account.pk, sent_by=clerk(), now=later, origin=AT_HOME)


def test_the_newest_letter_is_looked_up_among_the_accounts_own() -> None:
    with connection.cursor() as cursor:
        # After a large import, nobody has told the database yet how few letters there are to sort.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = accounts_on_the_desk().filter(pk=1).explain()
    assert "newest_letters_of_accounts" in plan
    assert "credentials_accessletter_pkey" not in plan


def test_an_account_without_letter_is_shown_as_well() -> None:
    account = Account.objects.create(address="ohne@example.org", name="Ohne", opened_at=NOW)
    assert NewestLetter.of(accounts_on_the_desk().get(pk=account.pk)) == NewestLetter()


def test_an_account_with_many_letters_is_one_row(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    for _ in range(3):
        access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
        deliver_due_mails(clock=lambda: NOW)
    assert accounts_on_the_desk().count() == 1
    found = account_at_the_door(account.address)
    assert found is not None
    assert found.initial_password_hash


def test_an_account_at_the_door_has_no_initial_password_before_its_letter_is_written() -> None:
    found = account_at_the_door(issued().address)
    assert found is not None
    assert (found.initial_password_hash, found.initial_password_expires_at) == (None, None)
