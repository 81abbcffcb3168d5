from __future__ import annotations

from typing import TYPE_CHECKING

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
        name=_valid_name(name),
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
    account.name = _valid_name(name)
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


def _valid_name(entry: str) -> str:
    name = on_one_line(entry)
    if not name:
        raise NameMissing
    if len(name) > rules.NAME_MAX_LENGTH:
        raise NameTooLong
    return name
