"""HTML as the text somebody reads in it.

Not by the standard library's parser, for which ten thousand tags that do not end take more than a minute.
"""

from __future__ import annotations

import re
from html import unescape

HTML_READ_AT_MOST = 200_000
UNREAD = frozenset({"head", "script", "style", "template", "title", "noscript"})
NEW_LINE = frozenset({"br", "p", "div", "li", "tr", "table", "ul", "ol", "blockquote", "hr", "pre"}) | frozenset(
    f"h{level}" for level in range(1, 7)
)
# A name is taken whole (*+): where no > follows, shorter ones would each be tried up to the end.
_MARK = re.compile(r"<!--|</?([a-z][a-z0-9]*+)[^<>]*>|<[!?][^<>]*>", re.ASCII | re.IGNORECASE)
# The number of no sign there is; Python refuses to make a number of thousands of digits.
_NO_SIGN = re.compile(r"&#[0-9]{20,};?", re.ASCII)


def text_of_html(html: str) -> str:
    """The words in it, each paragraph on a line of its own; what is begun and not ended is left out."""
    html, words, at = html[:HTML_READ_AT_MOST], list[str](), 0
    while mark := _MARK.search(html, at):
        words.append(_words_in(html[at : mark.start()]))
        tag, at = (mark[1] or "").lower(), mark.end()
        if tag in NEW_LINE:
            words.append("\n")
        if mark[0] == "<!--":
            at = _end_of(r"-->", html, at)
        elif tag in UNREAD and not mark[0].startswith("</"):
            at = _end_of(rf"</{tag}[^<>]*>", html, at)
    words.append(_words_in(html[at:]))
    lines = "".join(words).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines if line.strip())


def _end_of(end: str, html: str, at: int) -> int:
    found = re.compile(end, re.IGNORECASE).search(html, at)
    return found.end() if found else len(html)


def _words_in(text: str) -> str:
    # A line may end anywhere in HTML; only the tags say where one does for its reader.
    return re.sub(r"\s+", " ", unescape(_NO_SIGN.sub("\N{REPLACEMENT CHARACTER}", text)))
