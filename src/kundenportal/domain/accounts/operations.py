from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.organisations import operations as organisations
from kundenportal.domain.organisations.queries import of_that_name
from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.telephones import is_telephone
from kundenportal.kernel.text import on_one_line

from . import rules
from .models import Account, Membership, Session

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from kundenportal.kernel.origin import Origin


class AddressMalformed(Refusal):
    """That is no e-mail address."""


class AddressTaken(Refusal):
    """An account signs in with this address already, perhaps spelled in another case."""


class RoleNotYours(Refusal):
    """Whoever asks may not give or take this role, nor act on accounts that have it, nor on their own."""


class NameMissing(Refusal):
    """An account needs a name to be greeted by."""


class NameTooLong(Refusal):
    """A name has at most NAME_MAX_LENGTH characters."""


class TelephoneMalformed(Refusal):
    """That is no number anybody could be called at."""


class ActsForNobody(Refusal):
    """An account acts for at least one organisation."""


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
    _refuse_roles_of_others(opened_by, role)
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
        with _address_must_be_free(account.address):
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
    """How an account is to be from now on; all of it is valid, and the account stays where it belongs already."""

    account: Account
    name: str
    kind: rules.Kind
    language: rules.Language
    organisation: str
    telephone: str = ""


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
            correction.account.telephone = correction.telephone
        accounts = [correction.account for correction in corrections]
        Account.objects.bulk_update(accounts, ["name", "kind", "language", "telephone"])
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


@dataclass(frozen=True, slots=True)
class Details:
    """How staff want an account to be described; of its organisations, which it leaves, by their numbers, and joins."""

    name: str
    kind: rules.Kind
    telephone: str = ""
    leaves: Collection[int] = ()
    joins: str = ""


def refuse_details(account: Account, details: Details, *, changed_by: Account) -> None:
    """Raises what `change_details` would."""
    refuse_beyond_role(changed_by, account)
    valid_name(details.name)
    valid_telephone(details.telephone)
    if details.joins:
        organisations.valid_name(details.joins)
    elif not account.memberships.exclude(organisation__in=details.leaves).exists():
        raise ActsForNobody


def change_details(
    account: Account, details: Details, *, changed_by: Account, now: datetime, origin: Origin, **noted: str
) -> None:
    """The account is described like this from now on; the trail says what changed, and of persons no more than that.

    Raises NameMissing, NameTooLong, TelephoneMalformed, ActsForNobody, RoleNotYours or a refusal of `organisations`.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        refuse_details(account, details, changed_by=changed_by)
        wanted = {
            "name": valid_name(details.name),
            "kind": details.kind,
            "telephone": valid_telephone(details.telephone),
        }
        changed = [field for field, value in wanted.items() if getattr(account, field) != value]
        for field in changed:
            setattr(account, field, wanted[field])
        account.save(update_fields=changed)
        told: dict[str, str] = {"details": " ".join(changed)} if changed else {}
        if joined := _join(account, details.joins, now=now):
            told["joined"] = joined
        if left := _leave(account, details):
            told["left"] = ", ".join(left)
        if told:
            audit.record(
                Event.DETAILS_CHANGED, subject=account, actor=changed_by, now=now, origin=origin, **told, **noted
            )


def _join(account: Account, name: str, *, now: datetime) -> str:
    """The name of the organisation the account has come to act for; empty if it did so before, or none is named."""
    if not name:
        return ""
    organisation = organisations.organisation_named(name, now=now)
    _, is_new = Membership.objects.get_or_create(account=account, organisation=organisation)
    return organisation.name if is_new else ""


def _leave(account: Account, details: Details) -> list[str]:
    """The names of the organisations the account acts for no more; whoever leaves and joins the same one stays."""
    leaving = account.memberships.filter(organisation__in=details.leaves)
    if details.joins:
        leaving = leaving.exclude(organisation__in=of_that_name(organisations.valid_name(details.joins)))
    names = list(leaving.order_by("organisation__name").values_list("organisation__name", flat=True))
    leaving.delete()
    return names


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


def use_shortcuts(account: Account, *, wanted: bool) -> None:
    """Stores whether single keys do something at the desk."""
    account.uses_shortcuts = wanted
    account.save(update_fields=["uses_shortcuts"])


def suspend(account: Account, *, suspended_by: Account | None, now: datetime, origin: Origin) -> None:
    """From now on the account cannot sign in, and its sessions end; suspending twice changes nothing.

    Raises RoleNotYours.
    """
    if suspended_by is not None:
        refuse_beyond_role(suspended_by, account)
    with transaction.atomic():
        if Account.objects.filter(pk=account.pk, suspended_at__isnull=True).update(suspended_at=now):
            account.sessions.all().delete()
            audit.record(Event.ACCOUNT_SUSPENDED, subject=account, actor=suspended_by, now=now, origin=origin)
    account.refresh_from_db(fields=["suspended_at"])


def restore(account: Account, *, restored_by: Account, now: datetime, origin: Origin, **details: str) -> None:
    """From now on the account may sign in as before; restoring twice changes nothing. Raises RoleNotYours."""
    refuse_beyond_role(restored_by, account)
    with transaction.atomic():
        if Account.objects.filter(pk=account.pk, suspended_at__isnull=False).update(suspended_at=None):
            audit.record(Event.ACCOUNT_RESTORED, subject=account, actor=restored_by, now=now, origin=origin, **details)
    account.refresh_from_db(fields=["suspended_at"])


def end_sessions(account: Account, *, ended_by: Account, now: datetime, origin: Origin) -> None:
    """Whoever is signed in to the account has to sign in again. Raises RoleNotYours."""
    refuse_beyond_role(ended_by, account)
    with transaction.atomic():
        ended, _ = account.sessions.all().delete()
        audit.record(Event.SESSIONS_ENDED, subject=account, actor=ended_by, now=now, origin=origin, number=ended)


def change_role(account: Account, role: rules.Role, *, changed_by: Account, now: datetime, origin: Origin) -> None:
    """What the account may do from now on; raises RoleNotYours."""
    with transaction.atomic():
        held = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        before = rules.Role(held.role)
        refuse_beyond_role(changed_by, held)
        _refuse_roles_of_others(changed_by, role)
        if role is not before:
            Account.objects.filter(pk=account.pk).update(role=role)
            audit.record(
                Event.ROLE_CHANGED, subject=account, actor=changed_by, now=now, origin=origin, before=before, after=role
            )
    account.role = role


def move_to(
    account: Account, address: str, *, moved_by: Account, now: datetime, origin: Origin, **details: str
) -> None:
    """The account signs in with this address from now on; raises AddressMalformed or AddressTaken."""
    before, account.address = account.address, valid_address(address)
    with transaction.atomic():
        with _address_must_be_free(account.address):
            account.save(update_fields=["address"])
        audit.record(
            Event.ADDRESS_CORRECTED, subject=account, actor=moved_by, now=now, origin=origin, before=before, **details
        )


def refuse_beyond_role(actor: Account, account: Account) -> None:
    """Raises RoleNotYours where the actor may not act on this account."""
    if actor.pk == account.pk:
        raise RoleNotYours
    _refuse_roles_of_others(actor, rules.Role(account.role))


def refuse_to_delete(actor: Account, account: Account) -> None:
    """Raises RoleNotYours where the actor may not have this account deleted."""
    if actor.pk == account.pk or not rules.may_delete(rules.Role(actor.role), rules.Role(account.role)):
        raise RoleNotYours


def delete(account: Account) -> None:
    """The account is gone, and with it whatever belongs to it alone, in every domain; what others did stays theirs."""
    Account.objects.filter(pk=account.pk).delete()


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


@contextmanager
def _address_must_be_free(address: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as clash:
        if not Account.objects.filter(address=address).exists():
            raise
        raise AddressTaken from clash


def _refuse_roles_of_others(giver: Account | None, *roles: rules.Role) -> None:
    # Without a giver it is the operator, at the command line.
    if giver is not None and not all(rules.may_give(rules.Role(giver.role), role) for role in roles):
        raise RoleNotYours


def valid_name(entry: str) -> str:
    """The name as it is kept; raises NameMissing or NameTooLong."""
    name = on_one_line(entry)
    if not name:
        raise NameMissing
    if len(name) > rules.NAME_MAX_LENGTH:
        raise NameTooLong
    return name


def valid_telephone(entry: str) -> str:
    """The number as it is kept, or nothing; raises TelephoneMalformed."""
    number = on_one_line(entry)
    if number and (len(number) > rules.TELEPHONE_MAX_LENGTH or not is_telephone(number)):
        raise TelephoneMalformed
    return number


def end_every_session() -> int:
    """Nobody is signed in any more; how many sessions that were."""
    ended, _ = Session.objects.all().delete()
    return ended
