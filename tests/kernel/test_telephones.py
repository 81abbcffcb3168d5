"""Telephone numbers as people write them."""

from __future__ import annotations

import pytest

from kundenportal.kernel.telephones import is_telephone, telephone_uri


@pytest.mark.parametrize(
    ("telephone", "uri"),
    [
        ("+49 511 12401-769", "tel:+4951112401769"),
        ("(0511) 12 34/56", "tel:0511123456"),
        # Whoever dials the country leaves out the zero in brackets.
        ("+49 (0)511 12401\u2013769", "tel:+4951112401769"),
    ],
)
def test_a_number_is_dialled_without_what_makes_it_easier_to_read(telephone: str, uri: str) -> None:
    assert is_telephone(telephone)
    assert telephone_uri(telephone) == uri


@pytest.mark.parametrize("entry", ["", "rufen Sie an", "+-/ ()", "0511 x", "12", "a@example.org", "0511 1234;ext=5"])
def test_what_nobody_could_dial_is_no_number(entry: str) -> None:
    assert not is_telephone(entry)
