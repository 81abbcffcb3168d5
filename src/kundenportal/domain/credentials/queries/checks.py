"""Entitlement checks, and what was asked about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.credentials.models import EntitlementCheck, Question
from kundenportal.domain.credentials.rules.entitlement import CheckState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


def open_checks() -> QuerySet[EntitlementCheck]:
    """The checks nobody has decided yet."""
    return EntitlementCheck.objects.filter(state=CheckState.OPEN).select_related("account", "first_approved_by")


def check_with_number(check_id: int) -> EntitlementCheck | None:
    """The check, with whoever it concerns."""
    concerned = ("account", "decided_by", "first_approved_by")
    return EntitlementCheck.objects.select_related(*concerned).filter(pk=check_id).first()


def questions_about(check: EntitlementCheck) -> Iterable[Question]:
    """What staff have asked back, in the order of asking."""
    return check.questions.select_related("asked_by", "mail").order_by("asked_at", "pk")


def questions() -> QuerySet[Question]:
    """Whatever staff have asked back."""
    return Question.objects.all()
