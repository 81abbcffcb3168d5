"""Who comes in, who does not, and what they are told."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.hashers import check_password

from factories.accounts import (
    AT_HOME,
    NOW,
    OWN_PASSWORD,
    active,
    chooses,
    delivered,
    enters,
    signed_in,
    suspended,
)
from factories.threads import SECONDS_TO_MEET, together
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials import verification
from kundenportal.domain.credentials.models import AccessLetter, GuessCount
from kundenportal.domain.credentials.operations import sign_in
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.sign_in import AccountIsSuspended, InitialPasswordExpired

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import Settings

    from factories.mail_server import MailServer
    from kundenportal.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def stored(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


# For the first time


def test_a_first_sign_in_ends_the_countdown_for_good(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    entered = enters(account.address, password, now=NOW + DAY)
    assert entered == account
    assert entered.first_signed_in_at == stored(account).first_signed_in_at == NOW + DAY
    assert AccessLetter.objects.get(account=account).keyed_hash == ""
    assert enters(account.address, password, now=NOW + 400 * DAY) == account
    assert stored(account).first_signed_in_at == NOW + DAY


def test_a_first_sign_in_turns_the_hash_into_argon2id(mail_server: MailServer) -> None:
    account, password = signed_in(mail_server)
    encoded = stored(account).password
    assert encoded == account.password
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(password.replace("-", ""), encoded)


def test_a_first_sign_in_is_told_apart_in_the_trail(mail_server: MailServer) -> None:
    account, password = signed_in(mail_server)
    enters(account.address, password, now=NOW + DAY)
    assert events_of(account)[-3:] == ["sign_in.first", "sign_in.succeeded", "sign_in.succeeded"]
    entry = Entry.objects.get(event="sign_in.first")
    assert (entry.subject, entry.actor, entry.network_address) == (account, account, AT_HOME.network_address)


@pytest.mark.parametrize("already_in", [False, True], ids=["at the first sign-in", "later, before an own password"])
@pytest.mark.parametrize(
    "regrouped",
    [
        pytest.param(lambda password: password, id="as printed"),
        pytest.param(lambda password: password.replace("-", ""), id="without hyphens"),
        pytest.param(lambda password: password.replace("-", " "), id="blanks instead"),
        pytest.param(lambda password: f"  {password}\n", id="blanks around"),
        pytest.param("-".join, id="hyphens everywhere"),
        pytest.param(lambda password: password.replace("-", " \u2013 "), id="dashes of a word processor"),
        pytest.param(lambda password: password.replace("-", "\u00ad-\u200b"), id="invisible signs of a mail program"),
    ],
)
def test_blanks_and_hyphens_of_a_mailed_password_do_not_matter(
    mail_server: MailServer, regrouped: Any, *, already_in: bool
) -> None:
    account, password = signed_in(mail_server) if already_in else delivered(mail_server)
    assert enters(account.address, regrouped(password)) == account


@pytest.mark.parametrize("already_in", [False, True])
@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(str.upper, id="in capitals"),
        pytest.param(lambda password: password[:-1], id="cut short"),
        pytest.param(lambda password: password + "f", id="with one sign too many"),
        pytest.param(lambda password: password[::-1], id="backwards"),
        pytest.param(lambda password: password.replace("-", "_"), id="with other separators"),
        pytest.param(lambda _: "", id="nothing"),
        pytest.param(lambda _: " - ", id="nothing but separators"),
    ],
)
def test_anything_else_about_a_mailed_password_does_matter(
    mail_server: MailServer, spoilt: Any, *, already_in: bool
) -> None:
    account, password = signed_in(mail_server) if already_in else delivered(mail_server)
    with pytest.raises(EntryWrong):
        enters(account.address, spoilt(password))


@pytest.mark.django_db(transaction=True)
def test_of_two_first_sign_ins_at_the_same_instant_both_succeed_and_one_is_the_first(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, password = delivered(mail_server)
    both_have_looked = threading.Barrier(2, timeout=SECONDS_TO_MEET)
    look = verification.hashed_initial_password_if_right

    def look_together(*arguments: Any) -> str | None:
        both_have_looked.wait()
        return look(*arguments)

    monkeypatch.setattr(verification, "hashed_initial_password_if_right", look_together)
    outcomes = together([lambda: enters(account.address, password)] * 2)
    assert outcomes == [account, account]
    assert sorted(events_of(account)[-3:]) == ["sign_in.first", "sign_in.succeeded", "sign_in.succeeded"]
    assert events_of(account).count("sign_in.first") == 1
    for outcome in outcomes:
        assert isinstance(outcome, Account)
        assert outcome.password == stored(account).password, "the session of each would end at its next page"
        assert outcome.first_signed_in_at == NOW


# Again


def test_an_own_password_lets_its_owner_in_however_the_address_is_spelled(mail_server: MailServer) -> None:
    account = active(mail_server)
    assert enters(f" {account.address.upper()} ", OWN_PASSWORD) == account
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("sign_in.succeeded", account, account)
    assert entry.network_address == AT_HOME.network_address


@pytest.mark.parametrize(
    "entry",
    [
        OWN_PASSWORD.replace("-", ""),
        OWN_PASSWORD.replace("-", " "),
        OWN_PASSWORD.lower(),
        f" {OWN_PASSWORD}",
        f"{OWN_PASSWORD} ",
        OWN_PASSWORD[:-1],
        "",
    ],
)
def test_an_own_password_counts_exactly_as_typed(mail_server: MailServer, entry: str) -> None:
    account = active(mail_server)
    with pytest.raises(EntryWrong):
        enters(account.address, entry)


def test_an_own_password_may_hold_blanks_and_hyphens_that_matter(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server)
    chooses(account, " - Regen trommelt-auf 47 Dachziegel - ")
    assert enters(account.address, " - Regen trommelt-auf 47 Dachziegel - ") == account
    with pytest.raises(EntryWrong):
        enters(account.address, "Regen trommelt-auf 47 Dachziegel")


def test_it_does_not_matter_how_a_device_composes_its_letters(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server)
    chooses(account, "Gr\u00fc\u00dfe vom Maschsee 47")
    assert enters(account.address, "Gru\u0308\u00dfe vom Maschsee 47") == account


def test_the_mailed_password_is_dead_once_an_own_one_is_chosen(mail_server: MailServer) -> None:
    account, password = signed_in(mail_server)
    chooses(account, OWN_PASSWORD)
    with pytest.raises(EntryWrong):
        enters(account.address, password)


@pytest.mark.parametrize("entry", ["\udcff", "x\ud800y", "\x00", "\U0010ffff", "x" * 100_000])
@pytest.mark.parametrize("state", ["unknown", "issued", "active"])
def test_an_entry_no_password_can_be_made_of_is_wrong_and_nothing_worse(
    mail_server: MailServer, entry: str, state: str
) -> None:
    address = "nobody@example.org"
    if state != "unknown":
        account = active(mail_server) if state == "active" else delivered(mail_server)[0]
        address = account.address
    with pytest.raises(EntryWrong):
        enters(address, entry)


@pytest.mark.parametrize("address", ["", "nobody", "nobody@example.org", "a\x00b@example.org", "a\udcff@example.org"])
def test_an_address_nobody_can_have_is_wrong_and_nothing_worse(address: str) -> None:
    with pytest.raises(EntryWrong):
        enters(address, "whatever")


# Not let in


def test_a_refused_sign_in_is_noted_with_the_account_it_was_for(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    with pytest.raises(EntryWrong):
        enters(account.address, "wrong")
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("sign_in.refused", account, None)
    assert (entry.network_address, entry.details) == (AT_HOME.network_address, {})


def test_a_sign_in_to_no_account_is_noted_without_what_was_entered() -> None:
    with pytest.raises(EntryWrong):
        enters("perhaps-a-password-in-the-wrong-field", "wrong")
    entry = last_entry()
    assert (entry.event, entry.subject, entry.details) == ("sign_in.refused", None, {})


@pytest.mark.parametrize(
    ("state", "refusal", "reason"),
    [
        ("expired", InitialPasswordExpired, "initial-password-expired"),
        ("suspended before the first sign-in", AccountIsSuspended, "account-suspended"),
        ("suspended", AccountIsSuspended, "account-suspended"),
    ],
)
def test_who_holds_the_right_password_is_told_why_it_is_refused_and_that_is_noted(
    mail_server: MailServer, state: str, refusal: type[Refusal], reason: str
) -> None:
    if state == "suspended":
        account, password = suspended(active(mail_server)), OWN_PASSWORD
    else:
        account, password = delivered(mail_server)
        if state != "expired":
            suspended(account)
    now = NOW + 28 * DAY
    with pytest.raises(refusal):
        enters(account.address, password, now=now)
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("sign_in.refused", account, None)
    assert entry.details == {"reason": reason}
    with pytest.raises(EntryWrong):
        enters(account.address, "wrong", now=now)
    assert last_entry().details == {}


def test_a_suspended_account_stays_as_it_was(mail_server: MailServer) -> None:
    account, password = delivered(mail_server)
    suspended(account)
    with pytest.raises(AccountIsSuspended):
        enters(account.address, password)
    assert stored(account).first_signed_in_at is None
    assert AccessLetter.objects.get(account=account).keyed_hash


@pytest.mark.parametrize("prepare", [lambda server: (active(server), OWN_PASSWORD), delivered])
def test_an_account_suspended_while_its_password_is_checked_stays_closed(
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[MailServer], tuple[Account, str]],
) -> None:
    account, password = prepare(mail_server)
    before, check = events_of(account), sign_in._checked  # noqa: SLF001

    def check_before_the_suspension(knocking: Any, entry: str) -> tuple[Any, str]:
        checked = check(knocking, entry)
        suspended(account)
        return checked

    monkeypatch.setattr(sign_in, "_checked", check_before_the_suspension)
    with pytest.raises(EntryWrong):
        enters(account.address, password)
    assert events_of(account) == [*before, "account.suspended", "sign_in.refused"]


def test_signing_out_is_noted(mail_server: MailServer) -> None:
    account = active(mail_server)
    sign_in.sign_out(account, now=NOW, origin=AT_HOME)
    assert (last_entry().event, last_entry().subject) == ("sign_in.ended", account)


# Dearer hashes


@pytest.fixture
def twice_the_cost(settings: Settings) -> Iterator[None]:
    """Switches to a higher cost when it is called, as an operator would."""
    settings.HASHING_PASSES = 4
    verification._hash_nothing_matches.cache_clear()  # noqa: SLF001
    yield
    verification._hash_nothing_matches.cache_clear()  # noqa: SLF001


@pytest.mark.parametrize("own", [True, False], ids=["an own password", "a mailed one"])
def test_a_higher_cost_is_paid_from_the_next_sign_in_on(
    mail_server: MailServer, request: pytest.FixtureRequest, *, own: bool
) -> None:
    account, password = (active(mail_server), OWN_PASSWORD) if own else signed_in(mail_server)
    request.getfixturevalue("twice_the_cost")
    with pytest.raises(EntryWrong):
        enters(account.address, "wrong")
    assert "t=2," in stored(account).password
    entered = enters(account.address, password)
    renewed = stored(account).password
    assert renewed.startswith("argon2$argon2id$v=19$m=19456,t=4,p=1$")
    assert entered.password == renewed, "the session would end at its next page"
    assert enters(account.address, password) == account
    assert stored(account).password == renewed


def test_of_two_who_renew_the_hash_at_once_both_are_let_in_and_stay(
    mail_server: MailServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = active(mail_server)
    request.getfixturevalue("twice_the_cost")
    renew = verification.hashed_anew

    def renew_after_the_other(knocking: Account, entry: str) -> str:
        patch.undo()
        enters(account.address, OWN_PASSWORD)
        return renew(knocking, entry)

    with monkeypatch.context() as patch:
        patch.setattr(verification, "hashed_anew", renew_after_the_other)
        entered = enters(account.address, OWN_PASSWORD)
    assert entered.password == stored(account).password, "the session would end at its next page"
    assert not GuessCount.objects.exists()


def test_a_hash_renewed_while_the_password_is_changed_does_not_bring_the_old_one_back(
    mail_server: MailServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = active(mail_server)
    request.getfixturevalue("twice_the_cost")
    renew = verification.hashed_anew

    def renew_too_late(knocking: Account, entry: str) -> str:
        chooses(stored(account), "Ein-ganz-anderes-Dach-mit-48-Ziegeln", now=NOW + timedelta(seconds=1))
        return renew(knocking, entry)

    with monkeypatch.context() as patch:
        patch.setattr(verification, "hashed_anew", renew_too_late)
        with pytest.raises(EntryWrong):
            enters(account.address, OWN_PASSWORD)
    assert enters(account.address, "Ein-ganz-anderes-Dach-mit-48-Ziegeln") == account
    with pytest.raises(EntryWrong):
        enters(account.address, OWN_PASSWORD)
