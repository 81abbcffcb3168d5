"""The token that a form carries, so that nobody else can send it in somebody's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH

from kundenportal.kernel.randomness import random_text

if TYPE_CHECKING:
    from django.http import HttpRequest

SIGNS = CSRF_ALLOWED_CHARS


def form_token(request: HttpRequest) -> str:
    """Django's `get_token`; but that asks the system for each sign, which is felt on every page."""
    secret = request.META.get("CSRF_COOKIE") or random_text(SIGNS, CSRF_SECRET_LENGTH)
    # As Django does, so that the cookie is sent and lives on.
    request.META.update({"CSRF_COOKIE": secret, "CSRF_COOKIE_NEEDS_UPDATE": True})
    mask = random_text(SIGNS, len(secret))
    pairs = zip(secret, mask, strict=True)
    return mask + "".join([SIGNS[(SIGNS.index(sign) + SIGNS.index(by)) % len(SIGNS)] for sign, by in pairs])
