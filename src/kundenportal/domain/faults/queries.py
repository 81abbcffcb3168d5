from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.kernel.leafing import newest_first
from kundenportal.kernel.references import reference_in
from kundenportal.kernel.text import storable

from .models import Fault

if TYPE_CHECKING:
    from kundenportal.kernel.leafing import Page

PAGE_SIZE = 50


def faults(*, reference: str = "", after: int | None = None, before: int | None = None) -> Page[Fault]:
    """The error pages that were shown, the newest first; or the one of that reference, however it is spelled."""
    found = Fault.objects.select_related("account")
    if reference:
        found = found.filter(reference=storable(reference_in(reference)))
    return newest_first(found, after=after, before=before, size=PAGE_SIZE)
