"""What becomes of a row, by what was found in it and by the account there is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kundenportal.domain.imports.rules.verdicts import (
    ERRORS,
    Finding,
    Known,
    Reason,
    Verdict,
    Wish,
    decide,
    read,
    written,
)

WISH = Wish("Anna Beispiel", "personal", "de")
SAME = Known(
    "Anna Beispiel",
    "personal",
    "de",
    "0511 123",
    is_staff=False,
    is_suspended=False,
    has_signed_in=False,
    acts_for_it=True,
)
GUESSED, DOUBTFUL = Finding(Reason.KIND_GUESSED), Finding(Reason.ADDRESS_DOUBTFUL, "a@gmail.com")
ANY_FINDINGS = st.lists(
    st.builds(Finding, st.sampled_from(Reason), st.sampled_from(["", "7", "a@b.de", "a:b"])), max_size=4
)


@pytest.mark.parametrize(
    ("findings", "known", "verdict", "reasons"),
    [
        ([], None, Verdict.NEW, ["opened"]),
        ([DOUBTFUL], None, Verdict.WARNING, ["opened", "address_doubtful"]),
        ([GUESSED], None, Verdict.WARNING, ["opened", "kind_guessed"]),
        ([Finding(Reason.NAME_MISSING), GUESSED], None, Verdict.ERROR, ["name_missing"]),
        ([], SAME, Verdict.UNCHANGED, []),
        ([DOUBTFUL, GUESSED], SAME, Verdict.UNCHANGED, []),
        ([], replace(SAME, name="Anna Muster"), Verdict.CHANGED, ["name_changed"]),
        ([], replace(SAME, kind="institutional"), Verdict.CHANGED, ["kind_changed"]),
        ([], replace(SAME, language="en"), Verdict.CHANGED, ["language_changed"]),
        ([], replace(SAME, language="en", has_signed_in=True), Verdict.UNCHANGED, []),
        ([], replace(SAME, acts_for_it=False), Verdict.CHANGED, ["organisation_added"]),
        ([Finding(Reason.TELEPHONE_UNKNOWN)], None, Verdict.WARNING, ["opened", "telephone_unknown"]),
        ([GUESSED], replace(SAME, acts_for_it=False), Verdict.CHANGED, ["organisation_added"]),
        ([DOUBTFUL], replace(SAME, acts_for_it=False), Verdict.WARNING, ["organisation_added", "address_doubtful"]),
        ([], replace(SAME, name="x", is_suspended=True), Verdict.WARNING, ["name_changed", "suspended"]),
        ([], replace(SAME, is_suspended=True), Verdict.UNCHANGED, []),
        ([], replace(SAME, is_staff=True), Verdict.ERROR, ["staff"]),
    ],
)
def test_verdicts(findings: list[Finding], known: Known | None, verdict: Verdict, reasons: list[str]) -> None:
    decided, why = decide(findings, WISH, known)
    assert (decided, [finding.reason for finding in why]) == (verdict, reasons)


def test_what_a_row_does_not_say_is_not_changed() -> None:
    assert (
        decide([], Wish("Anna Beispiel", "", ""), replace(SAME, kind="institutional", language="en"))[0]
        is Verdict.UNCHANGED
    )


def test_every_reason_is_a_deed_a_warning_or_an_error() -> None:
    deeds = {"opened", "name_changed", "kind_changed", "language_changed", "telephone_changed", "organisation_added"}
    doubts = {"address_doubtful", "kind_guessed", "kind_unknown", "language_unknown", "telephone_unknown"}
    warnings = {*doubts, "name_garbled", "suspended"}
    assert {*ERRORS, *map(Reason, warnings | deeds)} == set(Reason)
    assert not warnings & ERRORS


@given(ANY_FINDINGS)
def test_errors_are_never_imported_and_warnings_always_are(findings: list[Finding]) -> None:
    verdict, _ = decide(findings, WISH, None)
    assert (verdict is Verdict.ERROR) == any(finding.reason in ERRORS for finding in findings)


@given(ANY_FINDINGS)
def test_what_is_written_down_is_read_again(findings: list[Finding]) -> None:
    assert list(read(written(findings))) == findings


@pytest.mark.parametrize(
    ("telephone", "verdict"),
    [("", Verdict.UNCHANGED), ("0511 123", Verdict.UNCHANGED), ("0511 456", Verdict.CHANGED)],
)
def test_a_number_that_is_left_out_is_left_as_it_is(telephone: str, verdict: Verdict) -> None:
    assert decide([], replace(WISH, telephone=telephone), SAME)[0] is verdict
