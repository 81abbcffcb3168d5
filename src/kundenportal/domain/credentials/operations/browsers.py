"""The browsers an account has signed in with: strangers' wrong entries do not lock these out (rule R8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import keys
from kundenportal.domain.credentials.models import KnownBrowser
from kundenportal.domain.credentials.rules.lockout import KNOWN_FOR

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.origin import Origin


def remember(account: Account, browser_id: str, *, now: datetime, origin: Origin) -> None:
    """From now on the browser that holds this secret id is known to the account; without an id, none is."""
    if not browser_id:
        return
    key = keys.browser_key(browser_id)
    use = {"last_used_at": now, "user_agent": origin.user_agent}
    if not KnownBrowser.objects.filter(account=account, key=key).update(**use):
        KnownBrowser.objects.bulk_create(
            [KnownBrowser(account=account, key=key, known_since=now, **use)], ignore_conflicts=True
        )
        audit.record(Event.BROWSER_KNOWN, subject=account, actor=account, now=now, origin=origin)


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
