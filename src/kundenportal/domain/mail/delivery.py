"""From the queue to the mail server. Every step can be the last one before a crash:

claimed, not written      the lease runs out and another worker claims the mail
written, not handed over  likewise; what was written exists nowhere and is written anew
handed over, not marked   likewise; a second mail goes out, and what the second one says is what holds
marked, not noted         the lease runs out and another worker notes the hand-over; nothing goes out again

The mark is one cheap statement for each mail; what there is to note and to tell is much more, and is done for
rules.NOTED_TOGETHER at once where there are many. So of each job of a worker that is killed one mail goes out twice at
most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.mail import get_connection
from django.db import OperationalError, transaction
from django.db.models import F

from . import handover, rules
from .kinds import kind_of_many
from .models import TAKEN_UNDER_THIS_CLAIM, OutgoingMail
from .rules import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

    from .kinds import Letter


def deliver_due_mails(*, clock: Callable[[], datetime], may_go_on: Callable[[], bool] = lambda: True) -> int:
    """Hands over every mail that is due, until none is left, the mail server is away or it may not go on.

    How many it took.
    """
    handed_over = 0
    _note_what_the_dead_handed_over(now=clock())
    connection = get_connection()
    try:
        while may_go_on() and (mail := claim_due_mail(now=clock())):
            others = _claim_others_like(mail, now=clock())
            try:
                if others:
                    handed_over += _deliver_together([mail, *others], connection, clock=clock)
                else:
                    handed_over += handover.deliver(mail, connection, clock=clock)
            except handover.MailServerAway:
                break
    finally:
        handover.close(connection)
    return handed_over


def _note_what_the_dead_handed_over(*, now: datetime) -> None:
    """As of when it was: they had no time left to note it."""
    for mail in _abandoned(now).filter(TAKEN_UNDER_THIS_CLAIM):
        handover.note_hand_over(mail, now=mail.taken_at)  # type: ignore[arg-type]  # it is marked


def _abandoned(now: datetime) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(state=State.SENDING, claimed_at__lte=now - rules.LEASE).order_by("claimed_at")


def claim_due_mail(*, now: datetime) -> OutgoingMail | None:
    """The mail whose turn it is, now this worker's own for rules.LEASE; None if nothing is due.

    Whoever waits for a single mail does not wait for the many of an import.
    """
    waiting = (
        OutgoingMail.objects.select_for_update(skip_locked=True)
        .filter(state=State.WAITING, next_attempt_at__lte=now)
        .order_by("next_attempt_at", "pk")
    )
    # Three questions, each answered by the first entry of an index; together they would have to be sorted.
    in_turn = (
        _abandoned(now).exclude(TAKEN_UNDER_THIS_CLAIM).select_for_update(skip_locked=True),
        waiting.filter(is_one_of_many=False),
        waiting.filter(is_one_of_many=True),
    )
    with transaction.atomic():
        mail = next(filter(None, (found.first() for found in in_turn)), None)
        if mail:
            mail.state, mail.claimed_at, mail.attempts, mail.taken_at = State.SENDING, now, mail.attempts + 1, None
            mail.save(update_fields=["state", "claimed_at", "attempts", "taken_at"])
    return mail


def _claim_others_like(mail: OutgoingMail, *, now: datetime) -> list[OutgoingMail]:
    """Of mails that are written together, those whose turn comes next; likewise claimed."""
    if not (mail.is_one_of_many and kind_of_many(mail.kind)):
        return []
    waiting = OutgoingMail.objects.select_for_update(skip_locked=True).filter(
        state=State.WAITING, is_one_of_many=True, next_attempt_at__lte=now
    )
    with transaction.atomic():
        next_ones = waiting.order_by("next_attempt_at", "pk")[: rules.WRITTEN_TOGETHER - 1]
        others = [each for each in next_ones if each.kind == mail.kind]
        OutgoingMail.objects.filter(pk__in=[each.pk for each in others]).update(
            state=State.SENDING, claimed_at=mail.claimed_at, attempts=F("attempts") + 1, taken_at=None
        )
    for each in others:
        each.state, each.claimed_at, each.attempts = State.SENDING, mail.claimed_at, each.attempts + 1
    return others


def _deliver_together(
    mails: Sequence[OutgoingMail], connection: BaseEmailBackend, *, clock: Callable[[], datetime]
) -> int:
    """The same as one by one, but what is asked of the database and noted there is asked and noted for all at once."""
    try:
        handover.reach_mail_server(connection)
        letters = _write_together(mails, now=clock())
    except Exception:  # noqa: BLE001 - whatever it was, it is found out and said where each is delivered alone
        return _deliver_one_by_one(mails, connection, clock=clock)
    handed_over = 0
    taken: list[OutgoingMail] = []
    left = list(letters)
    try:
        # A server that takes its time must not keep us until others take us for dead.
        while left and clock() < mails[0].claimed_at + rules.TOGETHER_AT_MOST:  # type: ignore[operator]  # claimed
            mail = left.pop(0)
            if handover.hand_over(mail, letters[mail], connection, clock=clock):
                taken.append(mail)
            if len(taken) == rules.NOTED_TOGETHER:
                handed_over += _note_together(taken, now=clock())
                taken = []
    finally:
        try:
            handed_over += _note_together(taken, now=clock())
        finally:
            _give_back(left)
    return handed_over


def _deliver_one_by_one(
    mails: Sequence[OutgoingMail], connection: BaseEmailBackend, *, clock: Callable[[], datetime]
) -> int:
    handed_over = 0
    for number, mail in enumerate(mails, start=1):
        try:
            handed_over += handover.deliver(mail, connection, clock=clock)
        except handover.MailServerAway:
            _give_back(mails[number:])
            raise
    return handed_over


def _write_together(mails: Sequence[OutgoingMail], *, now: datetime) -> dict[OutgoingMail, Letter]:
    kind = kind_of_many(mails[0].kind)
    assert kind is not None  # noqa: S101 - or else they would not have been claimed together
    with transaction.atomic():
        ours = set(_ours(mails).order_by("pk").select_for_update().values_list("pk", flat=True))
        to_write = [mail for mail in mails if mail.pk in ours]
        letters = kind.write_many(to_write, now=now)
    for mail in to_write:
        if mail not in letters:
            handover.settle(mail, State.NOT_NEEDED, "", now=now)
    return letters


def _note_together(mails: Sequence[OutgoingMail], *, now: datetime) -> int:
    if not mails:
        return 0
    with transaction.atomic():
        ours = set(_ours(mails).order_by("pk").select_for_update().values_list("pk", flat=True))
        noted = [mail for mail in mails if mail.pk in ours]
        OutgoingMail.objects.filter(pk__in=ours).update(**handover.once_handed_over(now))
        _tell_of_many(noted, now=now)
    return len(noted)


def _tell_of_many(mails: Sequence[OutgoingMail], *, now: datetime) -> None:
    kind = kind_of_many(mails[0].kind) if mails else None
    try:
        with transaction.atomic():
            if kind:
                kind.many_handed_over(mails, now=now)
    except OperationalError:
        raise
    except Exception:  # noqa: BLE001 - said where each is told of alone
        for mail in mails:
            handover.tell_handed_over(mail, now=now)


def _give_back(mails: Sequence[OutgoingMail]) -> None:
    """Nobody has tried to hand them over: it is still their turn."""
    if mails:
        _ours(mails).update(state=State.WAITING, claimed_at=None, attempts=F("attempts") - 1)


def _ours(mails: Sequence[OutgoingMail]) -> QuerySet[OutgoingMail]:
    numbers = [mail.pk for mail in mails]
    return OutgoingMail.objects.filter(pk__in=numbers, state=State.SENDING, claimed_at=mails[0].claimed_at)
