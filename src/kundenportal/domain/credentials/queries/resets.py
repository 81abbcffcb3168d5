"""Links by which a forgotten password is replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kundenportal.domain.credentials import keys
from kundenportal.domain.credentials.models import PasswordReset
from kundenportal.domain.credentials.rules import resets
from kundenportal.domain.credentials.rules.resets import LinkState

from .door import state_of, with_initial_password

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account


@dataclass(frozen=True)
class ResetLink:
    """A link by which a forgotten password is replaced, as it stands at some instant.

    Without an account, it is unknown, or went to an address its account no longer has.
    """

    state: LinkState
    account: Account | None = None


def reset_link(token: str, *, now: datetime) -> ResetLink:
    """The link with this token; looking at it changes nothing."""
    row = PasswordReset.objects.select_related("mail").filter(token_hash=keys.reset_key(token)).first()
    if row is None:
        return ResetLink(LinkState.UNKNOWN)
    account = with_initial_password().get(pk=row.account_id)
    if row.mail.recipient != account.address:
        # Whoever reads the mail of an address that was corrected learns nothing of the account any more.
        return ResetLink(LinkState.SUPERSEDED)
    dates = resets.Dates(row.expires_at, row.used_at, row.superseded_at)
    return ResetLink(resets.link_state(dates, state_of(account, now=now), now=now), account)
