"""How far one word is from another."""

from __future__ import annotations


def edits_between(one: str, other: str, *, at_most: int | None = None) -> int:
    """Letters too many, too few, wrong, or two of them swapped; more than `at_most` are told as one more than that."""
    # With the first word that may be misspelt: until then it would be 4 MB of memory that nobody needs.
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - see above

    return OSA.distance(one, other, score_cutoff=at_most)
