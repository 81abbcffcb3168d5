"""An account is deleted for good: decided by whoever leads the desk, and done once it cannot be taken back any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import mails
from kundenportal.domain.credentials.models import Deletion
from kundenportal.domain.credentials.queries.deletions import accounts_to_delete
from kundenportal.domain.credentials.rules.deletion import TAKEN_BACK_WITHIN
from kundenportal.domain.mail import operations as mail
from kundenportal.kernel.refusal import Refusal

from . import caller_codes
from .decisions import hold, withdraw_open_check

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.credentials.rules.identity import Identity
    from kundenportal.kernel.origin import Origin


class AlreadyToBeDeleted(Refusal):
    """Somebody has decided so before."""


def decide(account_id: int, *, stated: Identity, decided_by: Account, now: datetime, origin: Origin) -> Deletion:
    """The account is suspended, and will be deleted unless it is restored within TAKEN_BACK_WITHIN; its owner is told.

    Raises AlreadyToBeDeleted, accounts.RoleNotYours, caller_codes.CallerCodeWrong or Account.DoesNotExist.
    """
    account = Account.objects.get(pk=account_id)
    accounts.refuse_to_delete(decided_by, account)
    _refuse_twice(account)  # before the identity check uses a code up
    means = caller_codes.confirm(account_id, stated, stated_by=decided_by, now=now, origin=origin)
    with transaction.atomic():
        accounts.refuse_to_delete(decided_by, hold(account_id))
        return _decide(account_id, decided_by=decided_by, now=now, origin=origin, identity=means)


def decide_at_command_line(account_id: int, *, now: datetime, origin: Origin) -> Deletion:
    """Likewise, by the operator. Raises AlreadyToBeDeleted or Account.DoesNotExist."""
    with transaction.atomic():
        return _decide(account_id, decided_by=None, now=now, origin=origin)


def _decide(account_id: int, *, decided_by: Account | None, now: datetime, origin: Origin, **details: str) -> Deletion:
    account = hold(account_id)
    _refuse_twice(account)
    accounts.suspend(account, suspended_by=decided_by, now=now, origin=origin)
    withdraw_open_check(account, withdrawn_by=decided_by, now=now, origin=origin)
    due_at = now + TAKEN_BACK_WITHIN
    audit.record(
        Event.ACCOUNT_TO_BE_DELETED,
        subject=account,
        actor=decided_by,
        now=now,
        origin=origin,
        due_at=due_at.isoformat(),
        **details,
    )
    return Deletion.objects.create(
        account=account,
        decided_at=now,
        decided_by=decided_by,
        due_at=due_at,
        told=mail.queue(mails.ACCOUNT_TO_BE_DELETED, recipient=account.address, now=now),
    )


def take_back(account: Account, *, taken_back_by: Account | None, now: datetime, origin: Origin) -> bool:
    """The account is not deleted, and its owner is told; it stays suspended. Whether it was to be deleted."""
    with transaction.atomic():
        hold(account.pk)
        deletion = Deletion.objects.filter(account=account, taken_back_at__isnull=True).first()
        if deletion is None:
            return False
        deletion.taken_back_at = now
        deletion.told_taken_back = mail.queue(mails.ACCOUNT_KEPT, recipient=account.address, now=now)
        deletion.save(update_fields=["taken_back_at", "told_taken_back"])
        audit.record(Event.ACCOUNT_KEPT, subject=account, actor=taken_back_by, now=now, origin=origin)
    return True


def hold_due(account_id: int, *, now: datetime) -> Account | None:
    """The account if it is to be deleted now; nothing refers to it anew until the surrounding transaction ends."""
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    return account if account and accounts_to_delete(now=now).filter(pk=account_id).exists() else None


def _refuse_twice(account: Account) -> None:
    if Deletion.objects.filter(account=account, taken_back_at__isnull=True).exists():
        raise AlreadyToBeDeleted
