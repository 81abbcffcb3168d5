"""What whoever may ask for new access holds: they entered the expired password, or read the account's mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from django.core.signing import BadSignature, Signer

from kundenportal.kernel.links import link_to
from kundenportal.kernel.refusal import Refusal

from . import keys
from .queries.expired import ExpiredAccess, expired_access_by_letter
from .rules.entitlement import LINK_LIFETIME, PAGE_LIFETIME, Route

if TYPE_CHECKING:
    from datetime import timedelta

    from kundenportal.domain.accounts.models import Account

_SALT = "kundenportal.expired-access-of-an-address"
_SIGNS = 16  # of an address's key: enough to tell one address from another


class ProofWorthless(Refusal):
    """Forged, too old, or of a letter or an address that no longer counts; which of them is nobody's business."""


class Proven(NamedTuple):
    """The expired access that may be asked to have renewed, and by what its holder has shown so."""

    access: ExpiredAccess
    route: Route


def proof_for_page(access: ExpiredAccess, route: Route, *, now: datetime) -> str:
    """What the page hands back when its button is pressed; of this account's expired letter and no other."""
    return _proof(access, route, lifetime=PAGE_LIFETIME, now=now)


def link_to_page(access: ExpiredAccess, *, now: datetime) -> str:
    """The address of the page for the account's own mail; opening it changes nothing."""
    return link_to("expired-access", _proof(access, Route.LINK, lifetime=LINK_LIFETIME, now=now))


def proven_by(proof: str, *, now: datetime) -> Proven:
    """What this proves. Raises ProofWorthless."""
    try:
        letter_id, until, address, route = Signer(salt=_SALT).unsign_object(proof)
    except BadSignature as forged:
        raise ProofWorthless from forged
    if now >= datetime.fromtimestamp(until, tz=UTC):
        raise ProofWorthless
    access = expired_access_by_letter(letter_id, now=now)
    # Whoever reads the mail of an address that was corrected neither learns the new one nor asks in its name.
    if access is None or address != _told_apart(access.account):
        raise ProofWorthless
    return Proven(access, Route(route))


def _proof(access: ExpiredAccess, route: Route, *, lifetime: timedelta, now: datetime) -> str:
    until = (now + lifetime).timestamp()
    return Signer(salt=_SALT).sign_object([access.letter_id, until, _told_apart(access.account), route])


def _told_apart(account: Account) -> str:
    return keys.name_key(account.address)[:_SIGNS]
