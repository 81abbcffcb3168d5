"""Keys for what is stored as a keyed hash; derived from SECRET_KEY, so none of them is in a database dump."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from collections.abc import Iterable


def initial_password_key() -> bytes:
    """The key under which initial passwords are hashed."""
    return _key("kundenportal.initial-password")


def name_key(address: str) -> str:
    """What a sign-in name is counted under; the same for every spelling that is looked up as the same."""
    return _hashed("kundenportal.sign-in-name", address)


def name_keys(addresses: Iterable[str]) -> dict[str, str]:
    """What each of these addresses, which are spelled as they are kept, is counted under."""
    key = _key("kundenportal.sign-in-name")
    return {address: hmac.new(key, address.encode(), hashlib.sha256).hexdigest() for address in addresses}


def browser_key(browser_id: str) -> str:
    """What a browser is known under."""
    return _hashed("kundenportal.known-browser", browser_id)


def caller_code_key(code: str, account_id: int) -> str:
    """What a caller's code is compared by; the same code of two accounts differs."""
    return _hashed("kundenportal.caller-code", f"{account_id}:{code}")


def reset_key(token: str) -> str:
    """What the link of a forgotten password is found by; the link cannot be made from it."""
    return _hashed("kundenportal.password-reset", token)


def _hashed(purpose: str, text: str) -> str:
    return hmac.new(_key(purpose), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _key(purpose: str) -> bytes:
    return salted_hmac(purpose, b"key", algorithm="sha256").digest()
