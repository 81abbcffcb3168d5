"""What people read out on the telephone to say which of many things they mean."""

from .randomness import random_text

# No sign is taken for another, and six of thirty-two are a thousand million.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SIGNS = 6
LENGTH = SIGNS + 1


def new_reference() -> str:
    """A reference that is hardly taken yet."""
    return as_reference(random_text(ALPHABET, SIGNS))


def as_reference(signs: str) -> str:
    """K74QXM as it is read out and written down: K7-4QXM."""
    return f"{signs[:2]}-{signs[2:]}"


def reference_in(entry: str) -> str:
    """The reference somebody has written down, however they spelled it."""
    signs = "".join(sign for sign in entry.upper() if sign.isalnum())
    return as_reference(signs)
