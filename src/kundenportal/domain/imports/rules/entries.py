"""What a cell means: words for kinds and languages, and what looks like a slip."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from kundenportal.domain.accounts.rules import Kind, Language
from kundenportal.kernel.edits import edits_between

KIND_WORDS = {
    Kind.PERSONAL: (
        "personal", "personenbezogen", "person", "persoenlich", "privat", "individuell", "individual", "p",
    ),
    Kind.INSTITUTIONAL: (
        "institutional", "institutionell", "institution", "einrichtung", "einrichtungsbezogen", "buero", "funktion",
        "funktionsadresse", "funktionspostfach", "sammeladresse", "sammelpostfach", "gruppe", "office", "shared",
        "functional", "group", "i",
    ),
}  # fmt: skip
LANGUAGE_WORDS = {
    Language.GERMAN: ("de", "deu", "ger", "deutsch", "german", "dede", "deat", "dech", "d"),
    Language.ENGLISH: ("en", "eng", "englisch", "english", "engb", "enus", "e"),
}

# What an office calls itself before the @; the beginning of a word is enough.
OFFICES = (
    "buero", "büro", "info", "kita", "kontakt", "contact", "office", "verwaltung", "sekretariat", "leitung", "kasse",
    "buchhaltung", "rechnung", "invoice", "zentrale", "empfang", "service", "team", "pfarramt", "pfarrbuero",
    "gemeinde", "kirchenamt", "kirche", "kg.", "kk.", "kindergarten", "krippe", "hort", "schule", "diakonie",
    "pflege", "sozialstation", "personal", "bewerbung", "support", "admin", "it-", "edv", "vorstand",
    "geschaeftsstelle", "geschäftsstelle", "superintendentur", "ephoralbuero", "friedhof", "archiv", "bibliothek",
)  # fmt: skip
_OFFICES_ALONE = frozenset({"hr", "mail", "post", "it"})  # they begin names, too

PROVIDERS = (
    "gmail.com", "googlemail.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "t-online.de",
    "hotmail.com", "hotmail.de", "outlook.com", "outlook.de", "live.de", "live.com", "yahoo.de", "yahoo.com",
    "freenet.de", "icloud.com", "me.com", "aol.com", "posteo.de", "mailbox.org", "mail.de", "arcor.de", "vodafone.de",
    "online.de", "email.de", "ewe.net", "htp-tel.de", "kabelmail.de",
)  # fmt: skip
ENDINGS = {
    "con": "com", "cmo": "com", "ocm": "com", "vom": "com", "comm": "com", "coom": "com", "xom": "com",
    "ed": "de", "dee": "de", "dde": "de", "dw": "de", "ogr": "org", "rog": "org", "orgg": "org", "nte": "net",
    "ent": "net", "nett": "net",
}  # fmt: skip
# UTF-8 read as Windows-1252, what could not be read, and the old encoding of DOS read as Windows-1252.
_GARBLED = re.compile(
    r"[ÃÂ][\u0080-\u00bf\u0152-\u0178\u2013-\u203a\u20ac\u2122]|\ufffd|[^\W\d_][\u201e\u201d][^\W\d_]"
)


def words_only(text: str) -> str:
    """The letters of a cell, whatever stands between them and in whatever case."""
    return re.sub(r"[^a-z]", "", _without_umlauts(text.casefold()))


def kind_in(cell: str) -> Kind | None:
    """The kind of address a cell speaks of; None if it does not."""
    word = words_only(cell)
    return next((kind for kind, words in KIND_WORDS.items() if word in words), None)


def language_in(cell: str) -> Language | None:
    """The language a cell speaks of; None if it does not."""
    word = words_only(cell)
    return next((language for language, words in LANGUAGE_WORDS.items() if word in words), None)


def looks_like_an_office(address: str) -> bool:
    """Whether what stands before the @ is what offices call themselves."""
    local_part = address.partition("@")[0]
    first = re.split(r"[._+\-\d]", local_part)[0]
    return first in _OFFICES_ALONE or local_part.startswith(OFFICES)


def address_in(cell: str) -> str:
    """The address in a cell, without what people and programs put around it."""
    text = cell.strip()
    if text.casefold().startswith("mailto:"):
        text = text[len("mailto:") :]
    if found := re.fullmatch(r"[^<>]*<([^<>]+)>", text):
        text = found[1]
    return text.strip(" \t;,.'\"")


def likely_meant(address: str) -> str:
    """The address somebody probably meant who typed this one; empty if neither umlauts nor its domain look wrong."""
    local_part, at, domain = address.rpartition("@")
    if not at or not local_part:
        return ""
    plain = _without_umlauts(local_part)
    meant = domain if domain in PROVIDERS else _provider_beside(domain) or _with_right_ending(domain) or domain
    return f"{plain}@{meant}" if (plain, meant) != (local_part, domain) else ""


def _without_umlauts(text: str) -> str:
    plain = unicodedata.normalize("NFC", text)
    for umlaut, letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
        plain = plain.replace(umlaut, letters)
    return plain


@lru_cache(maxsize=1_000)  # a table has thousands of addresses and few domains
def _provider_beside(domain: str) -> str:
    bare = domain.removeprefix("www.")
    if bare != domain and bare in PROVIDERS:
        return bare
    return next((each for each in PROVIDERS if _is_one_slip_away(domain, each)), "")


def _with_right_ending(domain: str) -> str:
    rest, dot, ending = domain.rpartition(".")
    return f"{rest}.{ENDINGS[ending]}" if dot and ending in ENDINGS else ""


def _is_one_slip_away(typed: str, meant: str) -> bool:
    return edits_between(typed, meant, at_most=1) <= 1


def looks_garbled(text: str) -> bool:
    """Whether umlauts were read in the wrong encoding on the way: MÃ¼ller, M�ller, J”rg."""
    return bool(_GARBLED.search(text))
