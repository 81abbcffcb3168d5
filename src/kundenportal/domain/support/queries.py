from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models.functions import JSONObject

from kundenportal.kernel.leafing import newest_first, oldest_first

from .models import Intake
from .rules import IntakeState

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.db.models import QuerySet

    from kundenportal.kernel.leafing import Page

PAGE_SIZE = 50


def intakes_to_be_settled() -> QuerySet[Intake]:
    """What still has to be seen to."""
    return Intake.objects.filter(state=IntakeState.OPEN).select_related("account")


def open_intakes(*, after: int | None = None, before: int | None = None) -> Page[Intake]:
    """What still has to be seen to, the oldest first."""
    return oldest_first(intakes_to_be_settled(), after=after, before=before, size=PAGE_SIZE)


def own_requests(account: AbstractBaseUser) -> ArraySubquery:
    """What the account asked of us and nobody has seen to, the newest first: `reference` and `taken_down_at`."""
    waiting = Intake.objects.filter(account_id=account.pk, state=IntakeState.OPEN).order_by("-pk")
    return ArraySubquery(waiting.values(said=JSONObject(reference="reference", taken_down_at="taken_down_at")))


def settled_intakes(*, after: int | None = None, before: int | None = None) -> Page[Intake]:
    """What has been seen to, the newest first."""
    found = Intake.objects.filter(state=IntakeState.DONE).select_related("account", "done_by")
    return newest_first(found, after=after, before=before, size=PAGE_SIZE)


def intake(intake_id: int) -> Intake | None:
    """One intake with everybody who has to do with it."""
    return Intake.objects.select_related("account", "taken_down_by", "done_by").filter(pk=intake_id).first()
