"""The one door through which secrets made of text come into the house."""

import secrets


def random_text(alphabet: str, length: int) -> str:
    """A secret of `length` characters, each drawn evenly and independently from the alphabet."""
    return "".join(secrets.choice(alphabet) for _ in range(length))
