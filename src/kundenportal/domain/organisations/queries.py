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
    sought = set(names)
    # Of letters beyond ASCII the database alone knows which pairs are one; asking it takes ten times as long.
    lower_names = [name.lower() if name.isascii() else Lower(Value(name)) for name in sought]
    found = list(Organisation.objects.alias(lower_name=Lower("name")).filter(lower_name__in=lower_names))
    by_lower_name: dict[str, Organisation] = {organisation.name.lower(): organisation for organisation in found}
    by_name: dict[str, Organisation] = {
        name: by_lower_name[name.lower()] for name in sought if name.lower() in by_lower_name
    }
    # Where Python and the database see other pairs of letters as one, the database is asked once more.
    if len(found) > len({organisation.pk for organisation in by_name.values()}):
        for name in sought - by_name.keys():
            if organisation := of_that_name(name).first():
                by_name[name] = organisation
    return by_name
