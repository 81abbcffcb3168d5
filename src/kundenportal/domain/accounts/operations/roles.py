"""Who may give which role, and act on whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import rules
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.kernel.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.kernel.origin import Origin


class RoleNotYours(Refusal):
    """Whoever asks may not give or take this role, nor act on accounts that have it, nor on their own."""


def refuse_beyond_role(actor: Account, account: Account) -> None:
    """Raises RoleNotYours where the actor may not act on this account."""
    if not actor.may_act_on(account):
        raise RoleNotYours


def refuse_to_delete(actor: Account, account: Account) -> None:
    """Raises RoleNotYours where the actor may not have this account deleted."""
    if actor.pk == account.pk or not rules.may_delete(rules.Role(actor.role), rules.Role(account.role)):
        raise RoleNotYours


def change_role(account: Account, role: rules.Role, *, changed_by: Account, now: datetime, origin: Origin) -> None:
    """What the account may do from now on; raises RoleNotYours."""
    with transaction.atomic():
        held = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
        before = rules.Role(held.role)
        refuse_beyond_role(changed_by, held)
        refuse_roles_of_others(changed_by, role)
        if role is not before:
            Account.objects.filter(pk=account.pk).update(role=role)
            audit.record(
                Event.ROLE_CHANGED, subject=account, actor=changed_by, now=now, origin=origin, before=before, after=role
            )
    account.role = role


def refuse_roles_of_others(giver: Account | None, *roles: rules.Role) -> None:
    """Raises RoleNotYours where whoever gives may not give all of these."""
    # Without a giver it is the operator, at the command line.
    if giver is not None and not all(rules.may_give(rules.Role(giver.role), role) for role in roles):
        raise RoleNotYours
