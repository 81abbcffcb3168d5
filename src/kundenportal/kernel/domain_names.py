"""Names of domains beyond ASCII, as people write them and as they travel, by the rules of today (IDNA 2008).

Python's own codec has those of 2003, and makes grossmann.de of großmann.de, which is somebody else's.
"""

from __future__ import annotations


def as_written(domain: str) -> str:
    """The one spelling of a domain: of xn--… what it stands for, and of signs that look alike the usual one.

    Raises UnicodeError for what can be no name of a domain.
    """
    import idna  # noqa: PLC0415 - three megabytes, for the few names that need it

    return idna.decode(idna.encode(domain, uts46=True))


def as_sent(address: str) -> str:
    """An address of mail with its domain as mail servers know it; what can be none stays as it is."""
    local_part, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    import idna  # noqa: PLC0415 - likewise

    try:
        return f"{local_part}{at}{idna.encode(domain, uts46=True).decode()}"
    except UnicodeError:
        return address
