"""The one door through which secrets come into the house."""

import secrets

# Letters and digits of which none is taken for another.
TOKEN_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105 - the signs of a token, not one
TOKEN_LENGTH = 26  # 130 bits


def random_token() -> str:
    """A secret that nobody types."""
    return random_text(TOKEN_ALPHABET, TOKEN_LENGTH)


def random_text(alphabet: str, length: int) -> str:
    """A secret of `length` characters, each drawn evenly and independently from the alphabet."""
    # All of it is drawn at once, which is many times as fast; bytes of which there would be more for some characters
    # than for others are left out.
    even = 256 - 256 % len(alphabet)
    text = ""
    while len(text) < length:
        text += "".join(alphabet[byte % len(alphabet)] for byte in secrets.token_bytes(length) if byte < even)
    return text[:length]


def random_salt(length: int) -> bytes:
    """So many bytes that nobody can foretell."""
    return secrets.token_bytes(length)
