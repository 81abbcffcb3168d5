"""An account is opened for an address that is well-formed and not yet taken."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction

from factories.accounts import AT_HOME, NOW, issued, new_address
from factories.threads import SECONDS_TO_MEET, together
from factories.trail import events_of, last_entry
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts import queries
from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.accounts.rules import (
    Kind,
    Language,
    Role,
    normalised_address,
)
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.organisations import operations as organisations
from kundenportal.domain.organisations.models import Organisation
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, NAME_MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.kernel.refusal import Refusal


def opened(
    address: str = "buero@musterland.example.org",
    *,
    name: str = "Büro Musterland",
    organisation: str = "Kirchenkreis Musterland",
    kind: Kind = Kind.INSTITUTIONAL,
    role: Role = Role.CUSTOMER,
    opened_by: Account | None = None,
) -> Account:
    return accounts.open_account(
        address=address,
        name=name,
        organisation=organisation,
        kind=kind,
        role=role,
        language=Language.GERMAN,
        opened_by=opened_by,
        now=NOW,
        origin=AT_HOME,
    )


@pytest.mark.django_db
def test_a_new_account_is_kept_as_it_was_asked_for_and_cannot_sign_in_yet() -> None:
    account = Account.objects.get(pk=opened("  Buero@Musterland.Example.ORG ", name="  Büro \n Musterland ").pk)
    assert account.address == "buero@musterland.example.org"
    assert account.name == "Büro Musterland"
    assert (account.kind, account.role, account.language) == (Kind.INSTITUTIONAL, Role.CUSTOMER, Language.GERMAN)
    assert account.opened_at == NOW
    assert not account.has_usable_password()
    assert account.first_signed_in_at is None
    assert account.is_active
    assert not account.own_password_chosen
    assert queries.organisation_names_of(account) == ["Kirchenkreis Musterland"]
    assert str(account) == "buero@musterland.example.org"


@pytest.mark.django_db
def test_opening_leaves_an_entry_that_names_who_opened_it_and_from_where() -> None:
    clerk = opened("hr-service@example.org", role=Role.DESK)
    account = opened(opened_by=clerk)
    entry = last_entry()
    assert (entry.event, entry.subject, entry.actor) == ("account.opened", account, clerk)
    assert (entry.happened_at, entry.network_address, entry.details) == (NOW, "192.0.2.7", {})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "again",
    [
        "buero@musterland.example.org",
        "BUERO@MUSTERLAND.EXAMPLE.ORG",
        " Buero@musterland.example.org\t",
        "buero@MusterLand.example.org",
    ],
)
def test_an_address_is_taken_whatever_its_case_and_the_blanks_around_it(again: str) -> None:
    account = opened()
    with pytest.raises(accounts.AddressTaken):
        opened(again, organisation="Kita Probstadt")
    assert list(Account.objects.all()) == [account]
    assert not Organisation.objects.filter(name="Kita Probstadt").exists()
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_an_address_beyond_ascii_is_taken_whatever_its_case_and_composition() -> None:
    opened("buero@müsterland.example.org")
    with pytest.raises(accounts.AddressTaken):
        opened("BUERO@MU\u0308STERLAND.example.org")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("known", "again"),
    [
        ("buero@müsterland.example.org", "buero@xn--msterland-q9a.example.org"),
        ("buero@großmuster.example.org", "buero@xn--gromuster-i1a.example.org"),
        ("buero@großmuster.example.org", "Buero@GROẞMUSTER.example.org"),
        ("buero@musterland.example.org", "buero@muster\u00adland.example.org"),
        ("buero@musterland.example.org", "buero@ｍusterland.example.org"),
        ("buero@musterland.example.org", "buero@musterland\u3002example.org"),
    ],
)
def test_an_address_is_taken_however_its_domain_name_is_written(known: str, again: str) -> None:
    opened(known)
    with pytest.raises((accounts.AddressTaken, accounts.AddressMalformed)):
        opened(again)


@pytest.mark.django_db
def test_a_domain_with_an_eszett_is_another_than_the_one_with_a_double_s() -> None:
    assert opened("buero@großmuster.example.org").address == "buero@großmuster.example.org"
    assert opened("buero@grossmuster.example.org").address == "buero@grossmuster.example.org"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "   ",
        "buero",
        "@example.org",
        "buero@",
        "buero@example",
        "buero@@example.org",
        "bue ro@example.org",
        "buero@exam ple.org",
        "buero@example.org, anna@example.org",
        "buero@example.org\nBcc: anna@example.org",
        "Büro <buero@example.org>",
        "büro@example.org",
        ".buero@example.org",
        "buero@-example.org",
        "buero@example.org\x00",
        "buero\udcff@example.org",
        "b" * 65 + "@" + "e" * 200 + ".example.org",
    ],
)
def test_a_malformed_address_is_refused_and_nothing_is_kept(malformed: str) -> None:
    with pytest.raises(accounts.AddressMalformed):
        opened(malformed)
    assert not Account.objects.exists()
    assert not Organisation.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_an_address_as_long_as_a_mail_server_takes_is_kept_and_a_longer_one_refused() -> None:
    domain = ".".join(["e" * 60] * 3) + ".org"
    longest = "b" * (ADDRESS_MAX_LENGTH - len(domain) - 1) + "@" + domain
    assert len(longest) == ADDRESS_MAX_LENGTH
    assert opened(longest).address == longest
    with pytest.raises(accounts.AddressMalformed):
        opened("b" + longest)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("", accounts.NameMissing),
        (" \t\n", accounts.NameMissing),
        ("n" * (NAME_MAX_LENGTH + 1), accounts.NameTooLong),
    ],
)
def test_an_account_needs_a_name_that_fits(name: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        opened(name=name)
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_the_longest_name_fits() -> None:
    assert opened(name=" " + "n" * NAME_MAX_LENGTH + " ").name == "n" * NAME_MAX_LENGTH


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("organisation", "refusal"),
    [("  ", organisations.OrganisationNameMissing), ("o" * 201, organisations.OrganisationNameTooLong)],
)
def test_a_refused_organisation_leaves_no_account_behind(organisation: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        opened(organisation=organisation)
    assert not Account.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_fault_of_the_database_is_not_taken_for_a_taken_address() -> None:
    with pytest.raises(IntegrityError, match="role_is_known"):
        opened(role="emperor")  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_open_one_address_at_the_same_instant_exactly_one_succeeds() -> None:
    address = new_address()
    all_ready = threading.Barrier(8, timeout=SECONDS_TO_MEET)

    def open_it(spelling: str) -> Account:
        all_ready.wait()
        return opened(spelling)

    outcomes = together([lambda turn=turn: open_it(address.upper() if turn % 2 else address) for turn in range(8)])  # type: ignore[misc]
    (account,) = [outcome for outcome in outcomes if isinstance(outcome, Account)]
    assert [type(outcome) for outcome in outcomes].count(accounts.AddressTaken) == 7
    assert list(Account.objects.all()) == [account]
    assert Membership.objects.count() == 1
    assert events_of(account) == ["account.opened"]


@pytest.mark.django_db(transaction=True)
def test_eight_accounts_opened_at_once_for_a_new_organisation_share_one() -> None:
    all_ready = threading.Barrier(8, timeout=SECONDS_TO_MEET)

    def open_one() -> Account:
        all_ready.wait()
        return opened(new_address(), organisation="Kita Probstadt")

    outcomes = together([open_one] * 8)
    assert all(isinstance(outcome, Account) for outcome in outcomes), outcomes
    assert Organisation.objects.get().accounts.count() == 8


@pytest.mark.django_db
def test_an_account_is_found_however_its_address_is_spelled() -> None:
    account = opened()
    assert queries.account_of(" BUERO@musterland.example.org ") == account
    assert queries.account_of("nobody@example.org") is None
    assert Account.objects.get_by_natural_key("buero@musterland.example.org") == account


def test_an_address_has_one_spelling() -> None:
    assert normalised_address(" Bu\u0308ro@Example.ORG\n") == "b\u00fcro@example.org"
    assert normalised_address(normalised_address("BÜRO@EXAMPLE.ORG")) == normalised_address("BÜRO@EXAMPLE.ORG")


# What must hold whatever the code does


@pytest.fixture
def row() -> Iterator[Account]:
    account = issued()
    with transaction.atomic():
        yield account


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("address = 'Buero@Example.org'", "address_is_kept_in_lower_case"),
        ("address = 'BÜRO@example.org'", "address_is_kept_in_lower_case"),
        ("name = ''", "account_has_a_name"),
        ("role = 'emperor'", "role_is_known"),
        ("own_password_chosen_at = now()", "an_own_password_is_chosen_after_the_first_sign_in"),
        ("address = NULL", "address"),
        ("opened_at = NULL", "opened_at"),
    ],
)
def test_the_database_itself_refuses_an_impossible_account(row: Account, change: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_account SET {change} WHERE id = %s", [row.pk])


@pytest.mark.django_db
def test_the_database_itself_refuses_a_second_account_of_an_address() -> None:
    account, other = issued(), issued()
    with pytest.raises(IntegrityError, match="address"), transaction.atomic():
        Account.objects.filter(pk=other.pk).update(address=account.address)


@pytest.mark.django_db
def test_an_account_is_member_of_an_organisation_once() -> None:
    membership = Membership.objects.get(account=issued())
    assert str(membership) == f"{membership.account_id} acts for {membership.organisation_id}"
    with pytest.raises(IntegrityError, match="member_once_per_organisation"), transaction.atomic():
        Membership.objects.create(account=membership.account, organisation=membership.organisation)


@pytest.mark.django_db
def test_of_many_newcomers_none_is_let_in_when_one_has_an_address_that_is_taken() -> None:
    newcomers = [
        accounts.Newcomer(address, "Büro", organisation, Kind.PERSONAL, Language.GERMAN)
        for address, organisation in ((new_address(), "Kita Süd"), (opened().address, "Kita Nord"))
    ]
    with pytest.raises(accounts.AddressTaken), transaction.atomic():
        accounts.open_many(newcomers, opened_by=None, now=NOW, origin=AT_HOME)
    assert [account.address for account in Account.objects.all()] == [newcomers[1].address]
    assert [organisation.name for organisation in Organisation.objects.all()] == ["Kirchenkreis Musterland"]
