from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Lower

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.mail import operations as mail
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, NAME_MAX_LENGTH
from kundenportal.kernel.references import new_reference
from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.text import on_one_line, storable

from . import rules
from .mails import INTAKE_TAKEN
from .models import Intake
from .rules import IntakeState, Request

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from django.contrib.auth.base_user import AbstractBaseUser

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.origin import Origin

DRAWS_OF_A_REFERENCE = 10


class ConcernMissing(Refusal):
    """An intake says what it is about."""


class AlreadySettled(Refusal):
    """Somebody has seen to it before."""


class NotSettled(Refusal):
    """It is open as it is."""


def take_down(
    request: Request,
    *,
    route: rules.Route,
    form_key: str = "",
    account: Account | None = None,
    taken_down_by: AbstractBaseUser | None = None,
    now: datetime,
    origin: Origin,
) -> Intake:
    """A new open intake in the desk's queue; what is longer than it can be is cut.

    The same form with the same entries, however often it is sent, is one intake. Whoever sent it signed in has a mail
    that confirms it. Raises ConcernMissing.
    """
    concern = storable(request.concern).strip()[: rules.CONCERN_MAX_LENGTH]
    if not concern:
        raise ConcernMissing
    intake = Intake(
        form_digest=rules.form_digest(form_key, request),
        route=route,
        account_id=account.pk if account else None,
        name=_cut(request.name, NAME_MAX_LENGTH),
        email=_cut(request.email, ADDRESS_MAX_LENGTH),
        call_back_number=_cut(request.call_back_number, rules.CALL_BACK_MAX_LENGTH),
        concern=concern,
        preferred_time=_cut(request.preferred_time, rules.PREFERRED_TIME_MAX_LENGTH),
        taken_down_at=now,
        taken_down_by_id=taken_down_by.pk if taken_down_by else None,
    )
    with transaction.atomic():
        if taken_down := _save_once(intake):
            return taken_down
        if account is not None and rules.is_confirmed(route):
            intake.confirmation = mail.queue(INTAKE_TAKEN, recipient=account.address, now=now)
            intake.save(update_fields=["confirmation"])
        audit.record(
            Event.INTAKE_TAKEN_DOWN,
            subject=account,
            actor=taken_down_by,
            now=now,
            origin=origin,
            intake=intake.reference,
            route=route,
        )
    return intake


def settle(intake_id: int, *, settled_by: AbstractBaseUser, now: datetime, origin: Origin) -> Intake:
    """Somebody has seen to it; of two at the same instant one has. Raises AlreadySettled or Intake.DoesNotExist."""
    with transaction.atomic():
        intake = Intake.objects.select_for_update(of=("self",)).get(pk=intake_id)
        if intake.state != IntakeState.OPEN:
            raise AlreadySettled
        intake.state, intake.done_at, intake.done_by_id = IntakeState.DONE, now, settled_by.pk
        intake.save(update_fields=["state", "done_at", "done_by"])
        _record(Event.INTAKE_SETTLED, intake, actor=settled_by, now=now, origin=origin)
    return intake


def reopen(intake_id: int, *, reopened_by: AbstractBaseUser, now: datetime, origin: Origin) -> Intake:
    """Back in the queue: it was not done after all. Raises NotSettled or Intake.DoesNotExist."""
    with transaction.atomic():
        intake = Intake.objects.select_for_update(of=("self",)).get(pk=intake_id)
        if intake.state == IntakeState.OPEN:
            raise NotSettled
        intake.state, intake.done_at, intake.done_by_id = IntakeState.OPEN, None, None
        intake.save(update_fields=["state", "done_at", "done_by"])
        _record(Event.INTAKE_REOPENED, intake, actor=reopened_by, now=now, origin=origin)
    return intake


def forget_settled(*, keep_for: timedelta, now: datetime) -> int:
    """What was settled long ago leaves the database, and its reference stays in the trail; how many intakes it was."""
    deleted, _ = Intake.objects.filter(state=IntakeState.DONE, done_at__lte=now - keep_for).delete()
    return deleted


def forget_of(account: Account, addresses: Collection[str]) -> None:
    """What the account's owner asked for, signed in or under one of these addresses, leaves the database."""
    theirs = Intake.objects.annotate(reached_at=Lower("email"))
    theirs.filter(Q(account_id=account.pk) | Q(reached_at__in=addresses)).delete()


def _save_once(intake: Intake) -> Intake | None:
    """Saves it under a reference nobody has; what was taken down from the same form before, if anything was."""
    for _ in range(DRAWS_OF_A_REFERENCE):
        intake.reference = new_reference()
        try:
            with transaction.atomic():
                intake.save(force_insert=True)
        except IntegrityError:
            before = intake.form_digest and Intake.objects.filter(form_digest=intake.form_digest).first()
            if before:
                return before
            if not Intake.objects.filter(reference=intake.reference).exists():
                raise
        else:
            return None
    raise RuntimeError("no reference is free")


def _record(event: Event, intake: Intake, *, actor: AbstractBaseUser, now: datetime, origin: Origin) -> None:
    audit.record(event, subject=intake.account, actor=actor, now=now, origin=origin, intake=intake.reference)


def _cut(entry: str, length: int) -> str:
    return on_one_line(entry)[:length]
