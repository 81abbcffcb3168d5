"""Which column of a customer's table holds what: told from its heading, in German and in English."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADING_WITHIN = 30  # rows; above it may stand a title, a date, a remark
LEAST_STEM = 4  # letters; shorter words begin too many others


class Column(StrEnum):
    """What a column may hold."""

    ADDRESS = "address"
    NAME = "name"
    FIRST_NAME = "first_name"
    ORGANISATION = "organisation"
    KIND = "kind"
    LANGUAGE = "language"
    TELEPHONE = "telephone"


# As `_bare` leaves them; the earlier of two in a table is the better one.
HEADINGS = {
    Column.ADDRESS: (
        "emailadresse", "email", "mailadresse", "mail", "emailadressen", "emails", "emailaddress", "mailaddress",
        "epost", "kennung", "anmeldename", "benutzername", "username", "loginname", "login",
    ),
    Column.NAME: (
        "nachname", "familienname", "zuname", "lastname", "surname", "familyname", "name", "vollername", "anzeigename",
        "fullname", "displayname", "ansprechpartner", "ansprechpartnerin", "ansprechperson", "kontakt", "kontaktperson",
        "contact", "contactname", "contactperson", "mitarbeiter", "mitarbeiterin", "person", "bezeichnung", "benutzer",
    ),
    Column.FIRST_NAME: ("vorname", "vornamen", "rufname", "firstname", "givenname", "forename"),
    Column.ORGANISATION: (
        "einrichtung", "nameeinrichtung", "einrichtungsname", "organisation", "organization", "organisationsname",
        "organisationname", "organizationname", "institution", "traeger", "kirchengemeinde", "gemeinde",
        "kirchenkreis", "dienststelle", "arbeitgeber", "firma", "unternehmen", "mandant", "kunde", "kundenname",
        "verband", "company", "companyname", "employer", "customer", "customername", "client", "body",
    ),
    Column.KIND: (
        "art", "artadresse", "artemailadresse", "adressart", "adresstyp", "typ", "kennungsart", "kategorie", "kind",
        "type", "addresstype", "accounttype", "kindaddress", "category",
    ),
    Column.LANGUAGE: (
        "sprache", "korrespondenzsprache", "anschreibensprache", "language", "lang", "correspondencelanguage",
    ),
    Column.TELEPHONE: (
        "telefon", "telefonnummer", "telefonnr", "tel", "telnr", "rufnummer", "telephone", "telephonenumber", "phone",
        "phonenumber", "durchwahl", "festnetz", "mobil", "mobiltelefon", "handy", "mobile",
    ),
}  # fmt: skip
REQUIRED = (Column.ADDRESS, Column.NAME, Column.ORGANISATION)
_SMALL_WORDS = frozenset(
    {"der", "die", "das", "des", "dem", "of", "the", "and", "und", "preferred", "bevorzugte", "ihre"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Layout:
    """Where a table's headings stand, if anywhere, and the place of each column that was found or chosen."""

    heading_row: int = 0  # counted from 1; 0 where there are no headings
    columns: Mapping[Column, int] = field(default_factory=dict)  # counted from 0
    organisation: str = ""  # of the rows that name none

    @property
    def missing(self) -> list[Column]:
        """What no row can do without and no column holds."""
        held = set(self.columns)
        if Column.FIRST_NAME in held:
            held.add(Column.NAME)
        if self.organisation:
            held.add(Column.ORGANISATION)
        return [column for column in REQUIRED if column not in held]

    @property
    def digest(self) -> str:
        """The same for the same layout, and for no other."""
        held = sorted((column.value, place) for column, place in self.columns.items())
        return sha256(json.dumps([self.heading_row, held, self.organisation]).encode()).hexdigest()


def layout_of(rows: Sequence[Sequence[str]]) -> Layout:
    """The layout of a table, told from its first rows: the row that announces most holds the headings."""
    best, most = 0, 1
    for number, row in enumerate(rows[:HEADING_WITHIN], start=1):
        if len(columns_in(row)) > most:
            best, most = number, len(columns_in(row))
    return layout_below(rows, best)


def layout_below(rows: Sequence[Sequence[str]], heading_row: int) -> Layout:
    """The layout of a table whose headings stand in that row; nowhere, if that is 0."""
    layout = Layout(heading_row, columns_in(rows[heading_row - 1]) if heading_row else {})
    return layout if Column.ADDRESS in layout.columns else _with_address_by_sight(layout, rows)


def columns_in(headings: Sequence[str]) -> dict[Column, int]:
    """The columns these headings announce; each holds one thing, and each thing is held by one."""
    announced: dict[Column, int] = {}
    bare = [_bare(heading) for heading in headings]
    for certain in (True, False):
        for column, words in HEADINGS.items():
            place = _place(bare, words, taken=set(announced.values()), certain=certain)
            if column not in announced and place is not None:
                announced[column] = place
    return announced


def _place(bare: Sequence[str], words: Sequence[str], *, taken: set[int], certain: bool) -> int | None:
    for word in words:
        for place, heading in enumerate(bare):
            # "E-Mail dienstlich", "Name des Kunden": the first word says it.
            begins = len(word) >= LEAST_STEM and heading.startswith(word)
            if place not in taken and (heading == word if certain else begins):
                return place
    return None


def _bare(heading: str) -> str:
    text = unicodedata.normalize("NFC", heading).casefold().translate(_UMLAUTS)
    text = re.sub(r"\(.*?\)|\[.*?\]", " ", text)
    words = [word for word in re.split(r"[^a-z0-9]+", text.replace("e-mail", "email")) if word not in _SMALL_WORDS]
    return "".join(words)


def _with_address_by_sight(layout: Layout, rows: Sequence[Sequence[str]]) -> Layout:
    below = rows[layout.heading_row : HEADING_WITHIN]
    signs = [0] * max((len(row) for row in below), default=0)
    for row in below:
        for place, cell in enumerate(row):
            signs[place] += "@" in cell
    free = [place for place in range(len(signs)) if signs[place] and place not in layout.columns.values()]
    if not free:
        return layout
    address = max(free, key=lambda place: signs[place])
    return Layout(layout.heading_row, {**layout.columns, Column.ADDRESS: address})
