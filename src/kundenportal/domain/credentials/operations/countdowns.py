"""Countdowns that would end during maintenance end when it is over (rules R3 and R10).

Every change of a window goes through here, because what follows from it for initial passwords is this domain's.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, cast

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Value, When

from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.rules.initial_passwords import after_pauses
from kundenportal.domain.maintenance import operations as maintenance
from kundenportal.domain.maintenance.queries import pauses

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kundenportal.domain.maintenance.models import Window

P = ParamSpec("P")


def follow_windows(*, now: datetime) -> int:
    """Every countdown ends when it should, given the windows as they are; how many that changed.

    Called with every change of a window, and every minute: for windows that overrun, and for letters that were handed
    over at the very moment in which a window was planned.
    """
    known = pauses(now=now)
    # The instants in one pause have one end, and its beginning is one of them.
    moved = [
        When(
            runs_out_at__gte=pause.starts_at,
            runs_out_at__lt=pause.ends_at,
            then=Value(after_pauses(pause.starts_at, known)),
        )
        for pause in known
    ]
    ends = Case(*moved, default=F("runs_out_at"), output_field=DateTimeField())
    return AccessLetter.objects.exclude(keyed_hash="").exclude(expires_at=ends).update(expires_at=ends)


def _followed(change: Callable[P, Window]) -> Callable[P, Window]:
    """The same, and every countdown follows in the same transaction."""

    @wraps(change)
    def changed(*arguments: P.args, **named: P.kwargs) -> Window:
        with transaction.atomic():
            window = change(*arguments, **named)
            follow_windows(now=cast("datetime", named["now"]))
        return window

    return changed


plan = _followed(maintenance.plan)
begin = _followed(maintenance.begin)
move = _followed(maintenance.move)
end = _followed(maintenance.end)
cancel = _followed(maintenance.cancel)
