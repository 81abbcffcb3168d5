"""What may change about an account once it is open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import AT_HOME, NOW, issued, suspended
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts import queries
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import ColourScheme, Language, Role
from kundenportal.kernel.lengths import NAME_MAX_LENGTH

if TYPE_CHECKING:
    from kundenportal.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db


def test_a_profile_is_kept_and_leaves_an_entry() -> None:
    account = issued()
    accounts.update_profile(
        account,
        name=" Anna  Beispiel ",
        language=Language.ENGLISH,
        colour_scheme=ColourScheme.NORDSEE,
        now=NOW,
        origin=AT_HOME,
    )
    kept = Account.objects.get(pk=account.pk)
    assert (kept.name, kept.language, kept.colour_scheme) == ("Anna Beispiel", "en", "nordsee")
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("profile.updated", account, account)
    assert entry.network_address == AT_HOME.network_address


@pytest.mark.parametrize(
    ("name", "refusal"), [(" ", accounts.NameMissing), ("n" * (NAME_MAX_LENGTH + 1), accounts.NameTooLong)]
)
def test_a_profile_without_a_fitting_name_is_refused_as_a_whole(name: str, refusal: type[Refusal]) -> None:
    account = issued()
    with pytest.raises(refusal):
        accounts.update_profile(
            account,
            name=name,
            language=Language.ENGLISH,
            colour_scheme=ColourScheme.DARK,
            now=NOW,
            origin=AT_HOME,
        )
    kept = Account.objects.get(pk=account.pk)
    assert (kept.name, kept.language, kept.colour_scheme) == ("Büro Musterland", "de", "device")
    assert (account.name, account.language, account.colour_scheme) == ("Büro Musterland", "de", "device")
    assert "profile.updated" not in events_of(account)


@pytest.mark.parametrize("seen", [None, {"name": "Büro Musterland"}, {"name": "Anna Beispiel"}])
def test_a_profile_that_is_saved_as_it_was_leaves_no_entry(seen: dict[str, str] | None) -> None:
    account = issued()
    for _ in range(2):
        accounts.update_profile(
            account,
            name="Büro Musterland",
            language=Language.ENGLISH,
            colour_scheme=ColourScheme.DEVICE,
            seen=seen,
            now=NOW,
            origin=AT_HOME,
        )
    assert events_of(account).count("profile.updated") == 1


def test_a_profile_in_which_nothing_was_touched_stays_as_it_is() -> None:
    account = issued()
    seen = {"name": "Anna", "language": "en", "colour_scheme": "dark"}
    accounts.update_profile(
        account,
        name="Anna",
        language=Language.ENGLISH,
        colour_scheme=ColourScheme.DARK,
        seen=seen,
        now=NOW,
        origin=AT_HOME,
    )
    assert Account.objects.get(pk=account.pk).name == account.name == "Büro Musterland"
    assert "profile.updated" not in events_of(account)


def test_a_language_can_be_chosen_by_itself_and_is_part_of_the_profile() -> None:
    account = issued()
    for _ in range(2):
        accounts.choose_language(account, Language.ENGLISH, now=NOW, origin=AT_HOME)
    assert Account.objects.get(pk=account.pk).language == account.language == Language.ENGLISH
    assert events_of(account).count("profile.updated") == 1
    entry = last_entry()
    assert (entry.subject, entry.actor, entry.network_address) == (account, account, AT_HOME.network_address)


def test_a_suspended_account_has_no_sessions_any_more() -> None:
    account, clerk = issued(), issued(role=Role.DESK)
    assert queries.account_in_session(account.pk) == account
    accounts.suspend(account, suspended_by=clerk, now=NOW, origin=AT_HOME)
    assert queries.account_in_session(account.pk) is None
    assert (account.suspended_at, account.is_active) == (NOW, False)
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("account.suspended", account, clerk)


def test_suspending_twice_changes_nothing() -> None:
    account = suspended(issued())
    suspended(account, now=NOW + timedelta(days=1))
    assert Account.objects.get(pk=account.pk).suspended_at == NOW
    assert events_of(account).count("account.suspended") == 1


def test_an_account_that_is_gone_has_no_session() -> None:
    assert queries.account_in_session(issued().pk + 1) is None


@pytest.mark.parametrize(
    ("role", "is_staff_member", "may_use_desk"),
    [(Role.CUSTOMER, False, False), (Role.DESK, True, True), (Role.EDITOR, True, False), (Role.ADMIN, True, True)],
)
def test_a_role_says_who_may_use_the_desk(role: Role, is_staff_member: bool, may_use_desk: bool) -> None:  # noqa: FBT001
    account = issued(role=role)
    assert (account.is_staff_member, account.may_use_desk) == (is_staff_member, may_use_desk)
