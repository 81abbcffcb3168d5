from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.text import on_one_line

from . import rules
from .models import Organisation

if TYPE_CHECKING:
    from datetime import datetime


class OrganisationNameMissing(Refusal):
    """An organisation needs a name."""


class OrganisationNameTooLong(Refusal):
    """A name has at most NAME_MAX_LENGTH characters."""


def organisation_named(entry: str, *, now: datetime) -> Organisation:
    """The organisation of that name, whatever the case it was typed in; added if there is none."""
    name = on_one_line(entry)
    if not name:
        raise OrganisationNameMissing
    if len(name) > rules.NAME_MAX_LENGTH:
        raise OrganisationNameTooLong
    organisation, _ = Organisation.objects.get_or_create(name__iexact=name, defaults={"name": name, "added_at": now})
    return organisation
