from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Value
from django.db.models.functions import Lower

from .models import Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


def organisation_names() -> list[str]:
    """Every organisation's name, in alphabetical order."""
    return list(Organisation.objects.order_by("name").values_list("name", flat=True))


def of_that_name(name: str) -> QuerySet[Organisation]:
    """The organisation of that name, whatever the case it was typed in."""
    # The same LOWER() as in the constraint: Python and UPPER() see other pairs of letters as one (ẞ and ß).
    return Organisation.objects.alias(lower_name=Lower("name")).filter(lower_name=Lower(Value(name)))


def organisations_by_name(names: Iterable[str]) -> dict[str, Organisation]:
    """Those of these names there is an organisation of, whatever the case, and which it is."""
    if not (sought := list(set(names))):
        return {}
    # The database alone knows which letters it sees as one; each row says, too, by which name it was asked for.
    found = Organisation.objects.raw(
        """
        SELECT organisation.*, asked FROM unnest(%s::text[]) AS asked
        JOIN organisations_organisation AS organisation ON lower(organisation.name) = lower(asked)
        """,
        [sought],
    )
    return {vars(organisation)["asked"]: organisation for organisation in found}
