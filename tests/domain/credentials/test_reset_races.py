"""Links for a forgotten password at the same instant: used, superseded, entered around."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from factories.accounts import AT_HOME, NOW, OWN_PASSWORD, active, chooses, delivered, enters
from factories.resets import asks, link_holder, resets_to
from factories.threads import together
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials import keys
from kundenportal.domain.credentials.models import KnownBrowser, PasswordReset
from kundenportal.domain.credentials.operations import sign_in
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.passwords import ChangedMeanwhile
from kundenportal.domain.credentials.operations.resets import LinkWorthless
from kundenportal.domain.credentials.rules.resets import LinkState
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

SUBMISSIONS = 50
RESET_TO, CHANGED_TO = "Nebel-hebt-sich-ueber-23-Wiesen", "Ein-anderes-Passwort-62-Kiesel"


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
    assert enters(account.address, RESET_TO) == account
    stored = Account.objects.get(pk=account.pk)
    assert stored.own_password_chosen_at == stored.first_signed_in_at == NOW


def test_a_reset_and_a_change_in_the_profile_at_once_leave_one_password(mail_server: MailServer) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    doings: list[Callable[[], object]] = [
        partial(resets_to, token),
        partial(chooses, account, CHANGED_TO),
    ]
    outcomes = together(doings)
    assert all(isinstance(fault, ChangedMeanwhile) for fault in faults_in(outcomes))
    assert [isinstance(outcome, Exception) for outcome in outcomes].count(False) == 1, "one of them counts"
    assert not PasswordReset.objects.filter(used_at__isnull=True, superseded_at__isnull=True).exists()
    reset = not isinstance(outcomes[0], Exception)
    assert enters(account.address, RESET_TO if reset else CHANGED_TO) == account


def test_a_change_begun_before_a_reset_does_not_undo_it(mail_server: MailServer) -> None:
    as_read_before = active(mail_server)
    resets_to(link_holder(mail_server, as_read_before))
    with pytest.raises(ChangedMeanwhile):
        chooses(as_read_before, CHANGED_TO)
    assert enters(as_read_before.address, RESET_TO) == as_read_before


@pytest.mark.parametrize("prepare", [lambda server: (active(server), OWN_PASSWORD), delivered])
def test_who_enters_the_old_password_during_a_reset_is_not_let_in_and_their_browser_stays_unknown(
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[MailServer], tuple[Account, str]],
) -> None:
    account, old = prepare(mail_server)
    token, check = link_holder(mail_server, account), sign_in._checked  # noqa: SLF001

    def check_before_the_reset(knocking: Any, entry: str) -> tuple[Any, str]:
        checked = check(knocking, entry)
        monkeypatch.undo()
        resets_to(token, now=NOW + timedelta(seconds=1))
        return checked

    monkeypatch.setattr(sign_in, "_checked", check_before_the_reset)
    with pytest.raises(EntryWrong):
        sign_in.sign_in(address=account.address, password=old, browser_id="theirs", now=NOW, origin=AT_HOME)
    assert not KnownBrowser.objects.filter(key=keys.browser_key("theirs")).exists()
    assert enters(account.address, RESET_TO) == account
