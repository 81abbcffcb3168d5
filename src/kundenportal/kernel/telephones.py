"""Telephone numbers, as people write them and as a telephone dials them."""

import re

_NUMBER = re.compile(r"[+(]*\d(?:[\s()/.–-]*\d){2,}\)?")


def is_telephone(entry: str) -> bool:
    """Whether that can be dialled: digits, and nothing but what people put before and between them."""
    return _NUMBER.fullmatch(entry) is not None


def telephone_uri(telephone: str) -> str:
    """The number without what only makes it easier to read."""
    # +49 (0)511: who dials the country leaves the zero out.
    dialled = telephone.replace("(0)", "") if telephone.startswith("+") else telephone
    return "tel:" + "".join(sign for sign in dialled if sign.isdigit() or sign == "+")
