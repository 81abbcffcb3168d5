from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.text import on_one_line

from . import queries, rules
from .models import Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class OrganisationNameMissing(Refusal):
    """An organisation needs a name."""


class OrganisationNameTooLong(Refusal):
    """A name has at most NAME_MAX_LENGTH characters."""


def organisation_named(entry: str, *, now: datetime) -> Organisation:
    """The organisation of that name, whatever the case it was typed in; added if there is none."""
    name = valid_name(entry)
    organisation, _ = queries.of_that_name(name).get_or_create(defaults={"name": name, "added_at": now})
    return organisation


def organisations_named(names: Iterable[str], *, now: datetime) -> dict[str, Organisation]:
    """The organisations of these valid names, like `organisation_named`, by name."""
    sought = sorted(set(names))  # in one order, so that no two who add some wait for each other
    known = queries.organisations_by_name(sought)
    missing = [name for name in sought if name not in known]
    if not missing:
        return known
    Organisation.objects.bulk_create((Organisation(name=name, added_at=now) for name in missing), ignore_conflicts=True)
    return queries.organisations_by_name(sought)


def valid_name(entry: str) -> str:
    """The name as it is kept; raises OrganisationNameMissing or OrganisationNameTooLong."""
    name = on_one_line(entry)
    if not name:
        raise OrganisationNameMissing
    if len(name) > rules.NAME_MAX_LENGTH:
        raise OrganisationNameTooLong
    return name
