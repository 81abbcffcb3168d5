"""An own password is chosen by the one policy, by somebody who is who they seem to be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, OWN_PASSWORD, active, enters, issued, signed_in
from factories.argon2_work import Argon2Work
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import ColourScheme, Language, Role
from kundenportal.domain.credentials.operations import passwords, profile
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.passwords import (
    CurrentPasswordMissing,
    CurrentPasswordWrong,
    NewPassword,
    PasswordRefused,
    PasswordWeak,
)
from kundenportal.domain.credentials.rules.password_policy import Reason, Strength
from kundenportal.domain.credentials.rules.reauthentication import current_password_is_asked_for
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.kernel.lengths import NAME_MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from factories.mail_server import MailServer
    from kundenportal.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
WEAK = "gartenzaun7"
STRONG = "Nebel-hebt-sich-ueber-23-Wiesen"


def choose(
    account: Account,
    password: str,
    *,
    weak_confirmed: bool = False,
    current_password: str = "",
    signed_in_at: datetime = NOW,
    now: datetime = NOW,
) -> None:
    entry = NewPassword(password, weak_confirmed=weak_confirmed, current_password=current_password)
    passwords.choose_password(account, entry, signed_in_at=signed_in_at, now=now, origin=AT_HOME)


def save_profile(
    account: Account,
    *,
    name: str = "Anna Beispiel",
    new_password: NewPassword | None = None,
    signed_in_at: datetime = NOW,
    now: datetime = NOW,
) -> None:
    profile.update_profile(
        account,
        name=name,
        language=Language.ENGLISH,
        colour_scheme=ColourScheme.HEIDE,
        new_password=new_password,
        signed_in_at=signed_in_at,
        now=now,
        origin=AT_HOME,
    )


def unchanged(account: Account, before: Account) -> bool:
    """Whether the account is as it was, in the database and in the hands of whoever asked."""
    stored = Account.objects.get(pk=account.pk)
    fields = [field.attname for field in Account._meta.concrete_fields]  # noqa: SLF001
    return all(
        getattr(stored, field) == getattr(before, field) and getattr(account, field) == getattr(before, field)
        for field in fields
    )


def copy_of(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


# The policy


def test_an_own_password_is_active_at_once_and_kept_as_argon2id(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server)
    choose(account, STRONG)
    assert enters(account.address, STRONG) == account
    stored = Account.objects.get(pk=account.pk)
    assert stored.own_password_chosen_at == NOW
    assert stored.own_password_chosen
    assert stored.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert account.password == stored.password, "the caller's own session would end"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("kurz7", Reason.TOO_SHORT),
        ("x" * 129, Reason.TOO_LONG),
        ("passwort", Reason.COMMON),
        ("BueroMusterland", Reason.OWN_WORDS),
        ("kirchenkreis", Reason.OWN_WORDS),
        ("kundenportal", Reason.OWN_WORDS),
    ],
)
@pytest.mark.parametrize("weak_confirmed", [False, True])
def test_a_refused_password_changes_nothing_tick_or_no_tick(
    mail_server: MailServer, password: str, reason: Reason, *, weak_confirmed: bool
) -> None:
    account, _ = signed_in(mail_server, issued("buero@musterland.example.org"))
    before, mails = copy_of(account), OutgoingMail.objects.count()
    with pytest.raises(PasswordRefused) as refusal:
        choose(account, password, weak_confirmed=weak_confirmed)
    assert (refusal.value.verdict.strength, refusal.value.verdict.reason) == (Strength.REFUSED, reason)
    assert unchanged(account, before)
    assert OutgoingMail.objects.count() == mails
    assert "password.changed" not in events_of(account)


def test_a_weak_password_needs_its_tick(mail_server: MailServer) -> None:
    account, password = signed_in(mail_server)
    before = copy_of(account)
    with pytest.raises(PasswordWeak) as refusal:
        choose(account, WEAK)
    assert refusal.value.verdict.strength is Strength.WEAK
    assert refusal.value.verdict.reason is not None
    assert unchanged(account, before)
    assert enters(account.address, password) == account
    choose(account, WEAK, weak_confirmed=True)
    assert enters(account.address, WEAK) == account


def choose_in_the_profile(account: Account, password: str) -> None:
    save_profile(account, new_password=NewPassword(password, weak_confirmed=False))


@pytest.mark.parametrize("chooses", [choose, choose_in_the_profile])
def test_a_form_sent_twice_chooses_the_password_once(
    mail_server: MailServer, chooses: Callable[[Account, str], None]
) -> None:
    account, _ = signed_in(mail_server)
    as_the_second_read_it, mails = copy_of(account), OutgoingMail.objects.count()
    chooses(account, STRONG)
    chooses(as_the_second_read_it, STRONG)
    assert as_the_second_read_it.password == copy_of(account).password, "the session of the second would end"
    assert events_of(account).count("password.changed") == 1
    assert OutgoingMail.objects.count() == mails + 1


@pytest.mark.parametrize("chooses", [choose, choose_in_the_profile])
def test_another_password_chosen_meanwhile_is_not_undone(
    mail_server: MailServer, chooses: Callable[[Account, str], None]
) -> None:
    account, _ = signed_in(mail_server)
    as_the_second_read_it = copy_of(account)
    chooses(account, STRONG)
    before = copy_of(account)
    with pytest.raises(passwords.ChangedMeanwhile):
        chooses(as_the_second_read_it, OWN_PASSWORD)
    assert unchanged(as_the_second_read_it, before)


@pytest.mark.parametrize("role", [Role.DESK, Role.EDITOR, Role.ADMIN])
def test_staff_cannot_confirm_a_weak_password(mail_server: MailServer, role: Role) -> None:
    account, _ = signed_in(mail_server, issued(role=role))
    before = copy_of(account)
    assert not passwords.may_confirm_weak_password(account)
    with pytest.raises(PasswordWeak):
        choose(account, WEAK, weak_confirmed=True)
    assert unchanged(account, before)
    choose(account, STRONG)
    assert enters(account.address, STRONG) == account


def test_customers_may_confirm_a_weak_password() -> None:
    assert passwords.may_confirm_weak_password(issued())


def test_a_suggested_password_is_taken_without_a_tick(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server)
    suggestion = passwords.suggested_password(account)
    assert passwords.suggested_password(account) != suggestion
    assert passwords.judged_password(account, suggestion).strength is Strength.STRONG
    choose(account, suggestion)
    assert enters(account.address, suggestion) == account


def test_an_entry_does_not_show_its_passwords_when_a_program_prints_it() -> None:
    shown = repr(NewPassword("geheim", weak_confirmed=True, current_password="auch geheim"))
    assert "geheim" not in shown


# Who is asking


@pytest.mark.parametrize(
    ("age", "asked"),
    [
        (timedelta(0), False),
        (15 * MINUTE - SECOND, False),
        (15 * MINUTE, True),
        (15 * MINUTE + SECOND, True),
        (timedelta(hours=11), True),
    ],
)
def test_after_a_quarter_of_an_hour_the_current_password_is_asked_for(
    mail_server: MailServer, age: timedelta, *, asked: bool
) -> None:
    account = active(mail_server)
    before = copy_of(account)
    assert current_password_is_asked_for(signed_in_at=NOW, now=NOW + age) == asked
    if not asked:
        choose(account, STRONG, now=NOW + age)
    else:
        with pytest.raises(CurrentPasswordMissing):
            choose(account, STRONG, now=NOW + age)
        with pytest.raises(CurrentPasswordWrong):
            choose(account, STRONG, current_password=OWN_PASSWORD.lower(), now=NOW + age)
        assert unchanged(account, before)
        choose(account, STRONG, current_password=OWN_PASSWORD, now=NOW + age)
    assert enters(account.address, STRONG) == account
    with pytest.raises(EntryWrong):
        enters(account.address, OWN_PASSWORD)


def test_the_current_password_may_still_be_the_mailed_one_however_grouped(mail_server: MailServer) -> None:
    account, password = signed_in(mail_server)
    choose(account, STRONG, current_password=password.replace("-", " "), now=NOW + 15 * MINUTE)
    assert enters(account.address, STRONG) == account


def test_a_password_the_policy_refuses_costs_no_check_of_the_current_one(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = active(mail_server)
    work = Argon2Work()
    work.watch(monkeypatch)
    with pytest.raises(PasswordRefused):
        choose(account, "kurz7", current_password="wrong", now=NOW + 15 * MINUTE)
    assert work.costs == []


# Whom it is told


def test_a_changed_password_is_noted_and_told_to_its_owner(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server)
    mails = len(mail_server.received)
    choose(account, STRONG)
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("password.changed", account, account)
    assert (entry.network_address, entry.details) == (AT_HOME.network_address, {})
    assert deliver_due_mails(clock=lambda: NOW) == 1
    assert len(mail_server.received) == mails + 1
    assert "wurde geändert" in str(mail_server.received[-1].parsed["Subject"])


# The profile: everything at once, or nothing


def test_a_profile_is_saved_with_its_new_password(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server)
    save_profile(account, new_password=NewPassword(STRONG, weak_confirmed=False))
    stored = Account.objects.get(pk=account.pk)
    assert (stored.name, stored.language, stored.colour_scheme) == ("Anna Beispiel", "en", "heide")
    assert enters(account.address, STRONG) == account
    assert sorted(events_of(account)[-3:-1]) == ["password.changed", "profile.updated"]


def test_a_profile_without_a_new_password_asks_for_none_and_tells_nobody(mail_server: MailServer) -> None:
    account = active(mail_server)
    mails = OutgoingMail.objects.count()
    save_profile(account, now=NOW + timedelta(hours=5))
    assert Account.objects.get(pk=account.pk).colour_scheme == "heide"
    assert enters(account.address, OWN_PASSWORD) == account
    assert OutgoingMail.objects.count() == mails


@pytest.mark.parametrize(
    ("new_password", "name", "refusal"),
    [
        (NewPassword("kurz7", weak_confirmed=True), "Anna Beispiel", PasswordRefused),
        (NewPassword(WEAK, weak_confirmed=False), "Anna Beispiel", PasswordWeak),
        (NewPassword(STRONG, weak_confirmed=False), "Anna Beispiel", CurrentPasswordMissing),
        (NewPassword(STRONG, weak_confirmed=False, current_password="no"), "Anna Beispiel", CurrentPasswordWrong),
        (NewPassword(STRONG, weak_confirmed=False, current_password=OWN_PASSWORD), " ", accounts.NameMissing),
        (
            NewPassword(STRONG, weak_confirmed=False, current_password=OWN_PASSWORD),
            "n" * (NAME_MAX_LENGTH + 1),
            accounts.NameTooLong,
        ),
    ],
)
def test_if_anything_about_a_profile_is_refused_nothing_of_it_is_saved(
    mail_server: MailServer, new_password: NewPassword, name: str, refusal: type[Refusal]
) -> None:
    account = active(mail_server)
    before, mails, events = copy_of(account), OutgoingMail.objects.count(), events_of(account)
    with pytest.raises(refusal):
        save_profile(account, name=name, new_password=new_password, now=NOW + 15 * MINUTE)
    assert unchanged(account, before)
    # A wrong entry counts, wherever it is made.
    counted = ["sign_in.refused"] if refusal is CurrentPasswordWrong else []
    assert (OutgoingMail.objects.count(), events_of(account)) == (mails, events + counted)
    assert enters(account.address, OWN_PASSWORD) == account


def test_a_password_made_of_the_name_given_on_the_same_page_is_refused(mail_server: MailServer) -> None:
    account, _ = signed_in(mail_server)
    with pytest.raises(PasswordRefused) as refusal:
        save_profile(
            account, name="Xaveria Quendelmoos", new_password=NewPassword("xaveriaquendelmoos", weak_confirmed=True)
        )
    assert refusal.value.verdict.reason is Reason.OWN_WORDS
