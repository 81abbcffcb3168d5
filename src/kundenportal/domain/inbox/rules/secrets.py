"""Letters as they are kept: customers answer with our letter below their words, and its secrets are nobody else's."""

from __future__ import annotations

import re

from kundenportal.domain.credentials.rules.initial_passwords import ALPHABET

LEFT_OUT = "…"
QUOTED = "[…]"

# Twelve signs of an initial password in a row, however they are grouped or broken, among them a letter: no number is.
_INITIAL_PASSWORD = re.compile(
    rf"(?<![^\W_])(?=(?:[34567][\W_]{{0,6}}){{0,11}}[fkmrwy])(?:[{ALPHABET}][\W_]{{0,6}}){{11,}}[{ALPHABET}](?![^\W_])",
    re.IGNORECASE,
)
# What links of ours end in: longer than any word, and made of small letters and digits.
_TOKEN = re.compile(r"(?=[\w:=-]{0,200}[a-z])(?=[\w:=-]{0,200}[0-9])[\w:=-]{20,}", re.ASCII)
_NAMES = r"(?:pass(?:wort|word|phrase)|kennwort|code|pin|tan)"
_NAMED = re.compile(rf"(?i)\b({_NAMES}\b[ \t]*(?:(?:lautet|ist|is)[ \t]*)?[:=][ \t]*)\S+")
# Without a colon it may be a word like any other, unless there is a digit in it.
_NAMED_IN_A_SENTENCE = re.compile(rf"(?i)\b({_NAMES}\b[ \t]+(?:lautet|ist|is)[ \t]+)(?=\S*[0-9])\S+")
# Outlook quotes without any sign in front.
_OUTLOOK_BELOW = re.compile(
    r"^[ \t]*(?:Von|From):[^\n]*\n[ \t]*(?:Gesendet|Sent|Datum|Date):.*", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
_QUOTES_BELOW = re.compile(
    r"^[ \t]*(?:-{2,}|_{5,})[ \t]*(?:original message|ursprüngliche nachricht|original-nachricht|forwarded message|"
    r"weitergeleitete nachricht)\b.*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_QUOTED_LINES = re.compile(r"(?:^[ \t]*[>|][^\n]*(?:\n|\Z))+", re.MULTILINE)


def without_secrets(text: str) -> str:
    """The text without what it quotes and without whatever looks like a password or a link of ours."""
    text = _QUOTES_BELOW.sub(QUOTED, text)
    text = _OUTLOOK_BELOW.sub(QUOTED, text)
    text = _QUOTED_LINES.sub(f"{QUOTED}\n", text)
    for secret in (_INITIAL_PASSWORD, _TOKEN):
        text = secret.sub(LEFT_OUT, text)
    for named in (_NAMED, _NAMED_IN_A_SENTENCE):
        text = named.sub(rf"\1{LEFT_OUT}", text)
    return text.strip()
