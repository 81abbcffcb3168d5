from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from datetime import timedelta

    from django.http import HttpResponse


def keep_cookie(response: HttpResponse, name: str, value: str, *, keep_for: timedelta, path: str = "/") -> None:
    """The browser keeps it so long and hands it to us alone: to no script, and where there is TLS only by that."""
    response.set_cookie(
        name,
        value,
        max_age=keep_for,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
