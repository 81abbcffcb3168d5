"""Which column of a table holds what, told from its heading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.imports.rules.columns import HEADINGS, Column, Layout, columns_in, layout_of

A, N, F, ORG, K, L = Column.ADDRESS, Column.NAME, Column.FIRST_NAME, Column.ORGANISATION, Column.KIND, Column.LANGUAGE
TEL = Column.TELEPHONE


@pytest.mark.parametrize(
    ("headings", "columns"),
    [
        (["E-Mail", "Name", "Einrichtung"], [A, N, ORG]),
        (["E-Mail-Adresse", "Vorname", "Nachname", "Träger"], [A, F, N, ORG]),
        (["email address", "Full name", "Organization", "Language"], [A, N, ORG, L]),
        ([" EMAIL ", "NAME", "EINRICHTUNG", "ART DER ADRESSE", "SPRACHE"], [A, N, ORG, K, L]),
        (["Name", "Name der Einrichtung", "Mail"], [N, ORG, A]),
        (["E-Mail (dienstlich)", "Ansprechpartner/in", "Kirchengemeinde"], [A, N, ORG]),
        (["E-Mail dienstlich", "Name, Vorname", "Dienststelle"], [A, N, ORG]),
        (["lfd. Nr.", "Kunden-Nr.", "Firma", "Anzeigename", "E_Mail"], [None, None, ORG, N, A]),
        (["Telefon", "Straße", "PLZ"], [TEL, None, None]),
        (["Tel.-Nr.", "Telefax", "Handy"], [TEL, None, None]),
        (["Phone number (work)", "Contact", "E-mail"], [TEL, N, A]),
        (["", "E-Mail", "E-Mail"], [None, A, None]),
    ],
)
def test_headings_announce_columns(headings: list[str], columns: list[Column | None]) -> None:
    expected = {column: place for place, column in enumerate(columns) if column}
    assert columns_in(headings) == expected


def test_each_layout_has_a_digest_of_its_own() -> None:
    layout = Layout(1, {A: 0, N: 1}, "Kita")
    assert Layout(1, {N: 1, A: 0}, "Kita").digest == layout.digest
    others = [Layout(2, {A: 0, N: 1}, "Kita"), Layout(1, {A: 1, N: 0}, "Kita"), Layout(1, {A: 0, N: 1}, "")]
    assert len({each.digest for each in (layout, *others)}) == 1 + len(others)


def test_every_word_for_a_column_is_recognised() -> None:
    for column, words in HEADINGS.items():
        for word in words:
            assert columns_in([word.upper()]) == {column: 0}


@given(st.lists(st.text(max_size=20), max_size=12))
def test_no_column_holds_two_things_whatever_it_is_called(headings: list[str]) -> None:
    places = list(columns_in(headings).values())
    assert len(places) == len(set(places))
    assert all(0 <= place < len(headings) for place in places)


def test_headings_need_not_stand_in_the_first_line() -> None:
    rows = [
        ["Zugänge des Kirchenkreises"],
        [],
        ["Stand: 1.11.2026", ""],
        ["Name", "E-Mail", "Einrichtung"],
        ["a", "b@c.de", "d"],
    ]
    assert layout_of(rows) == Layout(4, {N: 0, A: 1, ORG: 2})


def test_a_table_without_headings_is_told_by_its_addresses() -> None:
    assert layout_of([["Anna", "anna@example.org"], ["Bert", "bert@example.org"]]) == Layout(0, {A: 1})


def test_an_address_column_of_another_name_is_told_by_sight() -> None:
    rows = [["Name", "Erreichbar unter", "Einrichtung"], ["Anna", "anna@example.org", "Kita"]]
    assert layout_of(rows) == Layout(1, {N: 0, ORG: 2, A: 1})


def test_nothing_is_told_of_nothing() -> None:
    assert layout_of([]) == Layout()


@pytest.mark.parametrize(
    ("layout", "missing"),
    [
        (Layout(), [A, N, ORG]),
        (Layout(1, {A: 0, N: 1, ORG: 2}), []),
        (Layout(1, {A: 0, F: 1, ORG: 2}), []),
        (Layout(1, {A: 0, N: 1}), [ORG]),
        (Layout(1, {A: 0, N: 1}, "Kita Probstadt"), []),
    ],
)
def test_what_no_row_can_do_without_is_missed(layout: Layout, missing: list[Column]) -> None:
    assert layout.missing == missing
