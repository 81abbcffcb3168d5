"""What becomes of letters and passwords when the address of an account nobody has signed in to is corrected."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, SEEN_IN_PERSON, clerk, delivered, enters, expired, issued
from factories.argon2_work import Argon2Work
from factories.tables import csv, imported, people
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.operations import access, entitlement, steps
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.sign_in import InitialPasswordExpired
from kundenportal.domain.credentials.queries.desk import account_file
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.imports.rules.runs import Letters
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail

if TYPE_CHECKING:
    from factories.mail_server import MailServer
    from kundenportal.domain.credentials.models import EntitlementCheck

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
WRONG, RIGHT = "bureo@musterland.example.org", "buero@musterland.example.org"


def correct(account: Account, address: str = RIGHT, *, now: datetime = LATER, by: Account | None = None) -> Account:
    return steps.correct_address(
        account.pk, address, stated=SEEN_IN_PERSON, corrected_by=by or clerk(), now=now, origin=AT_HOME
    )


def deliver(now: datetime = LATER) -> None:
    deliver_due_mails(clock=lambda: now)


def approved(account: Account) -> EntitlementCheck:
    check = entitlement.request_check(account, route=Route.TELEPHONE, now=NOW, origin=AT_HOME)
    by = clerk(address="hr-service-2@example.org")
    return entitlement.approve(check.pk, stated=SEEN_IN_PERSON, decided_by=by, now=NOW, origin=AT_HOME)


def state_of(account: Account, *, now: datetime = LATER) -> AccountState:
    file = account_file(account.pk, now=now)
    assert file is not None
    return file.state


class TestThePasswordSentToTheWrongAddress:
    def test_is_dead_at_once_though_the_new_letter_is_not_written_yet(
        self, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account, password = delivered(mail_server, issued(WRONG))
        correct(account)
        work = Argon2Work()
        work.watch(monkeypatch)
        with pytest.raises(EntryWrong):
            enters(RIGHT, password, now=LATER)
        assert len(work.costs) == 1, "it costs what every entry costs"
        assert state_of(account) is AccountState.ISSUED
        with pytest.raises(access.LetterOnItsWay):
            access.send_letter_again(account.pk, sent_by=clerk(address="hr-2@example.org"), now=LATER, origin=AT_HOME)

    def test_is_expired_as_before_after_the_four_weeks(self, mail_server: MailServer) -> None:
        account, password = expired(mail_server, issued(WRONG, now=NOW - timedelta(days=28)))
        correct(account)
        assert state_of(account) is AccountState.EXPIRED
        with pytest.raises(InitialPasswordExpired):
            enters(RIGHT, password, now=LATER)
        assert AccessLetter.objects.filter(account=account).count() == 1


class TestNewAccessThatWasApproved:
    def test_goes_to_the_right_address_and_confirms_the_approval_there(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server, issued(WRONG, now=NOW - timedelta(days=28)))
        staff, check = clerk(), approved(account)
        correct(account, by=staff)
        assert state_of(account) is AccountState.EXPIRED
        with pytest.raises(entitlement.NoCheckNeeded):
            steps.take_down_request(account.pk, taken_down_by=staff, now=LATER, origin=AT_HOME)
        deliver()
        letter = mail_server.mails_to(RIGHT)[-1]
        assert AccessLetter.objects.get(mail__recipient=RIGHT).confirms == check
        assert "Berechtigung" in letter.text
        assert "Kein Zugang mehr" in mail_server.mails_to(WRONG)[-1].parsed["Subject"]
        enters(RIGHT, letter.password, now=LATER + timedelta(days=28) - timedelta(seconds=1))

    def test_confirms_the_approval_also_where_its_first_letter_went_to_the_wrong_one(
        self, mail_server: MailServer
    ) -> None:
        account, _ = expired(mail_server, issued(WRONG, now=NOW - timedelta(days=28)))
        check = approved(account)
        deliver(NOW)
        correct(account)
        assert AccessLetter.objects.get(mail__recipient=RIGHT).confirms == check

    def test_does_not_come_of_a_letter_that_was_planned_and_never_needed(self, mail_server: MailServer) -> None:
        account, staff = issued(WRONG, now=NOW - timedelta(days=28)), clerk()
        OutgoingMail.objects.filter(recipient=WRONG).update(queued_at=LATER, next_attempt_at=LATER)
        at = NOW - timedelta(days=28)
        steps.issue_again(account.pk, stated=SEEN_IN_PERSON, issued_by=staff, now=at, origin=AT_HOME)
        deliver(at)
        correct(account, by=staff)
        assert not AccessLetter.objects.filter(mail__recipient=RIGHT).exists()


class TestALetterThatHasNotGoneOut:
    def test_keeps_the_day_it_was_planned_for(self, mail_server: MailServer) -> None:
        imported(csv(people(1)), letters=Letters.ON_A_DATE, on=date(2027, 1, 4))
        account, eight = Account.objects.get(), datetime(2027, 1, 4, 7, tzinfo=UTC)
        correct(account)
        deliver(eight - timedelta(seconds=1))
        assert not mail_server.mails_to(RIGHT)
        deliver(eight)
        enters(RIGHT, mail_server.mails_to(RIGHT)[-1].password, now=eight)
        assert not mail_server.mails_to(account.address)

    def test_goes_to_the_address_that_was_corrected_last(self, mail_server: MailServer) -> None:
        imported(csv(people(1)), letters=Letters.ON_A_DATE, on=date(2027, 1, 4))
        account, staff = Account.objects.get(), clerk()
        eight = datetime(2027, 1, 4, 7, tzinfo=UTC)
        for address in (RIGHT, account.address):
            correct(account, address, by=staff)
        deliver(eight)
        assert len(mail_server.mails_to(account.address)) == 1
        enters(account.address, mail_server.mail_to(account.address).password, now=eight)

    def test_is_not_sent_where_an_account_was_imported_without_one(self, mail_server: MailServer) -> None:
        imported(csv(people(1)), letters=Letters.NEVER)
        account, staff = Account.objects.get(), clerk()
        correct(account, by=staff)
        deliver()
        assert not mail_server.mails_to(RIGHT)
        access.send_letter_again(account.pk, sent_by=staff, now=LATER, origin=AT_HOME)
        deliver()
        enters(RIGHT, mail_server.mail_to(RIGHT).password, now=LATER)
