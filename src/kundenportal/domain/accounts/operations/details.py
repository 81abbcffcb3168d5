"""How an account is described, and for whom it acts: by its owner, by staff, or by an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.organisations import operations as organisations
from kundenportal.domain.organisations.queries import of_that_name
from kundenportal.kernel.refusal import Refusal

from .entries import address_must_be_free, valid_address, valid_name, valid_telephone
from .roles import refuse_beyond_role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from kundenportal.domain.accounts import rules
    from kundenportal.kernel.origin import Origin


class ActsForNobody(Refusal):
    """An account acts for at least one organisation."""


class ChangedMeanwhile(Refusal):
    """Somebody has changed the same since whoever asks looked; `stands` says what it is now, field by field."""

    def __init__(self, stands: dict[str, str]) -> None:
        super().__init__()
        self.stands = stands


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
    """How staff want an account to be described; of its organisations, which it leaves, by their numbers, and joins.

    `seen` is how it was described when they looked, by the names of the fields: what they left alone stays as it is.
    """

    name: str
    kind: rules.Kind
    telephone: str = ""
    leaves: Collection[int] = ()
    joins: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)


def refuse_details(account: Account, details: Details, *, changed_by: Account) -> None:
    """Raises what `change_details` would."""
    refuse_beyond_role(changed_by, account)
    _changes(account, details)
    if details.joins:
        organisations.valid_name(details.joins)
    elif not account.memberships.exclude(organisation__in=details.leaves).exists():
        raise ActsForNobody


def change_details(
    account: Account, details: Details, *, changed_by: Account, now: datetime, origin: Origin, **noted: str
) -> None:
    """The account is described like this from now on; the trail says what changed, and of persons no more than that.

    Raises NameMissing, NameTooLong, TelephoneMalformed, ChangedMeanwhile, ActsForNobody, RoleNotYours or a refusal of
    `organisations`.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        refuse_details(account, details, changed_by=changed_by)
        changes = _changes(account, details)
        for name, value in changes.items():
            setattr(account, name, value)
        account.save(update_fields=list(changes))
        told: dict[str, str] = {"details": " ".join(changes)} if changes else {}
        if joined := _join(account, details.joins, now=now):
            told["joined"] = joined
        if left := _leave(account, details):
            told["left"] = ", ".join(left)
        if told:
            audit.record(
                Event.DETAILS_CHANGED, subject=account, actor=changed_by, now=now, origin=origin, **told, **noted
            )


def _changes(account: Account, details: Details) -> dict[str, str]:
    """What becomes of which field; raises NameMissing, NameTooLong, TelephoneMalformed or ChangedMeanwhile."""
    wanted = {
        "name": valid_name(details.name),
        "kind": details.kind.value,
        "telephone": valid_telephone(details.telephone),
    }
    stands: dict[str, str] = {name: getattr(account, name) for name in wanted}
    changes = {name: value for name, value in wanted.items() if value not in {details.seen.get(name), stands[name]}}
    clashes = {name: stands[name] for name in changes if stands[name] != details.seen.get(name, stands[name])}
    if clashes:
        raise ChangedMeanwhile(clashes)
    return changes


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
    seen: Mapping[str, str] | None = None,
    now: datetime,
    origin: Origin,
) -> None:
    """Stores what the account's owner chose, and the trail says so if that changes anything.

    `seen` is how it stood when they looked, by the names of the fields: what they left alone stays as it is.
    Raises NameMissing or NameTooLong.
    """
    wanted = {"name": valid_name(name), "language": language, "colour_scheme": colour_scheme}
    chosen = {field_name: value for field_name, value in wanted.items() if value != (seen or {}).get(field_name)}
    _keep(account, chosen, now=now, origin=origin)


def choose_language(account: Account, language: rules.Language, *, now: datetime, origin: Origin) -> None:
    """Stores the language the account reads and gets its mail in: a part of its profile, and as such in the trail."""
    _keep(account, {"language": language}, now=now, origin=origin)


def _keep(account: Account, chosen: Mapping[str, str], *, now: datetime, origin: Origin) -> None:
    for field_name, value in chosen.items():
        setattr(account, field_name, value)
    with transaction.atomic():
        # One statement finds out whether it was otherwise: two at once do not both say so.
        if chosen and Account.objects.filter(~Q(**chosen), pk=account.pk).update(**chosen):
            audit.record(Event.PROFILE_UPDATED, subject=account, actor=account, now=now, origin=origin)


def use_shortcuts(account: Account, *, wanted: bool) -> None:
    """Stores whether single keys do something at the desk."""
    account.uses_shortcuts = wanted
    account.save(update_fields=["uses_shortcuts"])


def move_to(
    account: Account, address: str, *, moved_by: Account, now: datetime, origin: Origin, **details: str
) -> None:
    """The account signs in with this address from now on; raises AddressMalformed or AddressTaken."""
    before, account.address = account.address, valid_address(address)
    with transaction.atomic():
        with address_must_be_free(account.address):
            account.save(update_fields=["address"])
        audit.record(
            Event.ADDRESS_CORRECTED, subject=account, actor=moved_by, now=now, origin=origin, before=before, **details
        )
