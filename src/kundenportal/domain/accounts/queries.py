from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Permission

from .models import Account
from .rules import normalised_address
from .sessions import SessionStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from kundenportal.domain.organisations.models import Organisation


# What a session holds besides what Django keeps there.
SIGNED_IN_AT, SEEN_AT, BROWSER, LAST_VISIT_AT = "signed_in_at", "seen_at", "browser", "last_visit_at"


@dataclass(frozen=True)
class OpenSession:
    """A browser in which somebody is signed in."""

    signed_in_at: datetime
    seen_at: datetime
    user_agent: str


def open_sessions_of(account: Account, *, now: datetime) -> Sequence[OpenSession]:
    """Where the account is signed in, the latest sign of life first."""
    rows = account.sessions.filter(expire_date__gt=now).values_list("session_data", flat=True)
    held = [SessionStore().decode(data) for data in rows]
    found = [
        OpenSession(
            datetime.fromtimestamp(data[SIGNED_IN_AT], tz=UTC),
            datetime.fromtimestamp(data[SEEN_AT], tz=UTC),
            data.get(BROWSER, ""),
        )
        for data in held
        if SIGNED_IN_AT in data
    ]
    return sorted(found, key=lambda session: session.seen_at, reverse=True)


def account_of(address: str) -> Account | None:
    """The account that signs in with this address, however it is spelled."""
    return Account.objects.filter(address=normalised_address(address)).first()


def organisations_of(account: Account) -> QuerySet[Organisation]:
    """The organisations the account acts for, in alphabetical order."""
    return account.organisations.order_by("name", "pk")


def organisation_names_of(account: Account) -> Sequence[str]:
    """What they are called."""
    return list(organisations_of(account).values_list("name", flat=True))


def stand_in(account_id: int) -> Account:
    """Stands for an account in a query that is composed before anybody knows for whom (kernel.composed)."""
    return Account(pk=account_id)


def shown_as(*, address: str, name: str, role: str, uses_shortcuts: bool) -> Account:
    """Stands for an account on a page of which nothing more may be known (web.shared.made_once)."""
    return Account(address=address, name=name, role=role, uses_shortcuts=uses_shortcuts)


def asked_at_once(account: Account, **questions: Combinable) -> QuerySet[Account, Any]:
    """Questions of several domains about one account as one query of one row, for pages that everybody opens."""
    return Account.objects.filter(pk=account.pk).values(**questions)


def account_in_session(account_id: int) -> Account | None:
    """The account a session belongs to; None if it is suspended or gone."""
    return Account.objects.filter(pk=account_id, suspended_at__isnull=True).first()


def permissions_of(account: Account) -> set[str]:
    """What a framework that asks for permissions lets the account's role do: "app.verb_thing"."""
    rows = Permission.objects.filter(group__user=account).order_by()
    return {f"{app}.{codename}" for app, codename in rows.values_list("content_type__app_label", "codename")}
