"""New accounts, one or many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from kundenportal.domain.accounts import rules
from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.organisations import operations as organisations
from kundenportal.kernel.copied import copy_in

from .entries import AddressTaken, address_must_be_free, valid_address, valid_name, valid_telephone
from .roles import refuse_roles_of_others

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kundenportal.kernel.origin import Origin


def open_account(
    *,
    address: str,
    name: str,
    organisation: str,
    kind: rules.Kind,
    role: rules.Role,
    language: rules.Language,
    telephone: str = "",
    opened_by: Account | None,
    now: datetime,
    origin: Origin,
) -> Account:
    """A new account acting for the named organisation; it has no password and cannot sign in yet.

    Raises AddressMalformed, AddressTaken, NameMissing, NameTooLong, TelephoneMalformed, RoleNotYours or a refusal of
    `organisations`.
    """
    refuse_roles_of_others(opened_by, role)
    account = Account(
        address=valid_address(address),
        name=valid_name(name),
        kind=kind,
        role=role,
        language=language,
        telephone=valid_telephone(telephone),
        opened_at=now,
    )
    account.set_unusable_password()
    with transaction.atomic():
        with address_must_be_free(account.address):
            account.save(force_insert=True)
        Membership.objects.create(account=account, organisation=organisations.organisation_named(organisation, now=now))
        audit.record(Event.ACCOUNT_OPENED, subject=account, actor=opened_by, now=now, origin=origin)
    return account


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whom an account is to be opened for; address, name, organisation and telephone number are valid."""

    address: str
    name: str
    organisation: str
    kind: rules.Kind
    language: rules.Language
    telephone: str = ""


def open_many(
    newcomers: Sequence[Newcomer],
    *,
    opened_by: Account | None,
    now: datetime,
    origin: Origin,
    **details: str | int | None,
) -> list[Account]:
    """New accounts of customers, like `open_account`, in the order of the newcomers; all of them, or none.

    `details` stand in the entry of each account. Raises AddressTaken.
    """
    unusable = make_password(None)
    accounts = [
        Account(
            address=newcomer.address,
            name=newcomer.name,
            kind=newcomer.kind,
            role=rules.Role.CUSTOMER,
            language=newcomer.language,
            telephone=newcomer.telephone,
            opened_at=now,
            password=unusable,
        )
        for newcomer in newcomers
    ]
    with transaction.atomic():
        named = organisations.organisations_named((newcomer.organisation for newcomer in newcomers), now=now)
        try:
            with transaction.atomic():
                copy_in(accounts)
        except IntegrityError as clash:
            if not Account.objects.filter(address__in=[account.address for account in accounts]).exists():
                raise
            raise AddressTaken from clash
        copy_in(
            Membership(account=account, organisation=named[newcomer.organisation])
            for account, newcomer in zip(accounts, newcomers, strict=True)
        )
        audit.record_many(Event.ACCOUNT_OPENED, subjects=accounts, actor=opened_by, now=now, origin=origin, **details)
    return accounts
