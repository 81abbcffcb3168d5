"""The browsers an account has signed in with: strangers' wrong entries do not lock these out (rule R8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import keys
from kundenportal.domain.credentials.models import KnownBrowser
from kundenportal.domain.credentials.rules.lockout import KNOWN_FOR
from kundenportal.kernel.composed import Statement

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.origin import Origin

# Whether it is new, for a row that has been there has somebody who wrote over it (xmax).
REMEMBERED = Statement(
    """
    INSERT INTO credentials_knownbrowser (account_id, key, user_agent, known_since, last_used_at)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (account_id, key)
    DO UPDATE SET user_agent = excluded.user_agent, last_used_at = excluded.last_used_at
    RETURNING xmax = 0
    """
)


def remember(account: Account, browser_id: str, *, now: datetime, origin: Origin) -> list[Event]:
    """From now on the browser that holds this secret id is known to the account; without an id, none is.

    Returns what the trail has to tell of it: nothing if it was known before.
    """
    if not browser_id:
        return []
    remembered = REMEMBERED.returned(account.pk, keys.browser_key(browser_id), origin.user_agent, now, now)
    return [Event.BROWSER_KNOWN] if remembered == (True,) else []


def forget_all(account: Account, *, forgotten_by: Account | None, now: datetime, origin: Origin) -> None:
    """No browser is known to the account any more; each counts as a stranger's until it signs in again."""
    forgotten, _ = account.known_browsers.all().delete()
    if forgotten:
        audit.record(
            Event.BROWSER_FORGOTTEN, subject=account, actor=forgotten_by, now=now, origin=origin, number=forgotten
        )


def forget_unused(*, now: datetime) -> None:
    """Browsers nobody has signed in with for KNOWN_FOR are known no longer."""
    KnownBrowser.objects.filter(last_used_at__lte=now - KNOWN_FOR).delete()
