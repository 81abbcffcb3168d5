"""What becomes of letters and passwords when the address of an account nobody has signed in to is corrected."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, SEEN_IN_PERSON, clerk, delivered, enters, expired, issued
from factories.argon2_work import Argon2Work
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.operations import access, steps
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.sign_in import InitialPasswordExpired
from kundenportal.domain.credentials.queries.desk import account_file
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.mail.delivery import deliver_due_mails

if TYPE_CHECKING:
    from datetime import datetime

    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
WRONG, RIGHT = "bureo@musterland.example.org", "buero@musterland.example.org"


def correct(account: Account, address: str = RIGHT, *, now: datetime = LATER, by: Account | None = None) -> Account:
    return steps.correct_address(
        account.pk, address, stated=SEEN_IN_PERSON, corrected_by=by or clerk(), now=now, origin=AT_HOME
    )


def deliver(now: datetime = LATER) -> None:
    deliver_due_mails(clock=lambda: now)


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
