from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.kernel.refusal import Refusal

from . import passwords

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.accounts.rules import ColourScheme, Language
    from kundenportal.kernel.origin import Origin


def update_profile(
    account: Account,
    *,
    name: str,
    language: Language,
    colour_scheme: ColourScheme,
    seen: Mapping[str, str] | None = None,
    new_password: passwords.NewPassword | None,
    signed_in_at: datetime,
    browser_id: str = "",
    now: datetime,
    origin: Origin,
) -> None:
    """Everything on the profile page at once, or, if anything of it is refused, nothing; what was left alone stays.

    Raises the refusals of `passwords.accepted` and `accounts.update_profile`.
    """

    def save(chosen: passwords.Accepted | None) -> None:
        with transaction.atomic():
            accounts.update_profile(
                account,
                name=name,
                language=language,
                colour_scheme=colour_scheme,
                seen=seen,
                now=now,
                origin=origin,
            )
            if chosen is not None:
                passwords.keep(account, chosen, now=now, origin=origin)

    try:
        if name != (seen or {}).get("name"):
            account.name = name  # so that a password made of the new name is refused
        if new_password is None:
            save(None)
            return
        chosen = passwords.accepted(
            account, new_password, signed_in_at=signed_in_at, browser_id=browser_id, now=now, origin=origin
        )
        try:
            save(chosen)
        except passwords.ChangedMeanwhile:
            if not passwords.was_kept_meanwhile(account, new_password):
                raise
            save(None)
    except Refusal:
        account.refresh_from_db()  # the caller's account is as it was, too
        raise
