"""A table as customers really send it; needs nothing of the portal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Messy:
    """A table as customers send it, and what must become of it."""

    content: bytes
    opened: list[str]  # addresses
    doubtful: int
    refused: int


def messy(count: int, *, token: str) -> Messy:  # noqa: C901 - a list of oddities
    """So many rows, with everything in it that customers' tables have; the token keeps its addresses its own."""
    organisations = (f"Kirchenkreis {token}", f"Kita „Sonnenschein“, {token}", f"KIRCHENKREIS  {token}")
    lines = [f"Zugänge zum Kundenportal;;;;;;\r\nStand: 23.11.2026, {token};;;;;;\r\n\r\n"]
    lines.append("lfd. Nr.;Name der Einrichtung;Nachname;Vorname;E-Mail (dienstlich);Art;Bemerkung\r\n")
    opened, doubtful, refused = [], 0, 0
    for number in range(1, count + 1):
        organisation, remark = organisations[number % 3], ""
        name, address, kind = f"Müßig-{number};Jörg", f"joerg.{number}@{token}.example.org", "personenbezogen"
        match number % 25:
            case 1:
                name, address, kind = f"Büro {number};", f" Buero{number}@{token}.example.org ", ""
            case 2:
                address, kind = f"joerg.{token}{number}@gmial.com", ""
            case 3:
                address = f"joerg.{number}-{token}.example.org"
            case 4:
                name = ";"
            case 5:
                address = f"JOERG.{number - 25 if number > 25 else number + 1}@{token}.example.org"
            case 6:
                address = f"Jörg Müßig <joerg.{number}@{token}.example.org>"
            case 7:
                remark = '"neu seit\n1. November; ""bitte"" bald"'
            case 8:
                lines.append(";;;;;;\r\n" if number % 2 else "\r\n")
            case _:
                pass
        clean = address.strip().rpartition("<")[2].rstrip(">").lower()
        is_refused = number % 25 in {3, 4} or clean in opened
        refused += is_refused
        doubtful += number % 25 in {1, 2}
        if not is_refused:
            opened.append(clean)
        quoted = f'"{organisation}"' if "," in organisation else organisation
        lines.append(f"{number};{quoted};{name};{address};{kind};{remark}\r\n")
    return Messy("".join(lines).encode("cp1252"), opened, doubtful, refused)
