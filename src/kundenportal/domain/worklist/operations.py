from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.kernel.refusal import Refusal

from .models import InHand
from .rules import HELD_FOR

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account

    from .rules import Kind


class InOtherHands(Refusal):
    """A colleague was quicker; `held` says who and since when."""

    def __init__(self, held: InHand) -> None:
        super().__init__()
        self.held = held


def take(kind: Kind, number: int, *, taken_by: Account, instead_of: int | None = None, now: datetime) -> None:
    """The others see that this member of staff is at work on it.

    Raises InOtherHands, unless the holder is the one whom this takes it from knowingly.
    """
    with transaction.atomic():
        held, is_new = InHand.objects.select_for_update().get_or_create(
            kind=kind, number=number, defaults={"holder": taken_by, "since": now}
        )
        if is_new:
            return
        is_free = held.since <= now - HELD_FOR or held.holder_id in {taken_by.pk, instead_of}
        if not is_free:
            raise InOtherHands(held)
        held.holder, held.since = taken_by, now
        held.save(update_fields=["holder", "since"])


def put_back(kind: Kind, number: int, *, put_back_by: Account) -> None:
    """Nobody is at work on it any more; what a colleague holds stays in their hands."""
    InHand.objects.filter(kind=kind, number=number, holder=put_back_by).delete()


def forget_old(*, now: datetime) -> None:
    """What was taken up long ago says nothing any more."""
    InHand.objects.filter(since__lte=now - HELD_FOR).delete()
