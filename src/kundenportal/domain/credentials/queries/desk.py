"""Accounts as the desk sees them: in its list, and each with everything there is on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import BooleanField, Exists, F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.accounts.queries import OpenSession, open_sessions_of
from kundenportal.domain.credentials.models import AccessLetter, Deletion, EntitlementCheck, KnownBrowser, Lockout
from kundenportal.domain.credentials.rules.entitlement import CheckState
from kundenportal.domain.credentials.rules.steps import LOST_LETTERS, Standing
from kundenportal.domain.mail.rules import blames_address
from kundenportal.kernel.composed import Composed

from .door import INITIAL_PASSWORD, state_of, with_initial_password
from .letters import newest_first
from .lockouts import open_lockouts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django_stubs_ext import WithAnnotations

    from kundenportal.domain.credentials.rules.account_states import AccountState

    from .door import LiveInitialPassword

    class LiveLetter(LiveInitialPassword):
        letter: dict[str, str] | None
        is_locked: bool
        organisation_names: list[str]

    AccountOnTheDesk = WithAnnotations[Account, LiveLetter]


PAGE_SIZE = 50
ON_THE_DESK = (*INITIAL_PASSWORD, "letter", "is_locked", "organisation_names")
_LETTER = JSONObject(
    state="mail__state",
    answer="mail__server_answer",
    status="mail__reported_status",
    words="mail__reported_words",
    due_at="mail__queued_at",
)


def accounts_on_the_desk() -> QuerySet[AccountOnTheDesk]:
    """Every account, with what a list says of it: for whom it acts, how letter and password stand, its lockout."""
    acts_for = Membership.objects.filter(account=OuterRef("pk")).order_by("organisation__name")
    newest = newest_first(AccessLetter.objects.filter(account=OuterRef("pk")))
    return with_initial_password().annotate(
        letter=Subquery(newest.values(said=_LETTER)[:1]),
        is_locked=Exists(open_lockouts().filter(account=OuterRef("pk"))),
        # To have Django fetch the organisations takes as long as everything else about an account.
        organisation_names=ArraySubquery(acts_for.values("organisation__name")),
    )


def accounts_with_numbers(numbers: Iterable[int], database: str = DEFAULT_DB_ALIAS) -> dict[int, AccountOnTheDesk]:
    """Those of the accounts on the desk that still are, by their numbers, which may be some hundred."""
    rows = _accounts_with_numbers(database).rows(numbers=f"{{{','.join(map(str, numbers))}}}")
    return {row["id"]: _account_of(row) for row in rows}


@cache
def _accounts_with_numbers(database: str) -> Composed:
    def compose(*, numbers: str) -> QuerySet[Account, Any]:
        # One value, whatever their number.
        template = "(%(expressions)s::bigint[]))"
        is_one = Func(F("pk"), Value(numbers), template=template, arg_joiner=" = ANY (", output_field=BooleanField())
        rows: QuerySet[Account, Any] = accounts_on_the_desk().filter(is_one).values(*Account.columns(), *ON_THE_DESK)
        return rows.using(database)

    return Composed(compose, numbers=str)


def _account_of(row: dict[str, Any]) -> AccountOnTheDesk:
    account = cast("AccountOnTheDesk", Account.read(row))
    for name in ON_THE_DESK:
        setattr(account, name, row[name])
    return account


@dataclass(frozen=True)
class NewestLetter:
    """Where an account's newest letter stands; everything is empty where it has none."""

    state: str = ""
    answer: str = ""
    status: str = ""
    words: str = ""
    due_at: datetime | None = None

    @classmethod
    def of(cls, account: AccountOnTheDesk) -> NewestLetter:
        """The letter as it was read with the account."""
        if account.letter is None:
            return cls()
        read = account.letter
        due_at = datetime.fromisoformat(read["due_at"])
        return cls(read["state"], read["answer"], read["status"], read["words"], due_at)


@dataclass(frozen=True)
class AccountFile:
    """Everything the desk has on one account, but for its history."""

    account: AccountOnTheDesk
    state: AccountState
    letters: Iterable[AccessLetter]
    lockout: Lockout | None
    open_check: EntitlementCheck | None
    known_browsers: Iterable[KnownBrowser]
    sessions: Sequence[OpenSession]
    deletion: Deletion | None

    @property
    def standing(self) -> Standing:
        """What matters for the steps that may be taken."""
        return replace(
            letter_standing(NewestLetter.of(self.account), self.state),
            is_locked=self.lockout is not None,
            check_is_open=self.open_check is not None,
            is_signed_in=bool(self.sessions),
            is_to_be_deleted=self.deletion is not None,
        )


def letter_standing(letter: NewestLetter, state: AccountState) -> Standing:
    """What matters for the steps that may be taken, as far as the newest letter tells: enough for a list."""
    return Standing(
        state,
        has_letter=bool(letter.state),
        letter_failed=letter.state in LOST_LETTERS,
        address_seems_right=not blames_address(server_answer=letter.answer, reported_status=letter.status),
    )


def account_file(account_id: int, *, now: datetime) -> AccountFile | None:
    """What the desk has on the account; None if there is none."""
    account = accounts_on_the_desk().filter(pk=account_id).first()
    if account is None:
        return None
    return AccountFile(
        account,
        state_of(account, now=now),
        letters=newest_first(account.access_letters.select_related("mail", "issued_by"))[:PAGE_SIZE],
        lockout=account.lockouts.filter(lifted_at__isnull=True).order_by("begun_at").first(),
        open_check=account.entitlement_checks.filter(state=CheckState.OPEN).first(),
        known_browsers=account.known_browsers.order_by("-last_used_at")[:PAGE_SIZE],
        sessions=open_sessions_of(account, now=now),
        deletion=account.deletions.filter(taken_back_at__isnull=True).first(),
    )
