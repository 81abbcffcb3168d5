"""Why something went wrong, in the words of what went wrong."""

from __future__ import annotations


def first_line(fault: BaseException) -> str:
    """What a fault says in one line: PostgreSQL adds hints, and where in the statement it was, on further ones."""
    return str(fault).strip().partition("\n")[0]
