from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Value
from django.db.models.functions import Lower

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
    # The same LOWER() as in the constraint: Python and UPPER() see other pairs of letters as one (ẞ and ß).
    of_that_name = Organisation.objects.alias(lower_name=Lower("name")).filter(lower_name=Lower(Value(name)))
    organisation, _ = of_that_name.get_or_create(defaults={"name": name, "added_at": now})
    return organisation
