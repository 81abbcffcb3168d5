from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.credentials import proofs
from kundenportal.domain.credentials.models import Lockout
from kundenportal.domain.credentials.queries.door import state_of
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.queries.lockouts import lockout_token, owner_at_the_door
from kundenportal.domain.credentials.rules.entitlement import LINK_LIFETIME
from kundenportal.domain.mail import kinds
from kundenportal.kernel.browsers import browser_named
from kundenportal.kernel.links import link_to

from .texts import rendered

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail.models import OutgoingMail

LOCKED_OUT = "locked_out"


class LockedOutKind(kinds.PlainKind):
    """Tells the owner once per lockout: when, from where, and how to get back in."""

    def concerns(self, mail: OutgoingMail) -> Account | None:
        """Whose sign-in is locked."""
        return Lockout.objects.select_related("account").get(mail=mail).account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """The way back in that the account really has; not needed any more once the lockout is lifted."""
        lockout = Lockout.objects.select_related("mail").get(mail=mail)
        account = owner_at_the_door(lockout)
        if account is None or lockout.lifted_at is not None:
            raise kinds.NotNeeded
        expired = expired_access_of(account, now=now)
        return rendered(
            "locked_out",
            account,
            state=state_of(account, now=now).value,
            request_address=proofs.link_to_page(expired, now=now) if expired else "",
            request_until=now + LINK_LIFETIME,
            begun_at=lockout.begun_at,
            in_known_browser=lockout.in_known_browser,
            network_address=lockout.network_address,
            browser=browser_named(lockout.user_agent),
            reset_address=link_to("password-forgotten"),
            disown_address=link_to("lockout", lockout_token(lockout.pk)),
        )


kinds.register(LOCKED_OUT, LockedOutKind())
