"""Every mail that comes in is taken in once, with whatever follows from it, and nothing stops the next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, active, delivered, expired, issued, suspended
from factories.incoming import RETURN_ADDRESS, VACATION, letter, report
from factories.trail import events_of
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.inbox import operations, queries
from kundenportal.domain.inbox.models import MailboxState, ReceivedMail
from kundenportal.domain.inbox.operations import AlreadySeenTo
from kundenportal.domain.inbox.rules.keeping import (
    FAILURES_BEFORE_SET_ASIDE,
    LETTERS_A_DAY,
    TEXT_FORGOTTEN_AFTER,
    Outcome,
    Place,
    SetAside,
    TakenFor,
    Trouble,
)
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.domain.support.models import Intake

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_django import Settings

    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _return_address(settings: Settings) -> None:
    settings.RETURN_ADDRESS = RETURN_ADDRESS


@pytest.fixture
def mailbox() -> MailboxState:
    return operations.meet(operations.mailbox_named("service@imap.example.org/INBOX", now=NOW), 1)


def take_in(
    mailbox: MailboxState, raw: bytes, *, uid: int = 0, uidvalidity: int = 1, now: datetime = NOW
) -> ReceivedMail:
    """The mail comes in as the next one, or at the place given."""
    mailbox.refresh_from_db()
    place = Place(uidvalidity, uid or mailbox.uid + 1)
    return operations.take_in(mailbox, place, raw, now=now)


def from_owner(account: Account, **particulars: str) -> bytes:
    return letter(f"{account.name} <{account.address}>", **particulars)


# Reports


def test_a_report_updates_the_mail_log_and_the_accounts_history(mailbox: MailboxState, mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    sent = mail_server.mail_to(account.address)
    raw = report(OutgoingMail.objects.get(recipient=account.address).key, recipient=account.address)
    assert sent.sender.encode() in raw  # what a server reports to is what we gave it
    received = take_in(mailbox, raw)
    mail = OutgoingMail.objects.get(recipient=account.address)
    assert (mail.state, mail.reported_status) == (State.BOUNCED, "5.1.1")
    assert (received.taken_for, received.outcome, received.mail) == (TakenFor.REPORT, Outcome.MAIL_LOG, mail)
    assert (received.text, received.set_aside) == ("", "")
    assert events_of(account)[-1] == "access.letter.bounced"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (report("k" * 26), SetAside.REPORT_UNKNOWN),
        (report("k" * 26, to="return@portal.example.org"), SetAside.REPORT_UNKNOWN),
        (report("k" * 26, action="perhaps"), SetAside.REPORT_UNCLEAR),
    ],
)
def test_a_report_that_names_no_mail_of_ours_is_set_aside(mailbox: MailboxState, raw: bytes, reason: SetAside) -> None:
    received = take_in(mailbox, raw)
    assert (received.outcome, received.set_aside) == (Outcome.SET_ASIDE, reason)


def test_what_machines_send_is_noted_and_ignored(mailbox: MailboxState) -> None:
    received = take_in(mailbox, VACATION)
    assert (received.taken_for, received.outcome, received.text) == (TakenFor.AUTOMATIC, Outcome.IGNORED, "")
    assert not Intake.objects.exists()


# Letters


def test_a_letter_from_an_account_whose_four_weeks_are_over_opens_a_check(
    mailbox: MailboxState, mail_server: MailServer
) -> None:
    account, _ = expired(mail_server)
    received = take_in(mailbox, from_owner(account).replace(account.address.encode(), account.address.upper().encode()))
    check = EntitlementCheck.objects.get()
    assert (check.account, check.route, check.requested_at) == (account, Route.MAIL, NOW)
    assert (received.outcome, received.entitlement_check) == (Outcome.CHECK_OPENED, check)
    assert OutgoingMail.objects.filter(kind="entitlement_requested").count() == 1


def test_a_second_letter_is_added_to_the_open_check_and_not_confirmed_again(
    mailbox: MailboxState, mail_server: MailServer
) -> None:
    account, _ = expired(mail_server)
    entitlement.request_check(account, route=Route.PAGE, now=NOW, origin=AT_HOME)
    received = take_in(mailbox, from_owner(account, subject="Noch einmal"))
    check = EntitlementCheck.objects.get()
    assert (check.route, received.entitlement_check, received.outcome) == (Route.PAGE, check, Outcome.CHECK_ADDED_TO)
    assert OutgoingMail.objects.filter(kind="entitlement_requested").count() == 1
    assert list(ReceivedMail.objects.filter(entitlement_check=check)) == [received]


@pytest.mark.parametrize("state", ["issued", "active", "suspended"])
def test_a_letter_from_any_other_account_is_an_intake_of_that_account(
    mailbox: MailboxState, mail_server: MailServer, state: str
) -> None:
    account = {"issued": lambda: delivered(mail_server)[0], "active": lambda: active(mail_server),
               "suspended": lambda: suspended(issued())}[state]()  # fmt: skip
    received = take_in(mailbox, from_owner(account, subject="Frage", text="Wo finde ich …?"))
    intake = Intake.objects.get()
    assert (received.outcome, received.intake) == (Outcome.INTAKE, intake)
    assert (intake.account, intake.route, intake.email) == (account, "mail", account.address)
    assert (intake.name, intake.concern) == (account.name, "Frage\n\nWo finde ich …?")
    assert not EntitlementCheck.objects.exists()


def test_a_letter_from_a_stranger_is_an_intake_of_nobodys(mailbox: MailboxState) -> None:
    take_in(mailbox, letter())
    intake = Intake.objects.get()
    assert (intake.account, intake.email, intake.name) == (None, "anna@example.org", "Anna Beispiel")


def test_a_letter_without_a_word_is_an_intake_all_the_same(mailbox: MailboxState) -> None:
    take_in(mailbox, b"From: anna@example.org\n\n")
    assert Intake.objects.get().concern == "–"


def test_a_letter_from_nobody_is_set_aside(mailbox: MailboxState) -> None:
    assert take_in(mailbox, b"Subject: x\n\nwho am I\n").set_aside == SetAside.NO_SENDER
    assert not Intake.objects.exists()


def test_one_sender_leads_to_so_many_things_a_day_and_no_more(mailbox: MailboxState) -> None:
    received = [take_in(mailbox, letter(text=f"{number}")) for number in range(LETTERS_A_DAY + 2)]
    assert [mail.set_aside for mail in received] == [""] * LETTERS_A_DAY + [SetAside.TOO_MANY] * 2
    assert received[-1].text == f"{LETTERS_A_DAY + 1}"
    assert Intake.objects.count() == LETTERS_A_DAY
    assert take_in(mailbox, letter("bert@example.org")).outcome == Outcome.INTAKE
    tomorrow = take_in(mailbox, letter(text="morgen"), now=NOW + timedelta(days=1))
    assert tomorrow.outcome == Outcome.INTAKE


# Once


def test_the_same_mail_changes_nothing_a_second_time(mailbox: MailboxState) -> None:
    raw = letter()
    first, again = take_in(mailbox, raw), take_in(mailbox, raw)
    assert (first.pk, Intake.objects.count()) == (again.pk, 1)
    mailbox.refresh_from_db()
    assert mailbox.uid == 2


def test_under_a_new_number_the_mailbox_is_looked_through_anew_and_nothing_happens_twice(
    mailbox: MailboxState,
) -> None:
    raws = [letter(text=f"{number}") for number in range(3)]
    for raw in raws:
        take_in(mailbox, raw)
    mailbox = operations.meet(mailbox, 2)
    assert mailbox.uid == 0
    # In another order, and with a new one among them.
    for uid, raw in enumerate([raws[2], letter("neu@example.org"), raws[0], raws[1]], start=1):
        take_in(mailbox, raw, uid=uid, uidvalidity=2)
    assert Intake.objects.count() == 4
    assert ReceivedMail.objects.filter(uidvalidity=2).count() == 4


def test_a_number_the_mailbox_had_before_confuses_nothing(mailbox: MailboxState) -> None:
    old = take_in(mailbox, letter(text="alt"))
    operations.meet(mailbox, 2)
    mailbox = operations.meet(mailbox, 1)
    new = take_in(mailbox, letter(text="neu"), uid=1)
    old.refresh_from_db()
    assert (old.uid, new.uid) == (None, 1)


def test_the_same_number_leaves_everything_as_it_is(mailbox: MailboxState) -> None:
    take_in(mailbox, letter())
    assert operations.meet(mailbox, 1).uid == 1


# Not read


def test_what_fails_again_and_again_is_counted_and_then_set_aside(mailbox: MailboxState) -> None:
    place = Place(1, 7)
    assert [operations.begin(mailbox, place) for _ in range(6)] == [0, 1, 2, FAILURES_BEFORE_SET_ASIDE, 4, 4]
    received = operations.set_aside(mailbox, place, letter(subject="Schwierig"), SetAside.FAILED, size=9, now=NOW)
    assert (received.outcome, received.set_aside, received.subject) == ("set_aside", "failed", "Schwierig")
    assert (received.taken_for, received.text) == (TakenFor.UNREAD, "")
    mailbox.refresh_from_db()
    assert (mailbox.uid, mailbox.stumbles) == (7, 0)
    assert operations.begin(mailbox, Place(1, 8)) == 0


def test_of_two_that_say_nothing_of_themselves_both_are_shown(mailbox: MailboxState) -> None:
    for uid in (1, 2):
        operations.set_aside(mailbox, Place(1, uid), b"", SetAside.FAILED, size=0, now=NOW)
    assert len(queries.set_aside_mails()) == 2


def test_a_large_mail_is_set_aside_once_even_under_a_new_number(mailbox: MailboxState) -> None:
    head = letter()
    for uidvalidity in (1, 2):
        operations.meet(mailbox, uidvalidity)
        operations.set_aside(mailbox, Place(uidvalidity, 1), head, SetAside.TOO_LARGE, size=99, now=NOW)
    assert ReceivedMail.objects.count() == 1


def test_somebody_sees_to_what_was_set_aside_once(mailbox: MailboxState) -> None:
    clerk, received = issued(), take_in(mailbox, b"Subject: x\n\nwho am I\n")
    assert [mail.pk for mail in queries.set_aside_mails()] == [received.pk]
    assert not queries.received_mails().rows
    operations.see_to(received.pk, seen_to_by=clerk, now=NOW, origin=AT_HOME)
    assert not queries.set_aside_mails()
    assert [mail.pk for mail in queries.received_mails().rows] == [received.pk]
    with pytest.raises(AlreadySeenTo):
        operations.see_to(received.pk, seen_to_by=clerk, now=NOW, origin=AT_HOME)
    with pytest.raises(AlreadySeenTo):
        operations.see_to(take_in(mailbox, letter()).pk, seen_to_by=clerk, now=NOW, origin=AT_HOME)


# The mailbox itself


def test_since_when_it_cannot_be_read_is_noted_until_it_can(mailbox: MailboxState) -> None:
    for minutes, trouble in ((0, Trouble.UNREACHABLE), (5, Trouble.NOT_LET_IN)):
        operations.note_trouble(mailbox, trouble, now=NOW + timedelta(minutes=minutes))
    state = MailboxState.objects.get()
    assert (state.unread_since, state.trouble) == (NOW, Trouble.NOT_LET_IN)
    operations.note_read(mailbox, now=NOW + timedelta(minutes=9))
    state.refresh_from_db()
    assert (state.unread_since, state.trouble, state.read_at) == (None, "", NOW + timedelta(minutes=9))


def test_what_people_wrote_is_forgotten_in_time(mailbox: MailboxState) -> None:
    old, new = take_in(mailbox, letter()), take_in(mailbox, letter(), now=NOW + timedelta(days=1))
    operations.forget_old_texts(now=NOW + TEXT_FORGOTTEN_AFTER)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.text, old.subject, bool(new.text)) == ("", "", True)
    assert take_in(mailbox, letter(text="x")).outcome == Outcome.INTAKE
