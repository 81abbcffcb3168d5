"""Whether an account may be used, and by whom it is right now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts.models import Account, Session
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event

from .roles import refuse_beyond_role

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.kernel.origin import Origin


def suspend(account: Account, *, suspended_by: Account | None, now: datetime, origin: Origin) -> None:
    """From now on the account cannot sign in, and its sessions end; suspending twice changes nothing.

    Raises RoleNotYours.
    """
    if suspended_by is not None:
        refuse_beyond_role(suspended_by, account)
    with transaction.atomic():
        if Account.objects.filter(pk=account.pk, suspended_at__isnull=True).update(suspended_at=now):
            account.sessions.all().delete()
            audit.record(Event.ACCOUNT_SUSPENDED, subject=account, actor=suspended_by, now=now, origin=origin)
    account.refresh_from_db(fields=["suspended_at"])


def restore(account: Account, *, restored_by: Account, now: datetime, origin: Origin, **details: str) -> None:
    """From now on the account may sign in as before; restoring twice changes nothing. Raises RoleNotYours."""
    refuse_beyond_role(restored_by, account)
    with transaction.atomic():
        if Account.objects.filter(pk=account.pk, suspended_at__isnull=False).update(suspended_at=None):
            # One that began just when the account was suspended must not come to life.
            account.sessions.all().delete()
            audit.record(Event.ACCOUNT_RESTORED, subject=account, actor=restored_by, now=now, origin=origin, **details)
    account.refresh_from_db(fields=["suspended_at"])


def end_sessions(account: Account, *, ended_by: Account, now: datetime, origin: Origin) -> None:
    """Whoever is signed in to the account has to sign in again. Raises RoleNotYours."""
    refuse_beyond_role(ended_by, account)
    with transaction.atomic():
        ended, _ = account.sessions.all().delete()
        audit.record(Event.SESSIONS_ENDED, subject=account, actor=ended_by, now=now, origin=origin, number=ended)


def delete(account: Account) -> None:
    """The account is gone, and with it whatever belongs to it alone, in every domain; what others did stays theirs."""
    Account.objects.filter(pk=account.pk).delete()


def end_every_session() -> int:
    """Nobody is signed in any more; how many sessions that were."""
    ended, _ = Session.objects.all().delete()
    return ended
