"""What the public form carries along: when it was shown, and a key under which it is taken down once."""

from __future__ import annotations

from datetime import UTC, datetime

from django.core.signing import BadSignature, Signer

from kundenportal.kernel.randomness import random_token
from kundenportal.kernel.refusal import Refusal

from .rules import FORM_LIFETIME, READING_TIME

_SALT = "kundenportal.intake-form"


class FormWorthless(Refusal):
    """It was not shown by us, or too long ago."""


class FormTooQuick(Refusal):
    """Nobody can have read it by now."""


def proof_for_form(*, now: datetime) -> str:
    """What a form is shown with at this instant."""
    return Signer(salt=_SALT).sign_object([random_token(), now.timestamp()])


def key_of_form(proof: str, *, now: datetime) -> str:
    """The key under which what was entered is taken down.

    Raises FormWorthless or FormTooQuick.
    """
    try:
        key, shown_at = Signer(salt=_SALT).unsign_object(proof)
    except BadSignature as forged:
        raise FormWorthless from forged
    age = now - datetime.fromtimestamp(shown_at, tz=UTC)
    if age > FORM_LIFETIME:
        raise FormWorthless
    if age < READING_TIME:
        raise FormTooQuick
    return str(key)
