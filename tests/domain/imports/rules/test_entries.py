"""What a cell means, and what looks like a slip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.accounts.rules import Kind, Language
from kundenportal.domain.imports.rules import entries


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("personenbezogen", Kind.PERSONAL), ("Person", Kind.PERSONAL), ("persönlich", Kind.PERSONAL),
        ("institutionell", Kind.INSTITUTIONAL), (" Büro ", Kind.INSTITUTIONAL),
        ("Funktions-Postfach", Kind.INSTITUTIONAL),
        ("office", Kind.INSTITUTIONAL), ("", None), ("?", None), ("Ehrenamt", None),
    ],
)  # fmt: skip
def test_kinds(cell: str, kind: Kind | None) -> None:
    assert entries.kind_in(cell) is kind


@pytest.mark.parametrize(
    ("cell", "language"),
    [("de", Language.GERMAN), ("Deutsch", Language.GERMAN), ("de-DE", Language.GERMAN), ("EN", Language.ENGLISH),
     ("englisch", Language.ENGLISH), ("", None), ("fr", None)],
)  # fmt: skip
def test_languages(cell: str, language: Language | None) -> None:
    assert entries.language_in(cell) is language


@pytest.mark.parametrize(
    ("address", "is_office"),
    [
        ("buero@example.org", True), ("büro@example.org", True), ("info@example.org", True),
        ("kita.sonne@example.org", True),
        ("kita-sonne@example.org", True), ("pfarramt1@example.org", True), ("hr@example.org", True),
        ("verwaltung@example.org", True), ("anna.beispiel@example.org", False), ("hrabal@example.org", False),
        ("postel.maria@example.org", False), ("", False), ("@example.org", False),
    ],
)  # fmt: skip
def test_offices_are_told_by_what_stands_before_the_at(address: str, *, is_office: bool) -> None:
    assert entries.looks_like_an_office(address) is is_office


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("a@example.org", "a@example.org"), (" mailto:a@example.org", "a@example.org"),
        ("Anna Beispiel <a@example.org>", "a@example.org"), ("a@example.org;", "a@example.org"),
        ("a@example.org.", "a@example.org"), ("", ""), (";", ""), ("<>", "<>"),
    ],
)  # fmt: skip
def test_what_stands_around_an_address_is_left_out(cell: str, address: str) -> None:
    assert entries.address_in(cell) == address


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("a@gmial.com", "a@gmail.com"), ("a@hotmial.com", "a@hotmail.com"), ("a@gmail.con", "a@gmail.com"),
        ("a@gmailcom", "a@gmail.com"), ("a@gmx.ed", "a@gmx.de"), ("a@gmxde", "a@gmx.de"),
        ("a@tonline.de", "a@t-online.de"),
        ("a@www.web.de", "a@web.de"), ("a@musterland.con", "a@musterland.com"), ("a@musterland.ed", "a@musterland.de"),
        ("a@gmail.com", ""), ("a@gmx.net", ""), ("a@mail.de", ""), ("a@musterland.example.org", ""), ("a", ""),
        ("@gmial.com", ""), ("jürgen.groß@musterland.de", "juergen.gross@musterland.de"),
        ("müller@web.de", "mueller@web.de"), ("müller@gmial.com", "mueller@gmail.com"), ("büro", ""),
    ],
)  # fmt: skip
def test_umlauts_and_slips_in_the_domain_are_noticed(address: str, meant: str) -> None:
    assert entries.likely_meant(address) == meant


@given(st.sampled_from(entries.PROVIDERS), st.data())
def test_one_slip_in_a_provider_is_noticed_wherever_it_is(provider: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(provider) - 1))
    typed = provider[:place] + provider[place + 1 :]
    meant = entries.likely_meant(f"a@{typed}")
    assert typed in entries.PROVIDERS or meant.removeprefix("a@") in entries.PROVIDERS


@pytest.mark.parametrize(
    ("name", "is_garbled"),
    [
        ("MÃ¼ller", True),
        ("SchrÃ¶der", True),
        ("WeiÃŸ", True),
        ("M�ller", True),
        ("J”rg", True),
        ("Anna „Ännchen” Beispiel", False),
        ("Müller", False),
        ("Ângela", False),
        ("ÃÂ", False),
    ],
)
def test_umlauts_read_in_the_wrong_encoding_are_noticed(name: str, *, is_garbled: bool) -> None:
    assert entries.looks_garbled(name) is is_garbled
