from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.operations import caller_codes, deletions
from kundenportal.domain.credentials.queries.deletions import accounts_to_delete, addresses_of
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.support import operations as support

from .queries import own_data

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.rules.identity import Identity
    from kundenportal.kernel.origin import Origin

    from .queries import Rows

AT_ONCE = 500


def delete_due(*, now: datetime) -> int:
    """Accounts whose deletion nobody has taken back in time are gone, some hundreds at once; how many that were."""
    due = list(accounts_to_delete(now=now).values_list("pk", flat=True)[:AT_ONCE])
    return sum(_delete_if_due(account_id, now=now) for account_id in due)


def hand_out(account: Account, *, now: datetime, origin: Origin) -> dict[str, Rows]:
    """What is kept about the account's owner, who is signed in and wants to know."""
    audit.record(Event.OWN_DATA_HANDED_OUT, subject=account, actor=account, now=now, origin=origin)
    return own_data(account, now=now)


def hand_out_to_caller(
    account: Account, *, stated: Identity, handed_out_by: Account, now: datetime, origin: Origin
) -> dict[str, Rows]:
    """Likewise, through staff. Raises accounts.RoleNotYours or caller_codes.CallerCodeWrong."""
    accounts.refuse_beyond_role(handed_out_by, account)
    means = caller_codes.confirm(account.pk, stated, stated_by=handed_out_by, now=now, origin=origin)
    audit.record(
        Event.OWN_DATA_HANDED_OUT, subject=account, actor=handed_out_by, now=now, origin=origin, identity=means
    )
    return own_data(account, now=now)


def _delete_if_due(account_id: int, *, now: datetime) -> bool:
    with transaction.atomic():
        account = deletions.hold_due(account_id, now=now)
        if account is None:
            return False
        _delete(account, now=now)
    return True


def _delete(account: Account, *, now: datetime) -> None:
    addresses = addresses_of(account)
    inbox.forget_sender(addresses)
    support.forget_of(account, addresses)
    accounts.delete(account)
    mail.forget_sent_to(addresses)  # after whatever held on to the mails
    audit.forget_account(account.pk)
    audit.record(Event.ACCOUNT_DELETED, subject=account, now=now)
