"""The desk sees every account, how it stands and what became of its letter."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.accounts import AT_HOME, NOW, active, delivered, issued, suspended
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.queries import (
    PAGE_SIZE,
    WORDS_SOUGHT,
    account_at_the_door,
    accounts_on_the_desk,
    accounts_page,
)
from kundenportal.domain.credentials.rules.account_states import AccountState, account_state
from kundenportal.domain.mail.delivery import deliver_due_mails

if TYPE_CHECKING:
    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

FOUR_WEEKS = timedelta(days=28)


def state_on_the_desk(account: Account, *, now: object = NOW) -> AccountState:
    row = accounts_on_the_desk().get(pk=account.pk)
    return account_state(
        suspended_at=row.suspended_at,
        first_signed_in_at=row.first_signed_in_at,
        initial_password_expires_at=row.initial_password_expires_at,
        now=now,  # type: ignore[arg-type]
    )


def test_an_accounts_state_follows_from_what_happened_to_it(mail_server: MailServer) -> None:
    account = issued()
    assert state_on_the_desk(account, now=NOW + 10 * FOUR_WEEKS) is AccountState.ISSUED
    delivered(mail_server, account)
    assert state_on_the_desk(account, now=NOW + FOUR_WEEKS - timedelta(seconds=1)) is AccountState.ISSUED
    assert state_on_the_desk(account, now=NOW + FOUR_WEEKS) is AccountState.EXPIRED
    active_account = active(mail_server)
    assert state_on_the_desk(active_account, now=NOW + FOUR_WEEKS) is AccountState.ACTIVE
    assert state_on_the_desk(suspended(active_account)) is AccountState.SUSPENDED
    assert state_on_the_desk(suspended(account)) is AccountState.SUSPENDED


def test_the_newest_letter_tells_where_it_stands(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    row = accounts_on_the_desk().get(pk=account.pk)
    assert (row.letter_state, row.letter_answer) == ("handed_over", "")
    assert row.initial_password_expires_at == NOW + FOUR_WEEKS
    access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
    assert accounts_on_the_desk().get(pk=account.pk).letter_state == "waiting"
    mail_server.says_to_recipient = lambda _: "550 No such user"
    deliver_due_mails(clock=lambda: NOW)
    row = accounts_on_the_desk().get(pk=account.pk)
    assert (row.letter_state, row.letter_answer) == ("failed", "550 No such user")


def test_an_account_with_many_letters_is_one_row(mail_server: MailServer) -> None:
    account, _ = delivered(mail_server)
    for _ in range(3):
        access.issue_initial_password(account, issued_by=None, now=NOW, origin=AT_HOME)
        deliver_due_mails(clock=lambda: NOW)
    assert accounts_on_the_desk().count() == 1
    found = account_at_the_door(account.address)
    assert found is not None
    assert found.initial_password_hash


def test_an_account_at_the_door_has_no_initial_password_before_its_letter_is_written() -> None:
    found = account_at_the_door(issued().address)
    assert found is not None
    assert (found.initial_password_hash, found.initial_password_expires_at) == (None, None)


@pytest.mark.parametrize(
    "sought", ["muster", "BÜRO", "büro  muster", "anna@", "Kita", "kita anna", "100%", "a_b", "", "x\x00y", "\udcff"]
)
def test_accounts_are_found_by_parts_of_name_address_and_organisation(sought: str) -> None:
    issued("buero@example.org", name="Büro Musterland", organisation="Kirchenkreis")
    issued("anna@example.org", name="Anna 100% a_b", organisation="Kita Probstadt")
    expected = {
        "muster": ["buero@example.org"],
        "BÜRO": ["buero@example.org"],
        "büro  muster": ["buero@example.org"],
        "": ["anna@example.org", "buero@example.org"],
        "x\x00y": [],
        "\udcff": [],
    }.get(sought, ["anna@example.org"])
    assert [account.address for account in accounts_page(sought=sought).accounts] == expected


def test_words_nobody_would_type_cost_nothing() -> None:
    issued(name="Anna")
    words = ["anna"] * WORDS_SOUGHT
    assert len(accounts_page(sought=" ".join(words)).accounts) == 1
    assert len(accounts_page(sought=" ".join([*words, "nowhere"] * 1000)).accounts) == 1


def test_one_can_leaf_through_all_accounts_and_back() -> None:
    accounts = [issued(f"a{number}@example.org") for number in range(2 * PAGE_SIZE + 1)]
    newest_first = [account.pk for account in reversed(accounts)]

    first = accounts_page()
    second = accounts_page(after=first.next_after)
    third = accounts_page(after=second.next_after)
    assert [row.pk for page in (first, second, third) for row in page.accounts] == newest_first
    assert (first.previous_before, third.next_after) == (None, None)

    back = accounts_page(before=third.previous_before)
    assert [row.pk for row in back.accounts] == [row.pk for row in second.accounts]
    beginning = accounts_page(before=back.previous_before)
    assert [row.pk for row in beginning.accounts] == [row.pk for row in first.accounts]
    assert beginning.previous_before is None
    assert beginning.next_after == first.next_after


def test_pages_beyond_the_end_are_empty() -> None:
    account = issued()
    for page in (accounts_page(after=account.pk), accounts_page(before=account.pk)):
        assert (list(page.accounts), page.next_after, page.previous_before) == ([], None, None)


def test_a_page_costs_the_same_however_many_accounts_it_shows() -> None:
    issued(organisation="Kita Probstadt")
    with CaptureQueriesContext(connection) as for_one:
        [list(row.organisations.all()) for row in accounts_page().accounts]
    for _ in range(5):
        issued()
    with CaptureQueriesContext(connection) as for_six:
        [list(row.organisations.all()) for row in accounts_page().accounts]
    assert len(for_one) == len(for_six)
