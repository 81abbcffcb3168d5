"""What whoever may ask for new access holds: they entered the expired password, or read the account's mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.core.signing import BadSignature, Signer

from kundenportal.kernel.links import link_to
from kundenportal.kernel.refusal import Refusal

from .queries import ExpiredAccess, expired_access_by_letter
from .rules.entitlement import LINK_LIFETIME, PAGE_LIFETIME

if TYPE_CHECKING:
    from datetime import timedelta

_SALT = "kundenportal.expired-access"


class ProofWorthless(Refusal):
    """Forged, too old, or of a letter that no longer counts; which of them is nobody's business."""


def proof_for_page(access: ExpiredAccess, *, now: datetime) -> str:
    """What the page hands back when its button is pressed; of this account's expired letter and no other."""
    return _proof(access, lifetime=PAGE_LIFETIME, now=now)


def link_to_page(access: ExpiredAccess, *, now: datetime) -> str:
    """The address of the page for the account's own mail; opening it changes nothing."""
    return link_to("expired-access", _proof(access, lifetime=LINK_LIFETIME, now=now))


def expired_access_proven_by(proof: str, *, now: datetime) -> ExpiredAccess:
    """The expired access its holder may ask to have renewed.

    Raises ProofWorthless.
    """
    try:
        letter_id, until = Signer(salt=_SALT).unsign_object(proof)
    except BadSignature as forged:
        raise ProofWorthless from forged
    if now >= datetime.fromtimestamp(until, tz=UTC):
        raise ProofWorthless
    access = expired_access_by_letter(letter_id, now=now)
    if access is None:
        raise ProofWorthless
    return access


def _proof(access: ExpiredAccess, *, lifetime: timedelta, now: datetime) -> str:
    return Signer(salt=_SALT).sign_object([access.letter_id, (now + lifetime).timestamp()])
