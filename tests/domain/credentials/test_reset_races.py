"""Links for a forgotten password at the same instant: used, superseded, entered around."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from factories.accounts import NOW, active, chooses, delivered, enters
from factories.resets import asks, link_holder, resets_to
from factories.threads import together
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import PasswordReset
from kundenportal.domain.credentials.operations.resets import LinkWorthless
from kundenportal.domain.credentials.rules.resets import LinkState
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

SUBMISSIONS = 50


def faults_in(outcomes: Sequence[object]) -> list[object]:
    """What nobody may run into: anything but being told what the link is worth."""
    return [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, LinkWorthless)]


def test_of_fifty_who_use_a_link_at_once_exactly_one_chooses_the_password(mail_server: MailServer) -> None:
    account = active(mail_server)
    token, mails = link_holder(mail_server, account), OutgoingMail.objects.count()
    passwords = [f"Nebel-hebt-sich-ueber-{number}-Wiesen" for number in range(100, 100 + SUBMISSIONS)]
    outcomes = together([partial(resets_to, token, password) for password in passwords])
    winners = [password for password, outcome in zip(passwords, outcomes, strict=True) if outcome == account]
    assert len(winners) == 1
    assert enters(account.address, winners[0]) == account
    losers = [outcome for outcome in outcomes if isinstance(outcome, LinkWorthless)]
    assert len(losers) == SUBMISSIONS - 1
    assert {loser.link.state for loser in losers} == {LinkState.USED}
    assert Entry.objects.filter(event="password.reset").count() == 1
    assert OutgoingMail.objects.count() == mails + 1, "one confirmation"


def test_links_written_and_used_at_once_leave_at_most_one_live_and_nobody_waits_for_ever(
    mail_server: MailServer,
) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    asks(account.address)
    doings: list[Callable[[], object]] = [
        partial(resets_to, token),
        partial(deliver_due_mails, clock=lambda: NOW),
        partial(resets_to, token),
    ]
    outcomes = together(doings)
    assert outcomes.count(account) <= 1
    assert faults_in(outcomes) == []
    assert PasswordReset.objects.filter(used_at__isnull=True, superseded_at__isnull=True).count() <= 1


def test_a_reset_and_a_first_sign_in_at_once_are_one_first_sign_in(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    token = link_holder(mail_server, account)
    together([partial(resets_to, token), partial(enters, account.address, password)])
    assert Entry.objects.filter(event="sign_in.first").count() == 1
    assert enters(account.address, "Nebel-hebt-sich-ueber-23-Wiesen") == account
    stored = Account.objects.get(pk=account.pk)
    assert stored.own_password_chosen_at == stored.first_signed_in_at == NOW


def test_a_reset_and_a_change_in_the_profile_at_once_leave_one_password(mail_server: MailServer) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    doings: list[Callable[[], object]] = [
        partial(resets_to, token),
        partial(chooses, account, "Ein-anderes-Passwort-62-Kiesel"),
    ]
    assert faults_in(together(doings)) == []
    assert not PasswordReset.objects.filter(used_at__isnull=True, superseded_at__isnull=True).exists()
