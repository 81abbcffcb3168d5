"""The entitlement check, from the request to its decision, against a real database and a real mail server."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from factories.accounts import (
    AT_HOME,
    NOW,
    SEEN_IN_PERSON,
    active,
    clerk,
    delivered,
    enters,
    expired,
    issued,
    signed_in,
    suspended,
)
from factories.threads import SECONDS_TO_MEET, meanwhile, together, until_done_or_blocked
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.models import AccessLetter, EntitlementCheck
from kundenportal.domain.credentials.operations import access, entitlement
from kundenportal.domain.credentials.operations.decisions import AlreadyDecided
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.sign_in import InitialPasswordExpired
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import CheckState, Renewal, Route
from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME
from kundenportal.domain.mail import operations as mail_operations
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import GIVE_UP_AFTER, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=3)
SECOND = timedelta(seconds=1)
REASON = "Die Einrichtung hat uns mitgeteilt, dass der Zugang nicht mehr gebraucht wird."


def request(account: Account, *, route: Route = Route.PAGE, now: datetime = NOW) -> EntitlementCheck:
    return entitlement.request_check(account, route=route, now=now, origin=AT_HOME)


def approve(check: EntitlementCheck, by: Account, *, now: datetime = LATER) -> EntitlementCheck:
    return entitlement.approve(check.pk, stated=SEEN_IN_PERSON, decided_by=by, now=now, origin=AT_HOME)


def decline(check: EntitlementCheck, by: Account, *, now: datetime = LATER, reason: str = REASON) -> EntitlementCheck:
    return entitlement.decline(check.pk, reason=reason, decided_by=by, now=now, origin=AT_HOME)


def withdraw(check: EntitlementCheck, by: Account, *, now: datetime = LATER) -> EntitlementCheck:
    return entitlement.withdraw(check.pk, withdrawn_by=by, now=now, origin=AT_HOME)


def deliver(*, now: datetime) -> None:
    deliver_due_mails(clock=lambda: now)


def renewal_of(account: Account, *, now: datetime = LATER) -> Renewal:
    found = expired_access_of(account, now=now)
    assert found is not None
    return found.renewal


class TestRequesting:
    def test_opens_a_check_and_says_so_by_mail(self, mail_server: MailServer) -> None:
        account, password = expired(mail_server)
        check = request(account, route=Route.TELEPHONE)
        assert (check.state, check.route, check.requested_at) == (CheckState.OPEN, Route.TELEPHONE, NOW)
        assert (check.decided_at, check.decided_by, check.reason) == (None, None, "")
        deliver(now=NOW)
        _, confirmation = mail_server.mails_to(account.address)
        assert confirmation.parsed["Subject"] == "Kundenportal COMRAMO: Ihre Anfrage ist eingegangen"
        for part in (confirmation.text, confirmation.html):
            for words in (account.name, account.address, "Montag, 23. November 2026, 10:00 Uhr", "Berechtigung",
                          "hr@comramo.de", "+49 511 12401-769", "Montag bis Freitag, 7:00 bis 17:00 Uhr"):  # fmt: skip
                assert words in part
            assert password not in part
            assert "http" not in part.replace("http-equiv", "")

    def test_is_noted_in_the_trail(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        check = request(account)
        entry = last_entry()
        assert (entry.event, entry.subject, entry.actor) == (Event.ENTITLEMENT_CHECK_REQUESTED, account, None)
        assert (entry.network_address, entry.details) == ("192.0.2.7", {"check": check.pk, "route": "page"})

    def test_works_from_the_very_second_the_password_ends(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        with pytest.raises(entitlement.NoCheckNeeded):
            request(account, now=NOW - SECOND)
        assert request(account, now=NOW).state == CheckState.OPEN

    def test_twice_is_told_since_when_it_is_being_checked(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        request(account)
        with pytest.raises(entitlement.AlreadyBeingChecked) as refusal:
            request(account, now=LATER)
        assert refusal.value.since == NOW
        assert EntitlementCheck.objects.count() == 1
        assert OutgoingMail.objects.filter(kind="entitlement_requested").count() == 1

    @pytest.mark.parametrize(
        "account_of",
        [
            lambda server: delivered(server)[0],
            lambda _: issued(now=NOW - timedelta(days=40)),
            lambda server: signed_in(server, now=NOW - timedelta(days=40))[0],
            lambda server: active(server, now=NOW - timedelta(days=40)),
            lambda server: suspended(expired(server)[0]),
        ],
        ids=["in time", "letter still queued", "signed in once", "own password", "suspended"],
    )
    def test_is_for_expired_access_only(
        self, mail_server: MailServer, account_of: Callable[[MailServer], Account]
    ) -> None:
        account = account_of(mail_server)
        mails = OutgoingMail.objects.count()
        with pytest.raises(entitlement.NoCheckNeeded):
            request(account)
        assert not EntitlementCheck.objects.exists()
        assert OutgoingMail.objects.count() == mails

    def test_is_confirmed_to_the_address_that_the_account_has_by_then(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        Account.objects.filter(pk=account.pk).update(address="neu@example.org")
        check = request(account)
        assert check.requested_mail is not None
        assert check.requested_mail.recipient == "neu@example.org"

    def test_is_not_needed_while_a_new_letter_is_on_its_way(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
        assert renewal_of(account) is Renewal.ON_ITS_WAY
        with pytest.raises(entitlement.NoCheckNeeded):
            request(account, now=LATER)

    def test_is_confirmed_no_more_once_somebody_has_decided(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        withdraw(request(account), clerk(), now=NOW + SECOND)
        deliver(now=LATER)
        assert OutgoingMail.objects.get(kind="entitlement_requested").state == State.NOT_NEEDED

    def test_is_confirmed_by_its_own_mail_though_two_were_asked_for_at_the_same_instant(
        self, mail_server: MailServer
    ) -> None:
        account, _ = expired(mail_server)
        withdrawn = withdraw(request(account), clerk(), now=NOW)
        check = request(account)
        deliver(now=NOW)
        assert withdrawn.requested_mail is not None
        assert check.requested_mail is not None
        states = [
            OutgoingMail.objects.get(pk=each.pk).state for each in (withdrawn.requested_mail, check.requested_mail)
        ]
        assert states == [State.NOT_NEEDED, State.HANDED_OVER]

    def test_a_mail_about_no_check_says_nothing(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        request(account)
        stray = mail_operations.queue("entitlement_requested", recipient=account.address, now=NOW)
        deliver(now=NOW)
        stray.refresh_from_db()
        assert stray.state == State.NOT_NEEDED

    def test_a_confirmation_may_fail_without_consequence(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        check = request(account)
        mail_server.says_to_recipient = lambda _: "550 No such mailbox"
        deliver(now=NOW)
        check.refresh_from_db()
        assert check.state == CheckState.OPEN


class TestApproving:
    def test_issues_a_new_password_in_a_letter_that_confirms_it(self, mail_server: MailServer) -> None:
        account, old = expired(mail_server)
        staff, check = clerk(), request(account)
        deliver(now=NOW)
        approve(check, staff)
        deliver(now=LATER)
        letter = AccessLetter.objects.get(confirms=check)
        assert (letter.account, letter.issued_by, letter.issued_at) == (account, staff, LATER)
        received = mail_server.mails_to(account.address)[-1]
        assert received.parsed["Subject"] == "Ihre neuen Zugangsdaten für das Kundenportal COMRAMO"
        for part in (received.text, received.html):
            assert "bestätigen sie Ihnen gern" in part
            assert "einen Zugang" not in part
        with pytest.raises(EntryWrong):
            enters(account.address, old, now=LATER)
        assert enters(account.address, received.password, now=LATER) == account

    def test_gives_four_weeks_again_from_the_hand_over(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        approve(request(account), clerk())
        handed_over_at = LATER + timedelta(minutes=5)
        deliver(now=handed_over_at)
        password = mail_server.mails_to(account.address)[-1].password
        with pytest.raises(InitialPasswordExpired):
            enters(account.address, password, now=handed_over_at + LIFETIME)
        assert enters(account.address, password, now=handed_over_at + LIFETIME - SECOND) == account

    def test_is_kept_with_who_and_when_and_noted_in_the_trail(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        staff, check = clerk(), request(account)
        approve(check, staff)
        check.refresh_from_db()
        assert (check.state, check.decided_by, check.decided_at) == (CheckState.APPROVED, staff, LATER)
        assert events_of(account)[-3:] == [
            Event.ENTITLEMENT_CHECK_REQUESTED,
            Event.ENTITLEMENT_CHECK_APPROVED,
            Event.ACCESS_ISSUED,
        ]
        assert last_entry().actor == staff

    @pytest.mark.parametrize("happened", ["suspended", "first_signed_in"])
    def test_changes_nothing_if_the_account_no_longer_needs_it(self, mail_server: MailServer, happened: str) -> None:
        account, _ = expired(mail_server)
        check = request(account)
        Account.objects.filter(pk=account.pk).update(**{f"{happened}_at": NOW})
        with pytest.raises(entitlement.NoCheckNeeded):
            approve(check, clerk())
        check.refresh_from_db()
        assert check.state == CheckState.OPEN
        assert not AccessLetter.objects.filter(confirms=check).exists()

    def test_a_confirmation_that_failed_is_sent_again_as_one(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        staff, check = clerk(), request(account)
        deliver(now=NOW)
        approve(check, staff)
        mail_server.says_to_recipient = lambda _: "550 No such mailbox"
        deliver(now=LATER)
        mail_server.says_to_recipient = lambda _: "250 OK"
        access.send_letter_again(account.pk, sent_by=staff, now=LATER + SECOND, origin=AT_HOME)
        deliver(now=LATER + SECOND)
        received = mail_server.mails_to(account.address)[-1]
        assert received.parsed["Subject"] == "Ihre neuen Zugangsdaten für das Kundenportal COMRAMO"
        assert AccessLetter.objects.get(confirms=check).issued_at == LATER + SECOND

    def test_new_access_that_expires_too_may_be_asked_for_again(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        approve(request(account), clerk())
        deliver(now=LATER)
        assert request(account, now=LATER + LIFETIME).state == CheckState.OPEN


class TestDeclining:
    def test_tells_the_reason_and_where_to_ask_again(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        check = request(account)
        deliver(now=NOW)
        decline(check, clerk(), reason=f"  {REASON}\n")
        deliver(now=LATER)
        received = mail_server.mails_to(account.address)[-1]
        assert received.parsed["Subject"] == "Kundenportal COMRAMO: zu Ihrer Anfrage"
        for part in (" ".join(received.text.split()), received.html):
            assert REASON in part
            assert "Montag, 30. November 2026, 13:00 Uhr" in part
            assert "/sign-in/expired/" in part
            assert "hr@comramo.de" in part
        check.refresh_from_db()
        assert (check.state, check.reason) == (CheckState.DECLINED, REASON)
        assert Event.ENTITLEMENT_CHECK_DECLINED in events_of(account)

    def test_a_reason_is_never_read_as_html(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        decline(request(account), clerk(), reason="<b>Nein</b> & fertig")
        deliver(now=LATER)
        received = mail_server.mails_to(account.address)[-1]
        assert "<b>Nein</b> & fertig" in received.text
        assert "&lt;b&gt;Nein&lt;/b&gt; &amp; fertig" in received.html

    @pytest.mark.parametrize("reason", ["", " \n"])
    def test_needs_a_reason(self, mail_server: MailServer, reason: str) -> None:
        account, _ = expired(mail_server)
        check = request(account)
        with pytest.raises(entitlement.ReasonMissing):
            decline(check, clerk(), reason=reason)
        check.refresh_from_db()
        assert check.state == CheckState.OPEN

    def test_one_may_ask_again(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        decline(request(account), clerk())
        assert renewal_of(account) is Renewal.DECLINED
        again = request(account, now=LATER + SECOND)
        assert renewal_of(account) is Renewal.BEING_CHECKED
        assert again.state == CheckState.OPEN

    def test_is_not_told_to_whoever_has_new_access_meanwhile(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        decline(request(account), clerk())
        mail = OutgoingMail.objects.get(kind="entitlement_declined")
        OutgoingMail.objects.filter(pk=mail.pk).update(next_attempt_at=LATER + SECOND)
        access.issue_initial_password(account, issued_by=None, now=LATER, origin=AT_HOME)
        deliver(now=LATER)
        deliver(now=LATER + SECOND)
        mail.refresh_from_db()
        assert mail.state == State.NOT_NEEDED

    def test_a_mail_about_it_may_fail_without_consequence(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        check = request(account)
        decline(check, clerk())
        mail_server.says_to_recipient = lambda _: "450 Not now"
        deliver(now=LATER + GIVE_UP_AFTER)
        assert OutgoingMail.objects.get(kind="entitlement_declined").state == State.FAILED
        assert renewal_of(account) is Renewal.DECLINED

    def test_is_forgotten_once_later_access_has_expired(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        decline(request(account), clerk())
        access.issue_initial_password(account, issued_by=None, now=LATER + SECOND, origin=AT_HOME)
        deliver(now=LATER + SECOND)
        assert renewal_of(account, now=LATER + SECOND + LIFETIME) is Renewal.NOT_REQUESTED


class TestWithdrawing:
    def test_tells_nobody_and_lets_one_ask_again(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        staff, check = clerk(), request(account)
        deliver(now=NOW)
        queued = OutgoingMail.objects.count()
        withdraw(check, staff)
        check.refresh_from_db()
        assert (check.state, check.decided_by) == (CheckState.WITHDRAWN, staff)
        assert OutgoingMail.objects.count() == queued
        assert last_entry().event == Event.ENTITLEMENT_CHECK_WITHDRAWN
        assert renewal_of(account) is Renewal.NOT_REQUESTED

    def test_happens_by_itself_when_access_is_issued_by_another_way(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        staff, check = clerk(), request(account)
        access.issue_initial_password(account, issued_by=staff, now=LATER, origin=AT_HOME)
        check.refresh_from_db()
        assert (check.state, check.decided_by, check.decided_at) == (CheckState.WITHDRAWN, staff, LATER)
        with pytest.raises(AlreadyDecided):
            approve(check, staff)


@pytest.mark.parametrize("first", [approve, decline, withdraw])
@pytest.mark.parametrize("second", [approve, decline, withdraw])
def test_whoever_decides_second_is_told_what_was_decided(
    mail_server: MailServer,
    first: Callable[..., EntitlementCheck],
    second: Callable[..., EntitlementCheck],
) -> None:
    account, _ = expired(mail_server)
    staff, check = clerk(), request(account)
    first(check, staff)
    mails = OutgoingMail.objects.count()
    with pytest.raises(AlreadyDecided) as refusal:
        second(check, staff, now=LATER + SECOND)
    assert refusal.value.check.decided_by == staff
    assert refusal.value.check.decided_at == LATER
    assert OutgoingMail.objects.count() == mails


def test_a_check_that_does_not_exist_cannot_be_decided(mail_server: MailServer) -> None:
    with pytest.raises(EntitlementCheck.DoesNotExist):
        entitlement.approve(0, stated=SEEN_IN_PERSON, decided_by=clerk(), now=NOW, origin=AT_HOME)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("decision", [approve, decline])
def test_no_mail_about_a_check_is_wider_than_a_terminal(
    mail_server: MailServer, language: Language, decision: Callable[..., EntitlementCheck]
) -> None:
    sent_at = NOW - LIFETIME
    account, _ = expired(mail_server, issued(language=language, now=sent_at))
    check = request(account, now=datetime.fromisoformat("2026-11-26T09:00:00+00:00"))
    decided_at = datetime.fromisoformat("2026-12-24T08:00:00+00:00")
    deliver(now=check.requested_at)
    decision(check, clerk(), now=decided_at)
    deliver(now=decided_at)
    for mail in mail_server.mails_to(account.address)[1:]:
        lines = [line for line in mail.text.splitlines() if not line.startswith("http") and line != REASON]
        assert max(map(len, lines)) <= 78
        assert f'<html lang="{language}">' in mail.html


class TestAtTheSameInstant:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_of_many_requests_one_opens_a_check(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        outcomes = together([lambda: request(account)] * 8)
        opened = [outcome for outcome in outcomes if isinstance(outcome, EntitlementCheck)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, entitlement.AlreadyBeingChecked)]
        assert (len(opened), len(refused)) == (1, 7)
        assert EntitlementCheck.objects.count() == 1
        assert OutgoingMail.objects.filter(kind="entitlement_requested").count() == 1

    @pytest.mark.parametrize("others", [approve, decline, withdraw])
    def test_of_two_decisions_one_holds(self, mail_server: MailServer, others: Callable[..., EntitlementCheck]) -> None:
        account, _ = expired(mail_server)
        staff, check = clerk(), request(account)
        outcomes = together([lambda: approve(check, staff), lambda: others(check, staff)])
        decided = [outcome for outcome in outcomes if isinstance(outcome, EntitlementCheck)]
        refused = [outcome for outcome in outcomes if isinstance(outcome, AlreadyDecided)]
        assert (len(decided), len(refused)) == (1, 1)
        check.refresh_from_db()
        assert check.state == decided[0].state
        assert AccessLetter.objects.filter(confirms=check).count() == (check.state == CheckState.APPROVED)

    def test_a_request_waits_for_access_that_is_just_being_issued(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        with transaction.atomic():
            access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
            begun = until_done_or_blocked(lambda: request(account))
            assert not begun.done(), "it cannot know yet whether it is needed"
        assert isinstance(begun.result(SECONDS_TO_MEET), entitlement.NoCheckNeeded)
        assert not EntitlementCheck.objects.exists()

    def test_access_that_is_issued_during_a_request_withdraws_it(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        with transaction.atomic():
            request(account)
            begun = until_done_or_blocked(
                lambda: access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
            )
        assert isinstance(begun.result(SECONDS_TO_MEET), AccessLetter)
        assert EntitlementCheck.objects.get().state == CheckState.WITHDRAWN

    def test_a_decision_sees_what_was_committed_while_it_waited(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        staff, check = clerk(), request(account)
        with transaction.atomic():
            decline(check, staff)
            begun = until_done_or_blocked(lambda: approve(check, staff))
        assert isinstance(begun.result(SECONDS_TO_MEET), AlreadyDecided)
        assert meanwhile(lambda: AccessLetter.objects.filter(confirms=check).count()) == 0
