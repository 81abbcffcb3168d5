"""A mail that waits, or is sent again, says nothing to an address its account has no more: that may be a stranger's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, SEEN_IN_PERSON, active, clerk, expired, issued, new_address
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials.mails import LOCKED_OUT
from kundenportal.domain.credentials.models import Lockout
from kundenportal.domain.credentials.operations import caller_codes, deletions, entitlement, steps
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.operations import queue
from kundenportal.domain.mail.rules import State
from kundenportal.domain.support import operations as intakes
from kundenportal.domain.support.rules import Request
from kundenportal.domain.support.rules import Route as IntakeRoute

if TYPE_CHECKING:
    from collections.abc import Callable

    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db


def asks_for_new_access(mail_server: MailServer) -> Account:
    account, _ = expired(mail_server)
    entitlement.request_check(account, route=Route.PAGE, requested_by=None, now=NOW, origin=AT_HOME)
    return account


def is_asked_back(mail_server: MailServer) -> Account:
    account = asks_for_new_access(mail_server)
    deliver_due_mails(clock=lambda: NOW)
    entitlement.ask_back(account.entitlement_checks.get().pk, "Wer?", asked_by=clerk(), now=NOW, origin=AT_HOME)
    return account


def is_declined(mail_server: MailServer) -> Account:
    account = asks_for_new_access(mail_server)
    deliver_due_mails(clock=lambda: NOW)
    check = account.entitlement_checks.get()
    entitlement.decline(check.pk, reason="Nein.", decided_by=clerk(), now=NOW, origin=AT_HOME)
    return account


def is_sent_a_code(mail_server: MailServer) -> Account:
    account = active(mail_server)
    caller_codes.send(account.pk, sent_by=clerk(), now=NOW, origin=AT_HOME)
    return account


def has_a_new_address(mail_server: MailServer) -> Account:
    account = active(mail_server)
    steps.correct_address(
        account.pk, new_address(), stated=SEEN_IN_PERSON, corrected_by=clerk(), now=NOW, origin=AT_HOME
    )
    account.refresh_from_db()
    return account


def is_to_be_deleted(mail_server: MailServer) -> Account:
    account = active(mail_server)
    by = clerk(Role.DESK_LEAD, "leitung@example.org")
    deletions.decide(account.pk, stated=SEEN_IN_PERSON, decided_by=by, now=NOW, origin=AT_HOME)
    return account


def is_kept(mail_server: MailServer) -> Account:
    account = is_to_be_deleted(mail_server)
    steps.restore(account.pk, stated=SEEN_IN_PERSON, restored_by=clerk(), now=NOW, origin=AT_HOME)
    return account


def has_sent_a_request(mail_server: MailServer) -> Account:
    account = active(mail_server)
    intakes.take_down(Request("Rückruf"), route=IntakeRoute.PAGE, account=account, now=NOW, origin=AT_HOME)
    return account


def is_locked(mail_server: MailServer) -> Account:
    account = active(mail_server)
    mail = queue(LOCKED_OUT, recipient=account.address, now=NOW)
    Lockout.objects.create(account=account, in_known_browser=False, begun_at=NOW, mail=mail)
    return account


WHOSE_MAIL_WAITS = [
    asks_for_new_access,
    is_asked_back,
    is_declined,
    is_sent_a_code,
    has_a_new_address,
    is_to_be_deleted,
    is_kept,
    has_sent_a_request,
    is_locked,
]


@pytest.mark.parametrize("address_is_anothers_now", [False, True])
@pytest.mark.parametrize("mail_waits_for", WHOSE_MAIL_WAITS)
def test_what_waits_does_not_go_to_an_address_the_account_has_no_more(
    mail_server: MailServer, mail_waits_for: Callable[[MailServer], Account], *, address_is_anothers_now: bool
) -> None:
    account = mail_waits_for(mail_server)
    account.refresh_from_db()
    waiting = set(
        OutgoingMail.objects.filter(recipient=account.address, state=State.WAITING).values_list("pk", flat=True)
    )
    assert waiting
    before = account.address
    received = len(mail_server.mails_to(before))
    accounts.move_to(account, new_address(), moved_by=issued(role=Role.DESK), now=NOW, origin=AT_HOME)
    others = issued(before) if address_is_anothers_now else None
    deliver_due_mails(clock=lambda: NOW)
    assert len(mail_server.mails_to(before)) == received + (others is not None)
    assert set(OutgoingMail.objects.filter(pk__in=waiting).values_list("state", flat=True)) == {State.NOT_NEEDED}


@pytest.mark.parametrize("mail_waits_for", WHOSE_MAIL_WAITS)
def test_what_waits_goes_to_the_address_the_account_still_has(
    mail_server: MailServer, mail_waits_for: Callable[[MailServer], Account]
) -> None:
    account = mail_waits_for(mail_server)
    account.refresh_from_db()
    received = len(mail_server.mails_to(account.address))
    deliver_due_mails(clock=lambda: NOW)
    assert len(mail_server.mails_to(account.address)) == received + 1
