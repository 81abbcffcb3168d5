"""Neither the time nor the words of a refusal tell which addresses exist."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.accounts import NOW, OWN_PASSWORD, active, delivered, enters, issued, signed_in, suspended
from factories.argon2_work import Argon2Work
from kundenportal.domain.accounts.rules import Kind
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.sign_in import AccountIsSuspended, InitialPasswordExpired

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from factories.mail_server import MailServer
    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db

COST = "m=19456,t=2,p=1"
AFTER_FOUR_WEEKS = NOW + timedelta(days=28)

Prepared = tuple[str, str]
STATES: dict[str, Callable[[MailServer], Prepared]] = {
    "unknown": lambda _: ("nobody@example.org", "frmw-3456"),
    "malformed": lambda _: ("nobody", "frmw-3456"),
    "letter waiting": lambda _: (issued().address, "frmw-3456"),
    "issued": lambda server: address_and_password(*delivered(server)),
    "institutional": lambda server: address_and_password(*delivered(server, issued(kind=Kind.INSTITUTIONAL))),
    "issued and suspended": lambda server: address_and_password(*suspended_with(*delivered(server))),
    "without own password": lambda server: address_and_password(*signed_in(server)),
    "active": lambda server: (active(server).address, OWN_PASSWORD),
    "active institutional": lambda server: (active(server, issued(kind=Kind.INSTITUTIONAL)).address, OWN_PASSWORD),
    "suspended": lambda server: (suspended(active(server)).address, OWN_PASSWORD),
}


def address_and_password(account: Account, password: str) -> Prepared:
    return account.address, password


def suspended_with(account: Account, password: str) -> tuple[Account, str]:
    return suspended(account), password


@pytest.mark.parametrize(
    ("state", "at", "outcome"),
    [
        ("issued", NOW, None),
        ("institutional", NOW, None),
        ("without own password", NOW, None),
        ("active", NOW, None),
        ("active institutional", NOW, None),
        ("issued", AFTER_FOUR_WEEKS, InitialPasswordExpired),
        ("institutional", AFTER_FOUR_WEEKS, InitialPasswordExpired),
        ("issued and suspended", NOW, AccountIsSuspended),
        ("suspended", NOW, AccountIsSuspended),
    ],
)
def test_a_right_entry_costs_one_argon2(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, state: str, at: datetime, outcome: type[Refusal] | None
) -> None:
    address, password = STATES[state](mail_server)
    work = Argon2Work()
    work.watch(monkeypatch)
    if outcome is None:
        enters(address, password, now=at)
    else:
        with pytest.raises(outcome):
            enters(address, password, now=at)
    assert work.costs == [COST]


@pytest.mark.parametrize(
    ("entry", "at"),
    [
        pytest.param("wrong", NOW, id="wrong"),
        pytest.param("wrong", AFTER_FOUR_WEEKS, id="wrong after four weeks"),
        pytest.param("", NOW, id="empty"),
        pytest.param("f" * 1000, NOW, id="long"),
    ],
)
@pytest.mark.parametrize("state", STATES)
def test_a_wrong_entry_costs_one_argon2_and_is_refused_in_the_same_words(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, state: str, entry: str, at: datetime
) -> None:
    address, _ = STATES[state](mail_server)
    work = Argon2Work()
    work.watch(monkeypatch)
    with pytest.raises(EntryWrong) as refusal:
        enters(address, entry, now=at)
    assert work.costs == [COST]
    assert (refusal.type, refusal.value.args, vars(refusal.value)) == (EntryWrong, (), {})


@pytest.mark.parametrize("at", [NOW, AFTER_FOUR_WEEKS], ids=["within the four weeks", "after them"])
def test_a_wrong_entry_asks_the_database_the_same_whoever_it_is_for(mail_server: MailServer, at: datetime) -> None:
    asked = {state: statements_of_a_refusal(*prepare(mail_server), at) for state, prepare in STATES.items()}
    assert [(statement.split()[0], statement.count("guesscount") > 0) for statement in asked["unknown"]] == [
        ("WITH", True),  # is the name locked, whose is it? and one guess is reserved: nobody has knocked here before,
        ("SAVEPOINT", False),
        ("UPDATE", True),  # and settled as wrong,
        ("INSERT", False),  # which the trail notes;
        ("RELEASE", False),
    ]
    assert {state for state, statements in asked.items() if statements != asked["unknown"]} == set()


def statements_of_a_refusal(address: str, _: str, at: datetime) -> list[str]:
    with CaptureQueriesContext(connection) as captured, pytest.raises(EntryWrong):
        enters(address, "wrong", now=at)
    return [without_values(query["sql"]) for query in captured.captured_queries]


def without_values(statement: str) -> str:
    statement = re.sub(r"'(?:[^']|'')*'(::\w+(\[\])?)*", "?", statement)
    return re.sub(r"\bNULL\b|\b\d+\b|\"s\d+_x\d+\"", "?", statement)


def test_a_first_sign_in_and_a_later_one_cost_the_same(
    mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, password = delivered(mail_server)
    work = Argon2Work()
    work.watch(monkeypatch)
    enters(account.address, password)
    enters(account.address, password)
    assert work.costs == [COST, COST]
