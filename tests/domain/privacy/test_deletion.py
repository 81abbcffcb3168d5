"""An account is deleted for good: decided, taken back or not, and then nothing is left that says whose it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, OWN_PASSWORD, SEEN_IN_PERSON, active, clerk, enters, expired, issued
from factories.incoming import letter
from factories.traces import places_of, whole_database
from factories.trail import events_of
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.operations import deletions, entitlement, resets, steps
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.sign_in import AccountIsSuspended
from kundenportal.domain.credentials.rules.deletion import TAKEN_BACK_WITHIN
from kundenportal.domain.credentials.rules.entitlement import CheckState, Route
from kundenportal.domain.credentials.rules.identity import Identity, Means
from kundenportal.domain.directory import operations as directory
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.inbox.models import ReceivedMail
from kundenportal.domain.inbox.rules.keeping import Place
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.domain.maintenance import operations as maintenance
from kundenportal.domain.privacy import operations as privacy
from kundenportal.domain.support import operations as intakes
from kundenportal.domain.support.models import Intake
from kundenportal.domain.support.rules import Request
from kundenportal.domain.support.rules import Route as IntakeRoute

if TYPE_CHECKING:
    from collections.abc import Callable

    from factories.mail_server import MailServer
    from kundenportal.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db

DUE_AT = NOW + TAKEN_BACK_WITHIN
SECOND = timedelta(seconds=1)


def lead(role: Role = Role.DESK_LEAD, address: str = "leitung@example.org") -> Account:
    return clerk(role, address)


def to_be_deleted(account: Account, by: Account | None = None) -> Account:
    decided_by = by or lead()
    deletions.decide(account.pk, stated=SEEN_IN_PERSON, decided_by=decided_by, now=NOW, origin=AT_HOME)
    account.refresh_from_db()
    return account


def test_the_account_is_suspended_at_once_and_its_owner_is_told_when_it_will_be_gone(mail_server: MailServer) -> None:
    account = to_be_deleted(active(mail_server))
    with pytest.raises(AccountIsSuspended):
        enters(account.address, OWN_PASSWORD)
    deliver_due_mails(clock=lambda: NOW)
    told = mail_server.mails_to(account.address)[-1]
    assert str(told.parsed["Subject"]).endswith("Ihr Zugang wird gelöscht")
    assert "am Montag, 7. Dezember 2026, 10:00 Uhr" in told.text
    entry = Entry.objects.get(event=Event.ACCOUNT_TO_BE_DELETED)
    assert entry.details == {"due_at": DUE_AT.isoformat(), "identity": "in_person"}
    assert (entry.subject, entry.actor, entry.network_address) == (account, Account.objects.latest("pk"), "192.0.2.7")


def test_an_open_request_for_new_access_is_withdrawn(mail_server: MailServer) -> None:
    account, _ = expired(mail_server)
    check = entitlement.request_check(account, route=Route.PAGE, requested_by=None, now=NOW, origin=AT_HOME)
    to_be_deleted(account)
    check.refresh_from_db()
    assert check.state == CheckState.WITHDRAWN


def test_whoever_restores_it_in_time_takes_the_deletion_back(mail_server: MailServer) -> None:
    account, staff = to_be_deleted(active(mail_server)), clerk()
    steps.restore(account.pk, stated=SEEN_IN_PERSON, restored_by=staff, now=DUE_AT - SECOND, origin=AT_HOME)
    assert privacy.delete_due(now=DUE_AT) == 0
    assert enters(account.address, OWN_PASSWORD, now=DUE_AT) == account
    deliver_due_mails(clock=lambda: DUE_AT)
    subjects = [str(each.parsed["Subject"]) for each in mail_server.mails_to(account.address)]
    assert subjects[-1].endswith("Ihr Zugang wird nicht gelöscht")
    assert not any(subject.endswith("Ihr Zugang wird gelöscht") for subject in subjects)
    assert Event.ACCOUNT_KEPT in events_of(account)


def test_it_is_gone_when_its_time_has_come_and_not_a_second_before() -> None:
    account = to_be_deleted(issued())
    assert privacy.delete_due(now=DUE_AT - SECOND) == 0
    assert privacy.delete_due(now=DUE_AT) == 1
    assert privacy.delete_due(now=DUE_AT) == 0
    assert not Account.objects.filter(pk=account.pk).exists()
    with pytest.raises(EntryWrong):
        enters(account.address, OWN_PASSWORD, now=DUE_AT)


def test_one_taken_back_may_be_deleted_after_all() -> None:
    account, by = issued(), lead()
    to_be_deleted(account, by)
    deletions.take_back(account, taken_back_by=by, now=NOW, origin=AT_HOME)
    assert not deletions.take_back(account, taken_back_by=by, now=NOW, origin=AT_HOME)
    to_be_deleted(account, by)
    assert privacy.delete_due(now=DUE_AT) == 1


@pytest.mark.parametrize(
    ("who", "whose", "refusal"),
    [
        (lambda: clerk(Role.DESK), issued, accounts.RoleNotYours),
        (lambda: clerk(Role.EDITOR), issued, accounts.RoleNotYours),
        (lead, lambda: clerk(Role.ADMIN), accounts.RoleNotYours),
        (lead, lambda: Account.objects.get(address="leitung@example.org"), accounts.RoleNotYours),
        (
            lambda: lead(Role.ADMIN),
            lambda: to_be_deleted(issued(), lead(address="wer@example.org")),
            deletions.AlreadyToBeDeleted,
        ),
    ],
    ids=["the desk", "an editor", "an administrator's", "one's own", "twice"],
)
def test_who_may_not_have_what_deleted(
    who: Callable[[], Account], whose: Callable[[], Account], refusal: type[Refusal]
) -> None:
    by = who()
    account = whose()
    with pytest.raises(refusal):
        deletions.decide(account.pk, stated=SEEN_IN_PERSON, decided_by=by, now=NOW, origin=AT_HOME)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_that_says_whose_it_was(mail_server: MailServer) -> None:
    """An account with everything there is: name and addresses are nowhere in the database afterwards."""
    by, staff = lead(), clerk()
    first, second, name = (
        "wiebke.unverwechselbar@example.org",
        "w.unverwechselbar@example.org",
        "Wiebke Unverwechselbar",
    )
    account, _ = expired(mail_server, issued(first, name=name, now=NOW - timedelta(days=28)))
    check = entitlement.request_check(account, route=Route.PAGE, requested_by=None, now=NOW, origin=AT_HOME)
    mailbox = inbox.mailbox_named("INBOX", now=NOW)
    inbox.take_in(mailbox, Place(1, 1), letter(f"{name} <{first}>", text=f"Ich heiße {name}."), now=NOW)
    entered = Identity(Means.INITIAL_PASSWORD)
    entitlement.approve(check.pk, stated=entered, decided_by=staff, now=NOW, origin=AT_HOME)
    account = active(mail_server, account)
    for _ in range(5):
        with pytest.raises(EntryWrong):
            enters(account.address, "falsch")
    steps.correct_address(account.pk, second, stated=SEEN_IN_PERSON, corrected_by=staff, now=NOW, origin=AT_HOME)
    account.refresh_from_db()
    resets.ask(second, now=NOW, origin=AT_HOME)
    request = Request("Bitte um Rückruf", name=name, email="W.Unverwechselbar@example.org")
    intakes.take_down(request, route=IntakeRoute.PAGE, account=account, now=NOW, origin=AT_HOME)
    intakes.take_down(request, route=IntakeRoute.PAGE, now=NOW, origin=AT_HOME)
    maintenance.subscribe(account, now=NOW)
    deliver_due_mails(clock=lambda: NOW)
    assert places_of("unverwechselbar", whole_database())

    to_be_deleted(account, by)
    deliver_due_mails(clock=lambda: NOW)
    privacy.delete_due(now=DUE_AT)
    directory.forget_words()
    assert places_of("unverwechselbar", whole_database()) == []
    assert not Intake.objects.exists()
    assert set(OutgoingMail.objects.values_list("recipient", flat=True)) <= {by.address, staff.address}
    assert ReceivedMail.objects.get().sender == ""

    events = list(Entry.objects.filter(subject_id=account.pk).order_by("pk").values_list("event", flat=True))
    assert (events[0], events[-1]) == ("account.opened", "account.deleted")
    # What staff did for the account was done from where they are.
    assert set(Entry.objects.filter(subject_id=account.pk).values_list("actor", "network_address")) == {
        (None, ""),
        (account.pk, ""),
        (staff.pk, "192.0.2.7"),
        (by.pk, "192.0.2.7"),
    }


def test_a_former_address_that_is_somebody_elses_now_stays_theirs(mail_server: MailServer) -> None:
    staff = clerk()
    account = issued("buero@example.org")
    steps.correct_address(
        account.pk, "neu@example.org", stated=SEEN_IN_PERSON, corrected_by=staff, now=NOW, origin=AT_HOME
    )
    heir = issued("buero@example.org")
    to_be_deleted(account)
    privacy.delete_due(now=DUE_AT)
    deliver_due_mails(clock=lambda: DUE_AT)
    assert OutgoingMail.objects.filter(recipient=heir.address, state=State.HANDED_OVER).exists()


def test_what_another_account_holds_on_to_at_that_address_stays() -> None:
    """It had the address before, and has gone on; its letter is part of its history."""
    before = issued("buero@example.org")
    Account.objects.filter(pk=before.pk).update(address="woanders@example.org")
    to_be_deleted(issued("buero@example.org"))
    assert privacy.delete_due(now=DUE_AT) == 1
    assert before.access_letters.get().mail.recipient == "buero@example.org"


def test_what_a_deleted_member_of_staff_did_for_others_stays_with_them() -> None:
    staff = clerk()
    customer = issued(issued_by=staff)
    to_be_deleted(staff)
    privacy.delete_due(now=DUE_AT)
    letter = customer.access_letters.get()
    assert letter.issued_by is None
    opened = Entry.objects.get(subject=customer, event=Event.ACCOUNT_OPENED)
    assert (opened.actor_id, opened.network_address) == (staff.pk, "")
