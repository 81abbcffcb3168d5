from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.organisations import operations as organisations
from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.text import on_one_line

from . import rules
from .models import Account, Membership

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kundenportal.kernel.origin import Origin


class AddressMalformed(Refusal):
    """That is no e-mail address."""


class AddressTaken(Refusal):
    """An account signs in with this address already, perhaps spelled in another case."""


class NameMissing(Refusal):
    """An account needs a name to be greeted by."""


class NameTooLong(Refusal):
    """A name has at most NAME_MAX_LENGTH characters."""


def open_account(
    *,
    address: str,
    name: str,
    organisation: str,
    kind: rules.Kind,
    role: rules.Role,
    language: rules.Language,
    opened_by: Account | None,
    now: datetime,
    origin: Origin,
) -> Account:
    """A new account acting for the named organisation; it has no password and cannot sign in yet.

    Raises AddressMalformed, AddressTaken, NameMissing, NameTooLong or a refusal of `organisations`.
    """
    account = Account(
        address=valid_address(address),
        name=valid_name(name),
        kind=kind,
        role=role,
        language=language,
        opened_at=now,
    )
    account.set_unusable_password()
    with transaction.atomic():
        try:
            with transaction.atomic():
                account.save(force_insert=True)
        except IntegrityError as clash:
            if not Account.objects.filter(address=account.address).exists():
                raise
            raise AddressTaken from clash
        Membership.objects.create(account=account, organisation=organisations.organisation_named(organisation, now=now))
        audit.record(Event.ACCOUNT_OPENED, subject=account, actor=opened_by, now=now, origin=origin)
    return account


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whom an account is to be opened for; address, name and organisation are valid."""

    address: str
    name: str
    organisation: str
    kind: rules.Kind
    language: rules.Language


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
            opened_at=now,
            password=unusable,
        )
        for newcomer in newcomers
    ]
    with transaction.atomic():
        named = organisations.organisations_named((newcomer.organisation for newcomer in newcomers), now=now)
        try:
            with transaction.atomic():
                Account.objects.bulk_create(accounts)
        except IntegrityError as clash:
            if not Account.objects.filter(address__in=[account.address for account in accounts]).exists():
                raise
            raise AddressTaken from clash
        Membership.objects.bulk_create(
            Membership(account=account, organisation=named[newcomer.organisation])
            for account, newcomer in zip(accounts, newcomers, strict=True)
        )
        audit.record_many(Event.ACCOUNT_OPENED, subjects=accounts, actor=opened_by, now=now, origin=origin, **details)
    return accounts


@dataclass(frozen=True, slots=True)
class Correction:
    """How an account is to be from now on; name and organisation are valid, and it stays where it belongs already."""

    account: Account
    name: str
    kind: rules.Kind
    language: rules.Language
    organisation: str


def correct_many(
    corrections: Sequence[Correction],
    *,
    corrected_by: Account | None,
    now: datetime,
    origin: Origin,
    **details: str | int | None,
) -> None:
    """Accounts as somebody else than their owners wants them; their owners' passwords and sessions are not touched."""
    with transaction.atomic():
        named = organisations.organisations_named((correction.organisation for correction in corrections), now=now)
        for correction in corrections:
            correction.account.name = correction.name
            correction.account.kind = correction.kind
            correction.account.language = correction.language
        accounts = [correction.account for correction in corrections]
        Account.objects.bulk_update(accounts, ["name", "kind", "language"])
        Membership.objects.bulk_create(
            (
                Membership(account=correction.account, organisation=named[correction.organisation])
                for correction in corrections
            ),
            ignore_conflicts=True,
        )
        audit.record_many(
            Event.ACCOUNT_CHANGED, subjects=accounts, actor=corrected_by, now=now, origin=origin, **details
        )


def update_profile(
    account: Account,
    *,
    name: str,
    language: rules.Language,
    colour_scheme: rules.ColourScheme,
    now: datetime,
    origin: Origin,
) -> None:
    """Stores what the account's owner chose; raises NameMissing or NameTooLong."""
    account.name = valid_name(name)
    account.language = language
    account.colour_scheme = colour_scheme
    with transaction.atomic():
        account.save(update_fields=["name", "language", "colour_scheme"])
        audit.record(Event.PROFILE_UPDATED, subject=account, actor=account, now=now, origin=origin)


def choose_language(account: Account, language: rules.Language) -> None:
    """Stores the language the account reads and gets its mail in."""
    account.language = language
    account.save(update_fields=["language"])


def suspend(account: Account, *, suspended_by: Account | None, now: datetime, origin: Origin) -> None:
    """From now on the account cannot sign in, and its sessions end; suspending twice changes nothing."""
    with transaction.atomic():
        if Account.objects.filter(pk=account.pk, suspended_at__isnull=True).update(suspended_at=now):
            audit.record(Event.ACCOUNT_SUSPENDED, subject=account, actor=suspended_by, now=now, origin=origin)
    account.refresh_from_db(fields=["suspended_at"])


def valid_address(entry: str) -> str:
    """The address as it is kept; raises AddressMalformed if it is none."""
    address = rules.normalised_address(entry)
    try:
        validate_email(address)
    except ValidationError as malformed:
        raise AddressMalformed from malformed
    if len(address) > rules.ADDRESS_MAX_LENGTH:
        raise AddressMalformed
    return address


def valid_name(entry: str) -> str:
    """The name as it is kept; raises NameMissing or NameTooLong."""
    name = on_one_line(entry)
    if not name:
        raise NameMissing
    if len(name) > rules.NAME_MAX_LENGTH:
        raise NameTooLong
    return name
