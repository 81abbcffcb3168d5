"""What an import makes of a row, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Verdict(StrEnum):
    """What becomes of a row: everything but an error is imported."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WARNING = "warning"
    ERROR = "error"


class Reason(StrEnum):
    """Why, as a code; `words` words it."""

    # What is done, or would be.
    OPENED = "opened"
    NAME_CHANGED = "name_changed"
    KIND_CHANGED = "kind_changed"
    LANGUAGE_CHANGED = "language_changed"
    TELEPHONE_CHANGED = "telephone_changed"
    ORGANISATION_ADDED = "organisation_added"
    # What should be looked at; the row is imported all the same.
    ADDRESS_DOUBTFUL = "address_doubtful"  # with the address probably meant
    KIND_GUESSED = "kind_guessed"
    KIND_UNKNOWN = "kind_unknown"
    LANGUAGE_UNKNOWN = "language_unknown"
    TELEPHONE_UNKNOWN = "telephone_unknown"
    NAME_GARBLED = "name_garbled"
    SUSPENDED = "suspended"
    # What keeps a row from being imported.
    ADDRESS_MISSING = "address_missing"
    ADDRESS_MALFORMED = "address_malformed"
    ADDRESS_REPEATED = "address_repeated"  # with the row that came first
    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    ORGANISATION_MISSING = "organisation_missing"
    ORGANISATION_TOO_LONG = "organisation_too_long"
    STAFF = "staff"
    FAULT = "fault"


ERRORS = frozenset(
    {
        Reason.ADDRESS_MISSING,
        Reason.ADDRESS_MALFORMED,
        Reason.ADDRESS_REPEATED,
        Reason.NAME_MISSING,
        Reason.NAME_TOO_LONG,
        Reason.ORGANISATION_MISSING,
        Reason.ORGANISATION_TOO_LONG,
        Reason.STAFF,
        Reason.FAULT,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, and what it is about where the code alone does not say; that stands on one line."""

    reason: Reason
    detail: str = ""


def written(findings: Iterable[Finding]) -> str:
    """The findings as they are stored: a line for each."""
    return "\n".join(f"{finding.reason}:{finding.detail}".rstrip(":") for finding in findings)


def read(lines: str) -> tuple[Finding, ...]:
    """The findings that were written down like this."""
    parts = (line.partition(":") for line in lines.split("\n") if line)
    return tuple(Finding(Reason(reason), detail) for reason, _, detail in parts)


@dataclass(frozen=True, slots=True)
class Wish:
    """How a row wants an account to be; an empty kind, language or telephone number is none of its business."""

    name: str
    kind: str
    language: str
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The account of that address as it is."""

    name: str
    kind: str
    language: str
    telephone: str
    is_staff: bool
    is_suspended: bool
    has_signed_in: bool
    acts_for_it: bool  # whether it belongs to the row's organisation


def decide(findings: Sequence[Finding], wish: Wish, known: Known | None) -> tuple[Verdict, tuple[Finding, ...]]:
    """The verdict on a row in which this was found, and every reason for it."""
    if known and known.is_staff:
        findings = (*findings, Finding(Reason.STAFF))
    errors = tuple(finding for finding in findings if finding.reason in ERRORS)
    if errors:
        return Verdict.ERROR, errors
    if known is None:
        return _verdict((Finding(Reason.OPENED),), tuple(findings))
    deeds = tuple(map(Finding, _differences(wish, known)))
    if not deeds:
        return Verdict.UNCHANGED, ()
    # A guess is for new accounts: it changes nobody.
    warnings = [finding for finding in findings if finding.reason is not Reason.KIND_GUESSED]
    if known.is_suspended:
        warnings.append(Finding(Reason.SUSPENDED))
    return _verdict(deeds, tuple(warnings))


def _verdict(deeds: tuple[Finding, ...], warnings: tuple[Finding, ...]) -> tuple[Verdict, tuple[Finding, ...]]:
    if warnings:
        return Verdict.WARNING, deeds + warnings
    return (Verdict.NEW if deeds[0].reason is Reason.OPENED else Verdict.CHANGED), deeds


def _differences(wish: Wish, known: Known) -> Iterable[Reason]:
    if wish.name != known.name:
        yield Reason.NAME_CHANGED
    if wish.kind and wish.kind != known.kind:
        yield Reason.KIND_CHANGED
    # From the first sign-in on, the language is its owner's to choose.
    if wish.language and wish.language != known.language and not known.has_signed_in:
        yield Reason.LANGUAGE_CHANGED
    if wish.telephone and wish.telephone != known.telephone:
        yield Reason.TELEPHONE_CHANGED
    if not known.acts_for_it:
        yield Reason.ORGANISATION_ADDED
