"""What the shipped pages are written with: the raw form in which Wagtail keeps blocks."""

from __future__ import annotations

from typing import Any, NamedTuple

Block = dict[str, Any]


class Words(NamedTuple):
    """A page in one language."""

    title: str
    blocks: list[Block]
    summary: str = ""


def text(html: str) -> Block:
    """A paragraph, or several."""
    return {"type": "paragraph", "value": html}


def heading(words: str) -> Block:
    """A heading within a text."""
    return {"type": "heading", "value": words}


def operator(*facts: str) -> Block:
    """What the portal's settings say of its operator."""
    return {"type": "operator", "value": {"facts": list(facts)}}


def retention(*kept: str) -> Block:
    """How long the portal keeps these things."""
    return {"type": "retention", "value": {"kept": list(kept)}}


def gap(wanted: str) -> Block:
    """What only the operator can fill in."""
    return {"type": "gap", "value": {"wanted": wanted}}


def screenshot(name: str, alternative: str) -> Block:
    """A picture of the portal."""
    return {"type": "screenshot", "value": {"name": name, "alternative": alternative}}


def question(anchor: str, words: str, *answer: Block) -> Block:
    """A question and its answer."""
    return {"type": "question", "value": {"question": words, "anchor": anchor, "answer": list(answer)}}
