from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import guard, tasks
from kundenportal.domain.credentials.models import Lockout
from kundenportal.domain.credentials.queries.lockouts import owners_not_told
from kundenportal.domain.credentials.rules.lockout import FORGOTTEN_AFTER
from kundenportal.kernel.origin import BY_ITSELF
from kundenportal.kernel.refusal import Refusal

from . import caller_codes
from .decisions import hold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kundenportal.domain.credentials.models import GuessCount
    from kundenportal.domain.credentials.rules.identity import Identity
    from kundenportal.kernel.origin import Origin

TOLD_AT_ONCE = 500  # those after them a minute later


class NotLocked(Refusal):
    """There is no lockout to lift; perhaps somebody has just done so."""


def begin(count: GuessCount, account: Account | None, *, now: datetime, origin: Origin) -> None:
    """Notes that the fifth entry was wrong, and has the owner told once, if the name is anybody's.

    The same is done for a name that is nobody's, so that the time it takes tells nothing.
    """
    with transaction.atomic():
        lockout = Lockout.objects.create(
            account=account,
            in_known_browser=count.browser_key != "",
            begun_at=now,
            network_address=origin.network_address,
            user_agent=origin.user_agent,
        )
        audit.record(Event.LOCKOUT_BEGUN, subject=account, now=now, origin=origin)
        tasks.tell_owner_of_lockout.defer(lockout_id=lockout.pk)


def lift(account: Account, *, lifted_by: Account | None, now: datetime, origin: Origin, **details: str) -> None:
    """Whoever enters the right password gets in again, in every browser; without a lockout, nothing is noted."""
    with transaction.atomic():
        guard.lift(account, now=now)
        if Lockout.objects.filter(account=account, lifted_at__isnull=True).update(lifted_at=now):
            audit.record(Event.LOCKOUT_LIFTED, subject=account, actor=lifted_by, now=now, origin=origin, **details)


def unlock(account_id: int, *, stated: Identity, unlocked_by: Account, now: datetime, origin: Origin) -> Account:
    """Lifts the account's lockout for a caller who has shown who they are.

    Raises NotLocked, accounts.RoleNotYours, caller_codes.CallerCodeWrong or Account.DoesNotExist.
    """
    account = Account.objects.get(pk=account_id)
    accounts.refuse_beyond_role(unlocked_by, account)
    if not account.lockouts.filter(lifted_at__isnull=True).exists():
        raise NotLocked
    means = caller_codes.confirm(account_id, stated, stated_by=unlocked_by, now=now, origin=origin)
    with transaction.atomic():
        account = hold(account_id)
        accounts.refuse_beyond_role(unlocked_by, account)
        lift(account, lifted_by=unlocked_by, now=now, origin=origin, identity=means)
    return account


def lift_many(accounts: Sequence[Account], *, lifted_by: Account | None, now: datetime, origin: Origin) -> None:
    """Like `lift`; asks only once where nobody has guessed at any of these names."""
    for account in guard.guessed_at(accounts):
        lift(account, lifted_by=lifted_by, now=now, origin=origin)


def disown(lockout: Lockout, *, now: datetime, origin: Origin) -> None:
    """The owner says that the wrong entries were somebody else's; saying so twice changes nothing."""
    with transaction.atomic():
        if Lockout.objects.filter(pk=lockout.pk, disowned_at__isnull=True).update(disowned_at=now):
            audit.record(Event.LOCKOUT_DISOWNED, subject=lockout.account, now=now, origin=origin)


def settle_abandoned_guesses(*, now: datetime) -> None:
    """Guesses whose processes died count as wrong from now on, and lock like any others."""
    for count in guard.abandoned(now=now):
        with transaction.atomic():
            if guard.settle_abandoned(count, now=now):
                begin(count, count.account, now=now, origin=BY_ITSELF)


def tell_owners_not_told(*, now: datetime) -> None:
    """Owners whose mail was lost before it was queued, be it that the database was away, are told after all."""
    for lockout_id in owners_not_told(now=now).values_list("pk", flat=True)[:TOLD_AT_ONCE]:
        tasks.queue_mail_of_lockout(lockout_id, now=now)


def forget_quiet_names(*, now: datetime) -> None:
    """Counts that say nothing any more leave the database, and notes about lockouts of names that were nobody's."""
    guard.forget_quiet_names(now=now)
    Lockout.objects.filter(account__isnull=True, begun_at__lte=now - FORGOTTEN_AFTER).delete()
