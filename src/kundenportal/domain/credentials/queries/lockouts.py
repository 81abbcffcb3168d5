"""Lockouts: what their owners are told of them, and which are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.core import signing
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from kundenportal.domain.credentials.models import Lockout, PasswordReset
from kundenportal.domain.credentials.queries.door import account_at_the_door
from kundenportal.domain.credentials.rules.lockout import LOCKOUT_LINK_LIFETIME, STILL_NEWS_FOR, TOLD_WITHIN

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.queries.door import AccountAtTheDoor

LOCKOUT_SALT = "kundenportal.lockout"


def lockout_token(lockout_id: int) -> str:
    """What leads the owner of a locked account to the page about it."""
    return signing.dumps(lockout_id, salt=LOCKOUT_SALT)


def owners_not_told(*, now: datetime) -> QuerySet[Lockout]:
    """The lockouts of which nobody was told in time, though it is still news, the oldest first."""
    begun_at = {"begun_at__gt": now - STILL_NEWS_FOR, "begun_at__lte": now - TOLD_WITHIN}
    return lockouts_not_lifted().filter(mail__isnull=True, **begun_at).order_by("begun_at")


def own_lockouts(account: Account, *, since: datetime) -> ArraySubquery:
    """The lockouts the account's owner has not disowned, the newest first: `pk` and `begun_at`."""
    begun = Lockout.objects.filter(account=account, begun_at__gte=since, disowned_at__isnull=True)
    return ArraySubquery(begun.order_by("-begun_at").values(said=JSONObject(pk="pk", begun_at="begun_at")))


def lockout_told_of(token: str) -> Lockout | None:
    """The lockout of that token, as long as its mail may be acted upon."""
    try:
        lockout_id = signing.loads(token, salt=LOCKOUT_SALT, max_age=LOCKOUT_LINK_LIFETIME)
    except signing.BadSignature:
        return None
    return Lockout.objects.select_related("account", "mail").filter(pk=lockout_id, account__isnull=False).first()


def owner_at_the_door(lockout: Lockout) -> AccountAtTheDoor | None:
    """Whose sign-in is locked, for telling them how they get back in; None if the address has been corrected since."""
    account = account_at_the_door(lockout.address)
    return account if account is not None and account.pk == lockout.account_id else None


def links_since_lockout() -> QuerySet[PasswordReset]:
    """Of a lockout: the links for a new password that its account has been sent meanwhile."""
    return PasswordReset.objects.filter(account=OuterRef("account"), mail__queued_at__gte=OuterRef("begun_at"))


def open_lockouts() -> QuerySet[Lockout]:
    """The lockouts of accounts that nobody has lifted."""
    return lockouts_not_lifted().filter(account__suspended_at__isnull=True).select_related("account")


def lockouts_not_lifted() -> QuerySet[Lockout]:
    """The same, suspended accounts included."""
    return Lockout.objects.filter(lifted_at__isnull=True, account__isnull=False)
