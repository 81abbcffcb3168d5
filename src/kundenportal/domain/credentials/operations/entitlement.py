from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import mails
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.credentials.queries import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import CheckState, Renewal
from kundenportal.domain.mail import operations as mail
from kundenportal.kernel.refusal import Refusal

from . import access
from .decisions import decide, hold

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.rules.entitlement import Route
    from kundenportal.kernel.origin import Origin


class NoCheckNeeded(Refusal):
    """The access has not expired, is suspended or was used, or new access is on its way already."""


class AlreadyBeingChecked(Refusal):
    """A check is open; `since` says when it was requested."""

    def __init__(self, since: datetime) -> None:
        super().__init__()
        self.since = since


class ReasonMissing(Refusal):
    """Nobody is declined without being told why."""


def request_check(account: Account, *, route: Route, now: datetime, origin: Origin) -> EntitlementCheck:
    """A new open check, confirmed by mail; of two requests at the same instant one opens it.

    Raises AlreadyBeingChecked or NoCheckNeeded.
    """
    with transaction.atomic():
        hold(account.pk)
        _refuse_what_needs_no_check(account, now=now)
        confirmation = mail.queue(mails.ENTITLEMENT_REQUESTED, recipient=account.address, now=now)
        check = EntitlementCheck.objects.create(
            account=account, route=route, requested_at=now, requested_mail=confirmation
        )
        audit.record(
            Event.ENTITLEMENT_CHECK_REQUESTED, subject=account, now=now, origin=origin, check=check.pk, route=route
        )
    return check


def approve(check_id: int, *, decided_by: Account, now: datetime, origin: Origin) -> EntitlementCheck:
    """New access for four weeks, by a letter that confirms the entitlement; earlier initial passwords die with it.

    Raises decisions.AlreadyDecided, NoCheckNeeded or EntitlementCheck.DoesNotExist.
    """
    with transaction.atomic():
        check = decide(check_id, CheckState.APPROVED, decided_by=decided_by, now=now, origin=origin)
        # Meanwhile the account may have been suspended, or its owner let in by a link asked for in time.
        _refuse_what_needs_no_check(check.account, now=now)
        access.issue_initial_password(check.account, issued_by=decided_by, now=now, origin=origin, confirms=check)
    return check


def decline(check_id: int, *, reason: str, decided_by: Account, now: datetime, origin: Origin) -> EntitlementCheck:
    """No new access; the reason goes out by mail, and whoever asked may ask again.

    Raises ReasonMissing, decisions.AlreadyDecided or EntitlementCheck.DoesNotExist.
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        check = decide(
            check_id, CheckState.DECLINED, decided_by=decided_by, now=now, origin=origin, reason=reason.strip()
        )
        check.decided_mail = mail.queue(mails.ENTITLEMENT_DECLINED, recipient=check.account.address, now=now)
        check.save(update_fields=["decided_mail"])
    return check


def withdraw(check_id: int, *, withdrawn_by: Account, now: datetime, origin: Origin) -> EntitlementCheck:
    """The check was asked for by mistake: nothing is decided, and nobody is written to.

    Raises decisions.AlreadyDecided or EntitlementCheck.DoesNotExist.
    """
    return decide(check_id, CheckState.WITHDRAWN, decided_by=withdrawn_by, now=now, origin=origin)


def _refuse_what_needs_no_check(account: Account, *, now: datetime) -> None:
    expired = expired_access_of(account, now=now)
    if expired is None:
        raise NoCheckNeeded
    if expired.renewal is Renewal.BEING_CHECKED and expired.last_check is not None:
        raise AlreadyBeingChecked(expired.last_check.requested_at)
    if not expired.may_be_requested:
        raise NoCheckNeeded
