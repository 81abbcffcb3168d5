"""What staff may do for an account, what they must have checked before, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from factories.accounts import (
    AT_HOME,
    NOW,
    OWN_PASSWORD,
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
from factories.resets import link_holder, resets_to
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.operations import Details
from kundenportal.domain.accounts.queries import organisation_names_of
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.guard import Locked
from kundenportal.domain.credentials.models import AccessLetter, EntitlementCheck
from kundenportal.domain.credentials.operations import (
    access,
    caller_codes,
    decisions,
    deletions,
    entitlement,
    lockouts,
    resets,
    steps,
)
from kundenportal.domain.credentials.operations.decisions import AlreadyDecided
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.queries.resets import ResetLink, reset_link
from kundenportal.domain.credentials.rules.entitlement import CheckState, Route
from kundenportal.domain.credentials.rules.identity import SHOWN_BY_ROUTE, Identity, Means
from kundenportal.domain.credentials.rules.initial_passwords import LIFETIME
from kundenportal.domain.credentials.rules.resets import LinkState
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from factories.mail_server import MailServer
    from kundenportal.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)
WRONG_CODE = Identity(Means.CALLER_CODE, "3333-3333")
NEW_ADDRESS = "verwaltung@musterland.example.org"


def at_the_desk(by: Account, stated: Identity = SEEN_IN_PERSON, role: str = "issued_by") -> dict[str, Any]:
    return {"stated": stated, role: by, "now": LATER, "origin": AT_HOME}


def issue_again(account: Account, by: Account, stated: Identity = SEEN_IN_PERSON) -> Account:
    return steps.issue_again(account.pk, **at_the_desk(by, stated))


def correct(account: Account, by: Account, address: str = NEW_ADDRESS, stated: Identity = SEEN_IN_PERSON) -> Account:
    return steps.correct_address(account.pk, address, **at_the_desk(by, stated, "corrected_by"))


def unlock(account: Account, by: Account, stated: Identity = SEEN_IN_PERSON) -> Account:
    return lockouts.unlock(account.pk, **at_the_desk(by, stated, "unlocked_by"))


def restore(account: Account, by: Account, stated: Identity = SEEN_IN_PERSON) -> Account:
    return steps.restore(account.pk, **at_the_desk(by, stated, "restored_by"))


def lock(account: Account) -> Account:
    for _ in range(5):
        with pytest.raises(EntryWrong):
            enters(account.address, "not the password")
    return account


def deliver() -> None:
    deliver_due_mails(clock=lambda: LATER)


class TestIssuingAgain:
    def test_replaces_the_password_and_begins_the_four_weeks_anew(self, mail_server: MailServer) -> None:
        account, before = delivered(mail_server)
        issue_again(account, clerk())
        deliver()
        after = mail_server.mails_to(account.address)[-1].password
        with pytest.raises(EntryWrong):
            enters(account.address, before, now=LATER)
        enters(account.address, after, now=LATER + timedelta(days=28) - timedelta(seconds=1))

    def test_is_no_way_around_the_entitlement_check(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        staff = clerk()
        letters = AccessLetter.objects.count()
        with pytest.raises(access.CheckFirst):
            issue_again(account, staff)
        moved = correct(account, staff)
        assert AccessLetter.objects.count() == letters
        with pytest.raises(access.LetterOnItsWay):
            access.send_letter_again(account.pk, sent_by=staff, now=LATER, origin=AT_HOME)
        check = steps.take_down_request(account.pk, taken_down_by=staff, now=LATER, origin=AT_HOME)
        assert (check.route, check.account, moved.address) == (Route.TELEPHONE, account, NEW_ADDRESS)
        assert last_entry().actor == staff

    def test_says_who_it_was_and_how_they_made_sure(self, mail_server: MailServer) -> None:
        account, _ = delivered(mail_server)
        staff = clerk()
        deliver()
        issue_again(account, staff)
        entry = last_entry()
        assert (entry.event, entry.actor, entry.details) == (Event.ACCESS_ISSUED, staff, {"identity": "in_person"})

    def test_twice_at_a_double_click_sends_one(self, mail_server: MailServer) -> None:
        account, _ = delivered(mail_server)
        staff = clerk()
        issue_again(account, staff)
        with pytest.raises(access.LetterOnItsWay):
            issue_again(account, staff)

    def test_comes_before_a_letter_that_was_to_go_out_on_a_later_day(self, mail_server: MailServer) -> None:
        account, staff = issued(), clerk()
        OutgoingMail.objects.filter(recipient=account.address).update(
            queued_at=NOW + timedelta(days=3), next_attempt_at=NOW + timedelta(days=3)
        )
        issue_again(account, staff)
        deliver()
        password = mail_server.mails_to(account.address)[-1].password
        deliver_due_mails(clock=lambda: NOW + timedelta(days=3))
        assert len(mail_server.mails_to(account.address)) == 1
        enters(account.address, password, now=NOW + timedelta(days=4))

    def test_is_refused_once_somebody_has_signed_in(self, mail_server: MailServer) -> None:
        account, staff = active(mail_server), clerk()
        with pytest.raises(steps.AlreadyUsed):
            issue_again(account, staff)

    def test_is_refused_while_the_account_is_suspended(self) -> None:
        account, staff = suspended(issued()), clerk()
        with pytest.raises(steps.Suspended):
            issue_again(account, staff)

    def test_with_a_wrong_code_nothing_is_issued(self, mail_server: MailServer) -> None:
        (account, _), staff = delivered(mail_server), clerk()
        letters = AccessLetter.objects.count()
        with pytest.raises(caller_codes.CallerCodeWrong):
            issue_again(account, staff, WRONG_CODE)
        assert AccessLetter.objects.count() == letters


class TestCorrectingTheAddress:
    def test_sends_the_letter_there_and_none_to_the_wrong_one(self, mail_server: MailServer) -> None:
        account, staff = issued("bureo@musterland.example.org"), clerk()
        correct(account, staff, " Verwaltung@Musterland.example.org ")
        deliver()
        assert mail_server.mails_to("bureo@musterland.example.org") == []
        enters(NEW_ADDRESS, mail_server.mails_to(NEW_ADDRESS)[-1].password, now=LATER)

    def test_makes_the_password_in_the_letter_to_the_wrong_one_worthless(self, mail_server: MailServer) -> None:
        account, password = delivered(mail_server)
        correct(account, clerk())
        deliver()
        for address in (account.address, NEW_ADDRESS):
            with pytest.raises(EntryWrong):
                enters(address, password, now=LATER)

    def test_of_an_account_in_use_keeps_its_password_ends_its_sessions_and_tells_both(
        self, mail_server: MailServer
    ) -> None:
        account = active(mail_server)
        correct(account, clerk())
        deliver()
        told = mail_server.mails_to(NEW_ADDRESS)[-1]
        assert told.parsed["Subject"].strip() == "Kundenportal COMRAMO: Ihre E-Mail-Adresse wurde geändert"
        for part in (told.text, told.html):
            assert NEW_ADDRESS in part
            assert "Montag, 23. November 2026, 11:00 Uhr" in part
        assert "Kein Zugang mehr" in mail_server.mails_to(account.address)[-1].parsed["Subject"]
        assert Event.SESSIONS_ENDED in events_of(account)
        assert AccessLetter.objects.filter(account=account).count() == 1
        enters(NEW_ADDRESS, OWN_PASSWORD, now=LATER)

    @pytest.mark.parametrize("language", Language)
    @pytest.mark.parametrize("made", [delivered, expired, signed_in])
    def test_tells_the_old_address_without_naming_the_owner_or_the_new_one(
        self, mail_server: MailServer, made: Callable[..., tuple[Account, str]], language: Language
    ) -> None:
        wrong = "stranger@example.org"
        account, password = made(
            mail_server, issued(wrong, name="Geheimes Büro", language=language, now=NOW - LIFETIME), now=NOW
        )
        correct(account, clerk())
        deliver()
        told = mail_server.mails_to(wrong)[-1]
        assert {"de": "nicht mehr anmelden", "en": "no longer a sign-in name"}[language] in told.text
        assert "11:00" in told.text
        for part in (str(told.parsed["Subject"]), told.text, told.html):
            assert not [each for each in (NEW_ADDRESS, "Geheimes", password) if each in part]

    def test_leaves_the_reader_of_the_old_one_no_code_by_which_to_pass_for_the_owner(
        self, mail_server: MailServer
    ) -> None:
        account, staff = active(mail_server), clerk()
        code = Identity(Means.CALLER_CODE, caller_codes.make(account, now=LATER, origin=AT_HOME))
        correct(account, staff)
        with pytest.raises(caller_codes.CallerCodeWrong):
            correct(account, staff, account.address, code)

    @pytest.mark.parametrize("made", [delivered, active])
    def test_leaves_the_reader_of_the_old_one_no_link_that_leads_anywhere(
        self, mail_server: MailServer, made: Callable[..., object]
    ) -> None:
        account, staff = issued(), clerk()
        made(mail_server, account)
        token = link_holder(mail_server, account, now=LATER - timedelta(minutes=5))
        correct(account, staff)
        with pytest.raises(resets.LinkWorthless) as worthless:
            resets_to(token, now=LATER)
        assert worthless.value.link == ResetLink(LinkState.SUPERSEDED), "it would name the account, and its new address"
        correct(account, staff, account.address)
        assert reset_link(token, now=LATER).state is LinkState.SUPERSEDED

    def test_tells_nothing_to_an_old_address_that_never_had_a_mail_or_has_access_once_more(
        self, mail_server: MailServer
    ) -> None:
        again, _ = delivered(mail_server, issued("again@example.org"))
        never, staff = issued("never@example.org"), clerk()
        correct(never, staff)
        correct(again, staff, "elsewhere@example.org")
        correct(again, staff, again.address)
        deliver()
        assert mail_server.mails_to(never.address) == []
        assert not [each for each in mail_server.mails_to(again.address) if "Kein Zugang" in each.parsed["Subject"]]

    def test_forgives_the_guesses_at_either_address(self, mail_server: MailServer) -> None:
        account = lock(active(mail_server))
        for _ in range(5):
            with pytest.raises(EntryWrong):
                enters(NEW_ADDRESS, "its owner tries")
        correct(account, clerk())
        enters(NEW_ADDRESS, OWN_PASSWORD, now=LATER)
        assert not account.lockouts.filter(lifted_at__isnull=True).exists()

    def test_leaves_what_it_was_in_the_trail(self) -> None:
        account, staff = issued(), clerk()
        correct(account, staff)
        entry = Entry.objects.get(event=Event.ADDRESS_CORRECTED)
        assert (entry.subject, entry.actor) == (account, staff)
        assert entry.details == {"before": account.address, "identity": "in_person"}

    @pytest.mark.parametrize(
        ("address", "refusal"),
        [
            ("nobody", accounts.AddressMalformed),
            ("", accounts.AddressMalformed),
            ("HR-Service@example.org", accounts.AddressTaken),
            ("BUERO@musterland.example.org", steps.AddressUnchanged),
        ],
    )
    def test_says_what_is_wrong_with_the_new_one_before_a_code_is_used_up(
        self, address: str, refusal: type[Refusal]
    ) -> None:
        account, staff = issued("buero@musterland.example.org"), clerk()
        code = Identity(Means.CALLER_CODE, caller_codes.make(account, now=NOW, origin=AT_HOME))
        with pytest.raises(refusal):
            steps.correct_address(account.pk, address, stated=code, corrected_by=staff, now=NOW, origin=AT_HOME)
        steps.correct_address(account.pk, NEW_ADDRESS, stated=code, corrected_by=staff, now=NOW, origin=AT_HOME)


class TestUnlocking:
    def test_lets_the_right_password_in_again(self, mail_server: MailServer) -> None:
        account = lock(active(mail_server))
        with pytest.raises(Locked):
            enters(account.address, OWN_PASSWORD)
        staff = clerk()
        unlock(account, staff)
        assert last_entry().details == {"identity": "in_person"}
        enters(account.address, OWN_PASSWORD, now=LATER)

    def test_twice_is_told(self, mail_server: MailServer) -> None:
        account, staff = lock(active(mail_server)), clerk()
        unlock(account, staff)
        with pytest.raises(lockouts.NotLocked):
            unlock(account, staff)

    def test_with_a_wrong_code_it_stays_locked(self, mail_server: MailServer) -> None:
        account, staff = lock(active(mail_server)), clerk()
        with pytest.raises(caller_codes.CallerCodeWrong):
            unlock(account, staff, WRONG_CODE)
        with pytest.raises(Locked):
            enters(account.address, OWN_PASSWORD)


class TestSuspendingAndRestoring:
    def test_a_restored_account_signs_in_as_before(self, mail_server: MailServer) -> None:
        account, staff = suspended(active(mail_server)), clerk()
        restore(account, staff)
        enters(account.address, OWN_PASSWORD, now=LATER)
        assert events_of(account)[-3:-1] == [Event.ACCOUNT_SUSPENDED, Event.ACCOUNT_RESTORED]

    def test_a_restored_account_is_locked_no_more(self, mail_server: MailServer) -> None:
        account = suspended(lock(active(mail_server)))
        restore(account, clerk())
        enters(account.address, OWN_PASSWORD, now=LATER)

    def test_suspending_leaves_nothing_to_check_and_sends_no_letter(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        staff, newcomer = clerk(), issued()
        check = entitlement.request_check(account, route=Route.PAGE, now=NOW, origin=AT_HOME)
        for each in (account, newcomer):
            steps.suspend(each.pk, suspended_by=staff, now=LATER, origin=AT_HOME)
        check.refresh_from_db()
        assert check.state == CheckState.WITHDRAWN
        deliver()
        assert mail_server.mails_to(newcomer.address) == []
        restore(newcomer, staff)
        access.send_letter_again(newcomer.pk, sent_by=staff, now=LATER, origin=AT_HOME)
        deliver()
        enters(newcomer.address, mail_server.mails_to(newcomer.address)[-1].password, now=LATER)

    def test_restoring_what_is_not_suspended_changes_nothing(self) -> None:
        account, staff = issued(), clerk()
        entries = Entry.objects.count()
        restore(account, staff, WRONG_CODE)
        assert Entry.objects.count() == entries


CHURCH, NURSERY = "Kirchenkreis Musterland", "Kita Probstadt"


def describe(account: Account, by: Account, stated: Identity = SEEN_IN_PERSON, **details: Any) -> None:
    wanted = Details(**{"name": account.name, "kind": Kind(account.kind), "telephone": account.telephone, **details})
    steps.change_details(account.pk, wanted, **at_the_desk(by, stated, "changed_by"))
    account.refresh_from_db()


def number_of(account: Account, organisation: str) -> int:
    return account.organisations.get(name=organisation).pk


class TestChangingTheDetails:
    def test_the_trail_says_what_changed_and_how_the_caller_was_verified_but_not_the_number(self) -> None:
        account, staff = issued(), clerk()
        describe(account, staff, name=" Büro  Nord ", kind=Kind.INSTITUTIONAL, telephone=" 0511 / 12 34-0 ")
        assert (account.name, account.kind, account.telephone) == ("Büro Nord", "institutional", "0511 / 12 34-0")
        entry = last_entry()
        assert (entry.event, entry.actor) == (Event.DETAILS_CHANGED, staff)
        assert entry.details == {"details": "name kind telephone", "identity": "in_person"}

    def test_what_stays_as_it_is_needs_no_entry(self) -> None:
        account, staff = issued(), clerk()
        entries = Entry.objects.count()
        describe(account, staff, joins=CHURCH.upper())
        assert Entry.objects.count() == entries

    def test_an_account_acts_for_one_organisation_more_and_one_less(self) -> None:
        account, staff = issued(), clerk()
        describe(account, staff, joins=NURSERY)
        assert organisation_names_of(account) == [CHURCH, NURSERY]
        assert last_entry().details == {"joined": NURSERY, "identity": "in_person"}
        describe(account, staff, leaves=[number_of(account, CHURCH)])
        assert organisation_names_of(account) == [NURSERY]
        assert last_entry().details == {"left": CHURCH, "identity": "in_person"}

    def test_whoever_leaves_and_joins_the_same_one_stays(self) -> None:
        account, staff = issued(), clerk()
        describe(account, staff, leaves=[number_of(account, CHURCH)], joins=CHURCH.lower())
        assert organisation_names_of(account) == [CHURCH]

    @pytest.mark.parametrize(
        ("wrong", "refusal"),
        [
            ({"name": " "}, accounts.NameMissing),
            ({"telephone": "rufen Sie an"}, accounts.TelephoneMalformed),
            ({"telephone": "1" * 41}, accounts.TelephoneMalformed),
        ],
    )
    def test_says_what_is_wrong_before_a_code_is_used_up(
        self, mail_server: MailServer, wrong: dict[str, str], refusal: type[Refusal]
    ) -> None:
        account, staff = issued(), clerk()
        deliver()
        code = caller_codes.make(account, now=LATER, origin=AT_HOME)
        stated = Identity(Means.CALLER_CODE, code)
        with pytest.raises(refusal):
            describe(account, staff, stated, **wrong)
        with pytest.raises(accounts.ActsForNobody):
            describe(account, staff, stated, leaves=[number_of(account, CHURCH)])
        describe(account, staff, stated, telephone="0511 123")
        assert account.telephone == "0511 123"

    def test_what_was_left_as_it_was_seen_stays_as_a_colleague_has_made_it(self) -> None:
        account, staff = issued(), clerk()
        seen: dict[str, Any] = {"name": account.name, "kind": account.kind, "telephone": account.telephone}
        describe(account, staff, name="Anna", telephone="0511 123")
        kind = Kind.INSTITUTIONAL if seen["kind"] == Kind.PERSONAL else Kind.PERSONAL
        describe(account, staff, **{**seen, "kind": kind}, seen=seen)
        assert (account.name, account.kind, account.telephone) == ("Anna", kind, "0511 123")
        with pytest.raises(accounts.ChangedMeanwhile) as refusal:
            describe(account, staff, **{**seen, "name": "Berta", "kind": kind}, seen=seen)
        assert refusal.value.stands == {"name": "Anna"}
        describe(account, staff, **{**seen, "name": "Berta", "kind": kind}, seen={**seen, **refusal.value.stands})
        assert (account.name, account.telephone) == ("Berta", "0511 123")

    def test_with_a_wrong_code_nothing_changes(self) -> None:
        account, staff = issued(), clerk()
        with pytest.raises(caller_codes.CallerCodeWrong):
            describe(account, staff, WRONG_CODE, telephone="0511 123")
        account.refresh_from_db()
        assert account.telephone == ""


ACTIONS: dict[str, Callable[[Account, Account], object]] = {
    "issue again": issue_again,
    "correct the address": correct,
    "unlock": unlock,
    "restore": restore,
    "suspend": lambda account, by: accounts.suspend(account, suspended_by=by, now=LATER, origin=AT_HOME),
    "end sessions": lambda account, by: accounts.end_sessions(account, ended_by=by, now=LATER, origin=AT_HOME),
    "send again": lambda account, by: access.send_letter_again(account.pk, sent_by=by, now=LATER, origin=AT_HOME),
    "send a link": lambda account, by: resets.send_link(account, sent_by=by, now=LATER, origin=AT_HOME),
    "send a code": lambda account, by: caller_codes.send(account.pk, sent_by=by, now=LATER, origin=AT_HOME),
    "take a request down": lambda account, by: steps.take_down_request(
        account.pk, taken_down_by=by, now=LATER, origin=AT_HOME
    ),
    "change the details": lambda account, by: steps.change_details(
        account.pk,
        Details("Anders", Kind.PERSONAL, joins="Kita"),
        **at_the_desk(by, SEEN_IN_PERSON, "changed_by"),
    ),
    "change role": lambda account, by: accounts.change_role(
        account, Role.DESK, changed_by=by, now=LATER, origin=AT_HOME
    ),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("actor", "subject"),
    [
        (Role.DESK, Role.DESK),
        (Role.DESK, Role.EDITOR),
        (Role.DESK, Role.INTAKE),
        (Role.DESK, Role.ADMIN),
        (Role.DESK_LEAD, Role.ADMIN),
        (Role.INTAKE, Role.CUSTOMER),
        (Role.EDITOR, Role.CUSTOMER),
        (Role.CUSTOMER, Role.CUSTOMER),
    ],
)
def test_nobody_acts_on_accounts_beyond_their_role(action: str, actor: Role, subject: Role) -> None:
    staff, account = clerk(actor), issued(role=subject)
    before = Account.objects.filter(pk=account.pk).values().get()
    with pytest.raises(accounts.RoleNotYours):
        ACTIONS[action](account, staff)
    assert Account.objects.filter(pk=account.pk).values().get() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_acts_on_their_own_account(action: str) -> None:
    admin = clerk(Role.ADMIN)
    with pytest.raises(accounts.RoleNotYours):
        ACTIONS[action](admin, admin)


def test_nobody_issues_access_with_a_role_beyond_their_own() -> None:
    for giver, wanted in ((Role.DESK, Role.DESK), (Role.DESK_LEAD, Role.ADMIN), (Role.EDITOR, Role.CUSTOMER)):
        with pytest.raises(accounts.RoleNotYours):
            issued(role=wanted, issued_by=clerk(giver, f"{giver}@example.org"))


def test_a_change_of_role_says_what_it_was() -> None:
    account, lead = issued(), clerk(Role.DESK_LEAD)
    accounts.change_role(account, Role.INTAKE, changed_by=lead, now=LATER, origin=AT_HOME)
    assert last_entry().details == {"before": "customer", "after": "intake"}
    entries = Entry.objects.count()
    accounts.change_role(account, Role.INTAKE, changed_by=lead, now=LATER, origin=AT_HOME)
    assert Entry.objects.count() == entries


DECISIONS: dict[str, Callable[[EntitlementCheck, Account], object]] = {
    "approve": lambda check, by: entitlement.approve(
        check.pk, stated=SEEN_IN_PERSON, decided_by=by, now=LATER, origin=AT_HOME
    ),
    "decline": lambda check, by: entitlement.decline(check.pk, reason="x", decided_by=by, now=LATER, origin=AT_HOME),
    "ask back": lambda check, by: entitlement.ask_back(check.pk, "x", asked_by=by, now=LATER, origin=AT_HOME),
    "withdraw": lambda check, by: entitlement.withdraw(check.pk, withdrawn_by=by, now=LATER, origin=AT_HOME),
}


@pytest.mark.parametrize("decision", DECISIONS)
def test_nobody_decides_about_accounts_beyond_their_role(mail_server: MailServer, decision: str) -> None:
    account, _ = expired(mail_server, issued(role=Role.ADMIN, now=NOW - timedelta(days=28)))
    check = entitlement.request_check(account, route=Route.PAGE, now=NOW, origin=AT_HOME)
    with pytest.raises(accounts.RoleNotYours):
        DECISIONS[decision](check, clerk())
    check.refresh_from_db()
    assert check.state == CheckState.OPEN


def promote_when_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever acts on an account from now on has to wait first, for it is being given a role beyond theirs."""

    def hold(account_id: int) -> Account:
        Account.objects.filter(pk=account_id).update(role=Role.ADMIN)
        return held(account_id)

    held = decisions.hold
    for module in (access, caller_codes, decisions, deletions, entitlement, lockouts, resets, steps):
        monkeypatch.setattr(module, "hold", hold, raising=False)


@pytest.mark.parametrize("decision", DECISIONS)
def test_nobody_decides_about_accounts_beyond_their_role_since_a_moment_ago(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, decision: str
) -> None:
    account, _ = expired(mail_server)
    check = entitlement.request_check(account, route=Route.MAIL, now=NOW, origin=AT_HOME)
    staff = clerk()
    entries = Entry.objects.count()
    promote_when_held(monkeypatch)
    with pytest.raises(accounts.RoleNotYours):
        DECISIONS[decision](check, staff)
    check.refresh_from_db()
    assert (check.state, Entry.objects.count()) == (CheckState.OPEN, entries)


# What is done to accounts themselves, `accounts` does.
@pytest.mark.parametrize(
    "action", sorted(set(ACTIONS) - {"suspend", "end sessions", "change the details", "change role"})
)
def test_nobody_acts_on_accounts_beyond_their_role_since_a_moment_ago(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    account, staff = delivered(mail_server)[0], clerk()
    if action == "unlock":
        lock(account)
    if action == "restore":
        suspended(account)
    entries = Entry.objects.count()
    promote_when_held(monkeypatch)
    with pytest.raises(accounts.RoleNotYours):
        ACTIONS[action](account, staff)
    assert Entry.objects.count() == entries


class TestChecks:
    def test_where_two_have_to_agree_the_first_approval_leaves_the_check_open(
        self, mail_server: MailServer, settings: Settings
    ) -> None:
        settings.PAIRS_OF_EYES = 2
        account, _ = expired(mail_server)
        check = entitlement.request_check(account, route=Route.MAIL, now=NOW, origin=AT_HOME)
        first, second = clerk(), clerk(address="hr-service-2@example.org")
        seen = self.approve(check, first)
        assert (seen.state, seen.first_approved_by, seen.first_approved_at) == (CheckState.OPEN, first, LATER)
        code = Identity(Means.CALLER_CODE, caller_codes.make(account, now=LATER, origin=AT_HOME))
        with pytest.raises(entitlement.AnotherHasToAgree):
            self.approve(check, first, stated=code)
        assert AccessLetter.objects.filter(account=account).count() == 1
        seen = self.approve(check, second, stated=code)
        assert (seen.state, seen.decided_by) == (CheckState.APPROVED, second)
        assert AccessLetter.objects.filter(account=account).count() == 2
        assert Event.ENTITLEMENT_CHECK_FIRST_APPROVAL in events_of(account)
        assert events_of(account)[-2:] == [
            Event.ENTITLEMENT_CHECK_APPROVED,
            Event.ACCESS_ISSUED,
        ]

    def test_a_question_goes_out_in_staffs_words_and_the_check_stays_open(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        check = entitlement.request_check(account, route=Route.PAGE, now=NOW, origin=AT_HOME)
        staff = clerk()
        entitlement.ask_back(
            check.pk, "Arbeiten Sie <noch> dort?\nSeit wann?", asked_by=staff, now=LATER, origin=AT_HOME
        )
        deliver()
        entitlement.ask_back(
            check.pk, "Arbeiten Sie <noch> dort?\nSeit wann?", asked_by=staff, now=LATER, origin=AT_HOME
        )
        deliver()
        letter = mail_server.mails_to(account.address)[-1]
        assert len([each for each in mail_server.mails_to(account.address) if "Frage" in each.parsed["Subject"]]) == 1
        assert "Arbeiten Sie <noch> dort?\nSeit wann?" in letter.text
        assert "Arbeiten Sie &lt;noch&gt; dort?<br>Seit wann?" in letter.html
        assert EntitlementCheck.objects.get().state == CheckState.OPEN
        assert Event.ENTITLEMENT_CHECK_QUESTION_ASKED in events_of(account)

    def test_a_question_about_a_decided_check_is_not_asked(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        check = entitlement.request_check(account, route=Route.PAGE, now=NOW, origin=AT_HOME)
        staff = clerk()
        entitlement.ask_back(check.pk, "Seit wann?", asked_by=staff, now=NOW, origin=AT_HOME)
        self.approve(check, staff)
        deliver()
        assert OutgoingMail.objects.get(kind="entitlement_question").state == State.NOT_NEEDED
        with pytest.raises(AlreadyDecided):
            entitlement.ask_back(check.pk, "Noch etwas", asked_by=staff, now=LATER, origin=AT_HOME)

    @pytest.mark.parametrize("means", SHOWN_BY_ROUTE.values())
    @pytest.mark.parametrize("route", Route)
    def test_nothing_is_shown_that_the_request_did_not_show(
        self, mail_server: MailServer, route: Route, means: Means
    ) -> None:
        account, _ = expired(mail_server)
        check = entitlement.request_check(account, route=route, now=NOW, origin=AT_HOME)
        if SHOWN_BY_ROUTE.get(route) is means:
            self.approve(check, clerk(), stated=Identity(means))
        else:
            with pytest.raises(entitlement.IdentityNotShown):
                self.approve(check, clerk(), stated=Identity(means))

    def test_with_a_wrong_code_nothing_is_approved(self, mail_server: MailServer) -> None:
        account, _ = expired(mail_server)
        check = entitlement.request_check(account, route=Route.PAGE, now=NOW, origin=AT_HOME)
        staff = clerk()
        with pytest.raises(caller_codes.CallerCodeWrong):
            self.approve(check, staff, stated=WRONG_CODE)
        self.approve(check, staff, stated=Identity(Means.INITIAL_PASSWORD))

    @staticmethod
    def approve(check: EntitlementCheck, by: Account, *, stated: Identity = SEEN_IN_PERSON) -> EntitlementCheck:
        return entitlement.approve(check.pk, stated=stated, decided_by=by, now=LATER, origin=AT_HOME)
