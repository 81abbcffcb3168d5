"""A forgotten password is asked for by anybody, and replaced once by whoever reads the mail."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.accounts import AT_HOME, NOW, OWN_PASSWORD, active, chooses, delivered, enters, issued, suspended
from factories.argon2_work import Argon2Work
from factories.resets import NEW_PASSWORD, RESET_LINK, asks, link_holder, resets_to, token_in
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.operations import AddressMalformed
from kundenportal.domain.accounts.rules import Language, Role
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.guard import Locked
from kundenportal.domain.credentials.models import AccessLetter, KnownBrowser, Lockout, PasswordReset
from kundenportal.domain.credentials.operations import passwords, resets, sign_in
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.passwords import PasswordRefused, PasswordWeak
from kundenportal.domain.credentials.operations.resets import LinkWorthless
from kundenportal.domain.credentials.rules.resets import LinkState
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.jobs import upkeep

if TYPE_CHECKING:
    from datetime import datetime

    from pytest_django import Settings
    from time_machine import TimeMachineFixture

    from factories.mail_server import MailServer, ReceivedMail

pytestmark = pytest.mark.django_db

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STRANGER = "niemand@anderswo.example.net"
WEAK = "gartenzaun7"


def state_told(token: str, *, now: datetime = NOW, password: str = NEW_PASSWORD) -> LinkState:
    """Why the link does not lead to a new password."""
    with pytest.raises(LinkWorthless) as refusal:
        resets_to(token, password, now=now)
    return refusal.value.link.state


def answer_to(mail_server: MailServer, address: str, *, now: datetime = NOW) -> ReceivedMail:
    """The mail that answers somebody who asks."""
    asks(address, now=now)
    before = len(mail_server.received)
    deliver_due_mails(clock=lambda: now)
    (mail,) = mail_server.received[before:]
    assert mail.recipient == address
    return mail


def guesses_wrong_five_times(address: str, *, now: datetime = NOW) -> None:
    for _ in range(5):
        with pytest.raises(EntryWrong):
            enters(address, "falsch", now=now)


# Asking


def test_asking_costs_the_same_statements_whoever_the_address_belongs_to(mail_server: MailServer) -> None:
    account = active(mail_server)
    asked = []
    for address in (account.address, STRANGER, suspended(active(mail_server)).address):
        with CaptureQueriesContext(connection) as queries:
            asks(address)
        asked.append([re.sub(r"'[^']*'|\b\d+\b|NULL|\"s\d+_x\d+\"", "?", each["sql"]) for each in queries])
    assert asked[0] == asked[1] == asked[2]
    tables = [re.findall(r'INTO "?(\w+_\w+)', statement) for statement in asked[0] if "INSERT" in statement]
    assert tables == [["mail_outgoingmail"], ["audit_entry"]]
    assert not any("accounts_account" in statement and "SELECT" in statement for statement in asked[0])


def test_the_trail_notes_where_it_was_asked_from_but_no_address(mail_server: MailServer) -> None:
    asks(STRANGER)
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("password.reset.asked_for", None, None)
    assert (entry.network_address, entry.details) == (AT_HOME.network_address, {"mail": OutgoingMail.objects.get().pk})


@pytest.mark.parametrize("entry", ["", "anna", "anna@", "anna@example.org, b@example.org", "a\n@example.org", "\0"])
def test_what_is_no_address_is_refused_and_queues_nothing(entry: str) -> None:
    with pytest.raises(AddressMalformed):
        asks(entry)
    assert not OutgoingMail.objects.exists()
    assert not Entry.objects.exists()


def test_the_mail_goes_to_the_address_however_it_is_spelled(mail_server: MailServer) -> None:
    account = active(mail_server, issued("anna@probstadt.example.org"))
    asks("  ANNA@Probstadt.Example.ORG ")
    deliver_due_mails(clock=lambda: NOW)
    assert RESET_LINK.search(mail_server.mails_to(account.address)[-1].text)


def test_asking_locks_nothing_and_changes_nothing_about_the_account(mail_server: MailServer) -> None:
    account = active(mail_server)
    before = Account.objects.values().get(pk=account.pk)
    for _ in range(20):
        asks(account.address)
    deliver_due_mails(clock=lambda: NOW)
    assert Account.objects.values().get(pk=account.pk) == before
    assert not Lockout.objects.exists()
    assert enters(account.address, OWN_PASSWORD) == account


# The answer


@pytest.mark.parametrize("language", Language)
def test_whoever_has_signed_in_is_sent_a_link_to_the_fixed_host(
    mail_server: MailServer, settings: Settings, language: Language
) -> None:
    settings.BASE_URL = "https://portal.example.org"
    account = active(mail_server, issued(language=language))
    mail = answer_to(mail_server, account.address)
    assert token_in(mail.text) == token_in(mail.html)
    assert f"https://portal.example.org/password/choose/{token_in(mail.text)}/" in mail.text
    assert account.name in mail.text
    assert {"de": "Ihr neues Passwort", "en": "your new password"}[language] in str(mail.parsed["Subject"])
    assert mail.parsed["Auto-Submitted"] == "auto-generated"
    assert {"de": "bis 11:00 Uhr", "en": "until 11:00"}[language] in mail.text
    assert events_of(account)[-1] == "password.reset.link_handed_over"


def test_whoever_has_not_signed_in_yet_is_sent_a_link_within_the_four_weeks(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    mail = answer_to(mail_server, account.address, now=NOW + 28 * DAY - SECOND)
    assert RESET_LINK.search(mail.text)
    assert "Das Passwort aus Ihren Zugangsdaten" in mail.text


@pytest.mark.parametrize(
    ("language", "words"), [(Language.GERMAN, "prüfen wir deshalb kurz"), (Language.ENGLISH, "we briefly check")]
)
def test_after_the_four_weeks_the_mail_leads_to_the_entitlement_check_and_carries_no_link(
    mail_server: MailServer, language: Language, words: str
) -> None:
    account, _ = delivered(mail_server, issued(language=language))
    mail = answer_to(mail_server, account.address, now=NOW + 28 * DAY)
    assert "/password/" not in mail.text + mail.html
    assert words in mail.text
    for part in (mail.text, mail.html):
        assert "/sign-in/expired/" in part
    assert mail.parsed["Reply-To"] == "hr@comramo.de"
    assert not PasswordReset.objects.exists()


@pytest.mark.parametrize(
    ("language", "words"), [(Language.GERMAN, "zurzeit ausgesetzt"), (Language.ENGLISH, "suspended at the moment")]
)
def test_suspended_access_is_said_to_be_so_without_a_link(
    mail_server: MailServer, language: Language, words: str
) -> None:
    account = suspended(active(mail_server, issued(language=language)))
    mail = answer_to(mail_server, account.address)
    assert "/password/" not in mail.text + mail.html
    assert words in mail.text
    assert "hr@comramo.de" in mail.text


def test_a_stranger_is_told_once_a_day_that_there_is_no_access(mail_server: MailServer) -> None:
    mail = answer_to(mail_server, STRANGER)
    assert "/password/" not in mail.text + mail.html
    assert "keinen Zugang" in mail.text
    assert STRANGER in mail.text
    assert "hr@comramo.de" in mail.text
    for later in (MINUTE, HOUR, DAY - SECOND):
        asks(STRANGER, now=NOW + later)
        deliver_due_mails(clock=lambda later=later: NOW + later)  # type: ignore[misc]
    assert len(mail_server.mails_to(STRANGER)) == 1
    answer_to(mail_server, STRANGER, now=NOW + DAY)


def test_a_stranger_who_gets_access_is_sent_a_link_the_same_day(mail_server: MailServer) -> None:
    answer_to(mail_server, STRANGER)
    account = active(mail_server, issued(STRANGER, now=NOW + MINUTE), now=NOW + MINUTE)
    assert link_holder(mail_server, account, now=NOW + 2 * MINUTE)


def test_no_inbox_gets_more_than_five_links_an_hour_and_the_last_of_them_works(mail_server: MailServer) -> None:
    account = active(mail_server)
    before = len(mail_server.mails_to(account.address))
    for minute in range(59):
        asks(account.address, now=NOW + minute * MINUTE)
        deliver_due_mails(clock=lambda minute=minute: NOW + minute * MINUTE)  # type: ignore[misc]
    mails = mail_server.mails_to(account.address)[before:]
    assert len(mails) == 5
    assert resets_to(token_in(mails[-1].text), now=NOW + 59 * MINUTE) == account
    deliver_due_mails(clock=lambda: NOW + 59 * MINUTE)
    answer_to(mail_server, account.address, now=NOW + HOUR)


def test_of_mails_that_waited_for_the_mail_server_the_newest_goes_out(mail_server: MailServer) -> None:
    account = active(mail_server)
    before = len(mail_server.mails_to(account.address))
    mail_server.stop()
    for _ in range(20):
        asks(account.address)
    deliver_due_mails(clock=lambda: NOW)
    mail_server.start()
    deliver_due_mails(clock=lambda: NOW + 3 * HOUR)
    (mail,) = mail_server.mails_to(account.address)[before:]
    assert resets_to(token_in(mail.text), now=NOW + 3 * HOUR) == account


@pytest.mark.parametrize("stranger", [False, True])
def test_of_mails_that_waited_days_for_a_worker_the_newest_goes_out(mail_server: MailServer, *, stranger: bool) -> None:
    address = STRANGER if stranger else active(mail_server).address
    before = len(mail_server.mails_to(address))
    for tenth in range(6 * 40):
        asks(address, now=NOW + tenth * HOUR / 6)
    assert deliver_due_mails(clock=lambda: NOW + 40 * HOUR) == 1
    assert len(mail_server.mails_to(address)[before:]) == 1


def test_whoever_asked_once_while_the_mail_server_was_away_still_gets_a_link(mail_server: MailServer) -> None:
    account = active(mail_server)
    mail_server.stop()
    asks(account.address)
    deliver_due_mails(clock=lambda: NOW)
    mail_server.start()
    deliver_due_mails(clock=lambda: NOW + 2 * HOUR)
    assert resets_to(token_in(mail_server.mails_to(account.address)[-1].text), now=NOW + 2 * HOUR) == account


def test_mails_that_give_way_at_the_same_instant_are_not_counted_against_the_newest(mail_server: MailServer) -> None:
    account = active(mail_server)
    for _ in range(6):
        asks(account.address)
    older = OutgoingMail.objects.filter(kind="password_reset").order_by("pk")[:5]
    OutgoingMail.objects.filter(pk__in=older.values("pk")).update(state=State.SENDING, claimed_at=NOW)
    assert deliver_due_mails(clock=lambda: NOW) == 1, "five other workers are about to find that they are not needed"


def test_mails_that_other_workers_are_handing_over_are_counted(mail_server: MailServer) -> None:
    account = active(mail_server)
    for second in range(5):
        asks(account.address, now=NOW + second * SECOND)
    OutgoingMail.objects.filter(kind="password_reset").update(state=State.SENDING, claimed_at=NOW + 5 * SECOND)
    asks(account.address, now=NOW + MINUTE)
    assert deliver_due_mails(clock=lambda: NOW + MINUTE) == 0


def test_a_link_that_reached_nobody_is_worth_nothing(mail_server: MailServer) -> None:
    account = active(mail_server)
    tokens = []

    def refuse(mail: ReceivedMail) -> str:
        tokens.append(token_in(mail.text))
        return f"554 Suspicious: /password/choose/{tokens[-1]}/"

    mail_server.says_to_mail = refuse
    asks(account.address)
    deliver_due_mails(clock=lambda: NOW)
    failed = OutgoingMail.objects.get(state=State.FAILED)
    assert tokens[0] not in failed.server_answer
    assert state_told(tokens[0]) is LinkState.SUPERSEDED


def test_a_mail_that_was_handed_over_but_not_marked_is_written_again_with_another_link(mail_server: MailServer) -> None:
    account = active(mail_server)
    first = link_holder(mail_server, account)
    mail = OutgoingMail.objects.get(kind="password_reset")
    mail.state, mail.claimed_at, mail.taken_at, mail.handed_over_at = State.SENDING, NOW, None, None
    mail.save()
    deliver_due_mails(clock=lambda: NOW + 10 * MINUTE)
    second = token_in(mail_server.mails_to(account.address)[-1].text)
    assert second != first
    assert state_told(first, now=NOW + 11 * MINUTE) is LinkState.UNKNOWN
    assert resets_to(second, now=NOW + 11 * MINUTE) == account


def test_a_mail_whose_link_has_been_used_is_not_written_again(mail_server: MailServer) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    resets_to(token)
    mail = OutgoingMail.objects.get(kind="password_reset")
    mail.state, mail.claimed_at, mail.taken_at, mail.handed_over_at = State.SENDING, NOW, None, None
    mail.save()
    deliver_due_mails(clock=lambda: NOW + 10 * MINUTE)
    mail.refresh_from_db()
    assert mail.state == State.NOT_NEEDED
    assert state_told(token) is LinkState.USED


def test_an_older_mail_that_comes_late_leaves_the_newer_link_alone(mail_server: MailServer) -> None:
    account = active(mail_server)
    asks(account.address)
    mail_server.stop()
    deliver_due_mails(clock=lambda: NOW)
    mail_server.start()
    asks(account.address, now=NOW + SECOND)
    deliver_due_mails(clock=lambda: NOW + SECOND)
    newer = token_in(mail_server.mails_to(account.address)[-1].text)
    deliver_due_mails(clock=lambda: NOW + HOUR / 2)
    assert token_in(mail_server.mails_to(account.address)[-1].text) == newer
    assert resets_to(newer, now=NOW + HOUR / 2) == account


# What a link is worth


def test_looking_at_a_link_changes_nothing_however_often(mail_server: MailServer) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    with CaptureQueriesContext(connection) as queries:
        for _ in range(50):
            assert resets.account_behind(token, now=NOW) == account
    assert all(each["sql"].startswith("SELECT") for each in queries)
    assert resets_to(token) == account


@pytest.mark.parametrize(("after", "lives"), [(timedelta(0), True), (HOUR - SECOND, True), (HOUR, False), (DAY, False)])
def test_a_link_is_dead_after_60_minutes_to_the_second(
    mail_server: MailServer, after: timedelta, *, lives: bool
) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    if lives:
        assert resets_to(token, now=NOW + after) == account
    else:
        assert state_told(token, now=NOW + after) is LinkState.EXPIRED
        assert enters(account.address, OWN_PASSWORD, now=NOW + after) == account


def test_a_link_is_dead_once_another_one_is_on_its_way(mail_server: MailServer) -> None:
    account = active(mail_server)
    first = link_holder(mail_server, account)
    second = link_holder(mail_server, account, now=NOW + MINUTE)
    assert state_told(first, now=NOW + MINUTE) is LinkState.SUPERSEDED
    assert resets_to(second, now=NOW + MINUTE) == account


def test_a_link_works_once(mail_server: MailServer) -> None:
    token = link_holder(mail_server, active(mail_server))
    resets_to(token)
    assert state_told(token, password="Ein-anderes-Passwort-62-Kiesel") is LinkState.USED


def test_a_link_is_dead_once_the_password_was_changed_otherwise(mail_server: MailServer) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    chooses(account, "Ein-anderes-Passwort-62-Kiesel")
    assert state_told(token) is LinkState.SUPERSEDED


def test_what_the_database_holds_opens_nothing(mail_server: MailServer) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    stored = PasswordReset.objects.get().token_hash
    assert token not in stored
    for guess in (stored, stored[: len(token)], "", "a" * len(token)):
        assert state_told(guess) is LinkState.UNKNOWN


def test_the_stored_hash_depends_on_a_key_that_is_not_in_the_database(
    mail_server: MailServer, settings: Settings
) -> None:
    token = link_holder(mail_server, active(mail_server))
    settings.SECRET_KEY = "another-key-than-that-of-the-dump"
    assert state_told(token) is LinkState.UNKNOWN


def test_a_link_asked_for_in_time_is_no_way_around_the_entitlement_check(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    token = link_holder(mail_server, account, now=NOW + 28 * DAY - MINUTE)
    assert resets.account_behind(token, now=NOW + 28 * DAY - SECOND) == account
    assert state_told(token, now=NOW + 28 * DAY) is LinkState.CHECK_FIRST
    account.refresh_from_db()
    assert account.first_signed_in_at is None
    with pytest.raises(sign_in.InitialPasswordExpired):
        enters(account.address, password, now=NOW + 28 * DAY)


def test_a_link_does_not_open_access_that_was_suspended_since(mail_server: MailServer) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    suspended(account)
    assert state_told(token) is LinkState.SUSPENDED
    assert not PasswordReset.objects.filter(used_at__isnull=False).exists()


def test_access_suspended_while_the_password_is_being_hashed_stays_closed(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = active(mail_server)
    token, hashed = link_holder(mail_server, account), passwords.hashed

    def hash_meanwhile(password: str) -> str:
        suspended(account)
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", hash_meanwhile)
    assert state_told(token) is LinkState.SUSPENDED
    assert "password.reset" not in events_of(account)


# Choosing


def test_the_new_password_counts_at_once_and_the_old_one_no_longer(mail_server: MailServer) -> None:
    account = active(mail_server)
    assert resets_to(link_holder(mail_server, account)) == account
    assert enters(account.address, NEW_PASSWORD) == account
    with pytest.raises(EntryWrong):
        enters(account.address, OWN_PASSWORD)


@pytest.mark.parametrize(
    ("password", "refusal"), [("kurz7", PasswordRefused), ("BueroMusterland", PasswordRefused), (WEAK, PasswordWeak)]
)
def test_a_password_the_policy_refuses_does_not_use_the_link_up(
    mail_server: MailServer, password: str, refusal: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    work = Argon2Work()
    work.watch(monkeypatch)
    with pytest.raises(refusal):
        resets_to(token, password)
    assert work.costs == []
    assert resets_to(token) == account


def test_the_policy_is_that_of_the_profile(mail_server: MailServer) -> None:
    customer, clerk = active(mail_server), active(mail_server, issued(role=Role.DESK))
    assert resets_to(link_holder(mail_server, customer), WEAK, weak_confirmed=True) == customer
    with pytest.raises(PasswordWeak):
        resets_to(link_holder(mail_server, clerk), WEAK, weak_confirmed=True)


def test_a_reset_lifts_the_lockout(mail_server: MailServer) -> None:
    account = active(mail_server)
    guesses_wrong_five_times(account.address)
    with pytest.raises(Locked):
        enters(account.address, OWN_PASSWORD)
    resets_to(link_holder(mail_server, account))
    assert enters(account.address, NEW_PASSWORD) == account
    assert "lockout.lifted" in events_of(account)


def test_a_reset_forgets_every_browser_but_the_one_it_is_made_in(mail_server: MailServer) -> None:
    account = active(mail_server)
    for browser_id in ("daheim", "im-buero"):
        sign_in.sign_in(address=account.address, password=OWN_PASSWORD, browser_id=browser_id, now=NOW, origin=AT_HOME)
    before = set(KnownBrowser.objects.values_list("key", flat=True))
    resets_to(link_holder(mail_server, account), browser_id="neu")
    after = set(KnownBrowser.objects.values_list("key", flat=True))
    assert (len(before), len(after), before & after) == (2, 1, set())
    guesses_wrong_five_times(account.address)
    entered = sign_in.sign_in(address=account.address, password=NEW_PASSWORD, browser_id="neu", now=NOW, origin=AT_HOME)
    assert entered == account


def test_sessions_begun_with_the_old_password_are_over(mail_server: MailServer) -> None:
    account = active(mail_server)
    before = get_user_model().objects.get(pk=account.pk).get_session_auth_hash()
    resets_to(link_holder(mail_server, account))
    assert get_user_model().objects.get(pk=account.pk).get_session_auth_hash() != before


def test_choosing_a_password_is_a_first_sign_in_and_ends_the_countdown(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    resets_to(link_holder(mail_server, account))
    account.refresh_from_db()
    assert account.first_signed_in_at == account.own_password_chosen_at == NOW
    assert not AccessLetter.objects.exclude(keyed_hash="").exists()
    with pytest.raises(EntryWrong):
        enters(account.address, password)
    assert enters(account.address, NEW_PASSWORD, now=NOW + 60 * DAY) == account
    assert events_of(account).count("sign_in.first") == 1


def test_a_reset_is_noted_and_confirmed_by_mail(mail_server: MailServer) -> None:
    account = active(mail_server)
    token = link_holder(mail_server, account)
    resets_to(token, browser_id="neu")
    entry = Entry.objects.get(event="password.reset")
    assert (entry.subject, entry.actor) == (account, account)
    assert (entry.network_address, entry.details) == (AT_HOME.network_address, {})
    assert "sign_in.succeeded" not in events_of(account)[events_of(account).index("password.reset") :]
    deliver_due_mails(clock=lambda: NOW)
    confirmation = mail_server.mails_to(account.address)[-1]
    assert "wurde geändert" in str(confirmation.parsed["Subject"])
    assert token not in confirmation.content.decode()


# Strangers


def test_strangers_addresses_leave_the_database_after_three_days(mail_server: MailServer) -> None:
    account = active(mail_server)
    link_holder(mail_server, account)
    answer_to(mail_server, STRANGER)
    asks(STRANGER, now=NOW + MINUTE)
    deliver_due_mails(clock=lambda: NOW + MINUTE)
    resets.forget_old_requests(now=NOW + 3 * DAY - SECOND)
    assert OutgoingMail.objects.filter(recipient=STRANGER).count() == 2
    mails = OutgoingMail.objects.filter(recipient=account.address).count()
    resets.forget_old_requests(now=NOW + 3 * DAY + MINUTE)
    assert not OutgoingMail.objects.filter(recipient=STRANGER).exists()
    assert OutgoingMail.objects.filter(recipient=account.address).count() == mails


def test_a_mail_to_a_stranger_that_still_has_to_go_out_is_kept() -> None:
    asks(STRANGER)
    resets.forget_old_requests(now=NOW + 30 * DAY)
    assert OutgoingMail.objects.get().recipient == STRANGER


def test_an_accounts_mails_and_links_leave_the_database_after_thirty_days(mail_server: MailServer) -> None:
    account = active(mail_server)
    older, live = link_holder(mail_server, account), link_holder(mail_server, account, now=NOW + MINUTE)
    others = OutgoingMail.objects.exclude(kind="password_reset").count()
    resets.forget_old_requests(now=NOW + 30 * DAY - SECOND)
    assert PasswordReset.objects.count() == 2
    resets.forget_old_requests(now=NOW + 30 * DAY)
    assert PasswordReset.objects.get().mail == OutgoingMail.objects.get(kind="password_reset")
    assert state_told(older, now=NOW + MINUTE) is LinkState.UNKNOWN
    assert resets_to(live, now=NOW + MINUTE) == account
    resets.forget_old_requests(now=NOW + 30 * DAY + MINUTE)
    assert not PasswordReset.objects.exists()
    assert OutgoingMail.objects.count() == others + 1, "the mail log keeps everything else"


def test_an_accounts_mail_that_still_has_to_go_out_is_kept(mail_server: MailServer) -> None:
    account = active(mail_server)
    asks(account.address)
    resets.forget_old_requests(now=NOW + 60 * DAY)
    assert OutgoingMail.objects.filter(kind="password_reset").exists()


def test_a_link_sent_to_an_address_the_account_no_longer_has_is_no_strangers(mail_server: MailServer) -> None:
    account = active(mail_server)
    link_holder(mail_server, account)
    Account.objects.filter(pk=account.pk).update(address="neu@musterland.example.org")
    resets.forget_old_requests(now=NOW + 4 * DAY)
    assert PasswordReset.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_upkeep_forgets_them_every_hour(mail_server: MailServer, time_machine: TimeMachineFixture) -> None:
    answer_to(mail_server, STRANGER)
    time_machine.move_to(NOW + 3 * DAY)
    upkeep.forget(timestamp=0)
    assert not OutgoingMail.objects.exists()
