from __future__ import annotations

from datetime import datetime, timedelta

CURRENT_PASSWORD_ASKED_AFTER = timedelta(minutes=15)


def current_password_is_asked_for(*, signed_in_at: datetime, now: datetime) -> bool:
    """Whether a sign-in is too old to change the password without entering the current one."""
    return now >= signed_in_at + CURRENT_PASSWORD_ASKED_AFTER
