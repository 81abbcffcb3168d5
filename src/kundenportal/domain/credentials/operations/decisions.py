"""How an entitlement check ends. Below the operations that issue access, because issuing access ends one, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.credentials.rules.entitlement import CheckState, may_be_decided
from kundenportal.kernel.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.kernel.origin import Origin

EVENTS = {
    CheckState.APPROVED: Event.ENTITLEMENT_CHECK_APPROVED,
    CheckState.DECLINED: Event.ENTITLEMENT_CHECK_DECLINED,
    CheckState.WITHDRAWN: Event.ENTITLEMENT_CHECK_WITHDRAWN,
}


class AlreadyDecided(Refusal):
    """Somebody else was first; `check` says what was decided, when and by whom."""

    def __init__(self, check: EntitlementCheck) -> None:
        super().__init__()
        self.check = check


def hold(account_id: int) -> Account:
    """The account, to whose access nothing else happens until the surrounding transaction ends."""
    return Account.objects.select_for_update(no_key=True).get(pk=account_id)


def held_open(check_id: int) -> EntitlementCheck:
    """The open check, which nobody else decides until the surrounding transaction ends.

    Raises AlreadyDecided or EntitlementCheck.DoesNotExist.
    """
    # Read once to learn whose it is, and again once nobody else can change it.
    hold(EntitlementCheck.objects.get(pk=check_id).account_id)
    check = EntitlementCheck.objects.select_related("account", "decided_by").get(pk=check_id)
    if not may_be_decided(CheckState(check.state)):
        raise AlreadyDecided(check)
    return check


def decide(
    check_id: int,
    wanted: CheckState,
    *,
    decided_by: Account | None,
    now: datetime,
    origin: Origin,
    reason: str = "",
    **details: str,
) -> EntitlementCheck:
    """The check, decided like this for good.

    Raises AlreadyDecided or EntitlementCheck.DoesNotExist.
    """
    with transaction.atomic():
        check = held_open(check_id)
        check.state, check.decided_at, check.decided_by, check.reason = wanted, now, decided_by, reason
        check.save(update_fields=["state", "decided_at", "decided_by", "reason"])
        audit.record(
            EVENTS[wanted],
            subject=check.account,
            actor=decided_by,
            now=now,
            origin=origin,
            check=check.pk,
            **details,
        )
    return check


def withdraw_open_check(account: Account, *, withdrawn_by: Account | None, now: datetime, origin: Origin) -> None:
    """Nothing is left to decide, because access comes by another way; without an open check nothing happens.

    Part of a larger transaction, as whatever makes the check needless must be.
    """
    hold(account.pk)  # a check that is being requested at this instant is seen, or not requested any more
    for check in EntitlementCheck.objects.filter(account=account, state=CheckState.OPEN):
        decide(check.pk, CheckState.WITHDRAWN, decided_by=withdrawn_by, now=now, origin=origin)
