"""How a verdict and its reasons are worded: on the pages, on the command line and in the file that goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .rules import files
from .rules.columns import Column
from .rules.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_stubs_ext import StrPromise

    from .rules.verdicts import Finding

VERDICTS = {
    Verdict.NEW: gettext_lazy("new"),
    Verdict.CHANGED: gettext_lazy("changed"),
    Verdict.UNCHANGED: gettext_lazy("unchanged"),
    Verdict.WARNING: gettext_lazy("please check"),
    Verdict.ERROR: gettext_lazy("error"),
}
REASONS = {
    Reason.OPENED: gettext_lazy("New access."),
    Reason.NAME_CHANGED: gettext_lazy("The name is changed."),
    Reason.KIND_CHANGED: gettext_lazy("The kind of address is changed."),
    Reason.LANGUAGE_CHANGED: gettext_lazy("The language is changed."),
    Reason.TELEPHONE_CHANGED: gettext_lazy("The telephone number is changed."),
    Reason.ORGANISATION_ADDED: gettext_lazy("The organisation is added."),
    Reason.ADDRESS_DOUBTFUL: gettext_lazy("Is the address right? Perhaps %(detail)s is meant."),
    Reason.KIND_GUESSED: gettext_lazy("Taken for the address of an office; please check."),
    Reason.KIND_UNKNOWN: gettext_lazy("The kind of address is not understood; please check."),
    Reason.LANGUAGE_UNKNOWN: gettext_lazy("The language is not understood; letters are in German."),
    Reason.TELEPHONE_UNKNOWN: gettext_lazy("The telephone number is not understood and left out."),
    Reason.NAME_GARBLED: gettext_lazy("The name looks as if its umlauts were damaged."),
    Reason.SUSPENDED: gettext_lazy("This access is suspended, and stays so."),
    Reason.ADDRESS_MISSING: gettext_lazy("There is no e-mail address."),
    Reason.ADDRESS_MALFORMED: gettext_lazy("This is not an e-mail address."),
    Reason.ADDRESS_REPEATED: gettext_lazy("The same address stands in row %(detail)s."),
    Reason.NAME_MISSING: gettext_lazy("There is no name."),
    Reason.NAME_TOO_LONG: gettext_lazy("The name is too long."),
    Reason.ORGANISATION_MISSING: gettext_lazy("There is no organisation."),
    Reason.ORGANISATION_TOO_LONG: gettext_lazy("The organisation’s name is too long."),
    Reason.STAFF: gettext_lazy("This address belongs to a member of staff; an import does not change it."),
    Reason.FAULT: gettext_lazy("A fault of ours has kept this row from being imported."),
}

COLUMNS = {
    Column.ADDRESS: gettext_lazy("E-mail address"),
    Column.NAME: gettext_lazy("Name"),
    Column.FIRST_NAME: gettext_lazy("First name"),
    Column.ORGANISATION: gettext_lazy("Organisation"),
    Column.KIND: gettext_lazy("Kind of address"),
    Column.LANGUAGE: gettext_lazy("Language"),
    Column.TELEPHONE: gettext_lazy("Telephone number"),
}
REFUSALS: dict[type[files.TableRefused], StrPromise] = {
    files.FileEmpty: gettext_lazy("The file is empty."),
    files.NoRows: gettext_lazy("There is no row below the headings."),
    files.FileTooLarge: gettext_lazy("The file is larger than 20 MB. Please divide it into several."),
    files.NotATable: gettext_lazy("This is no table. Please save it as an Excel workbook (.xlsx) or as CSV."),
    files.OldOrLocked: gettext_lazy(
        "The workbook is of the old kind (.xls) or under a password. Please save it as .xlsx without a password."
    ),
    files.FileDamaged: gettext_lazy("The workbook is damaged and cannot be opened. Please save it once more."),
    files.EncodingUnknown: gettext_lazy(
        "The text of the file cannot be read. Please save it as CSV in UTF-8, or as an Excel workbook (.xlsx)."
    ),
    files.QuoteNotClosed: gettext_lazy("A quotation mark in the file is opened and never closed."),
    files.TooManyRows: gettext_lazy("The table has more than 200,000 rows. Please divide it into several."),
    files.TooManyColumns: gettext_lazy("The table has more than 200 columns. Please delete those nobody needs."),
}


def refusal_in_words(refusal: files.TableRefused) -> str:
    """Why a file cannot be read, and what helps."""
    return str(REFUSALS[type(refusal)])


def column_in_words(column: Column) -> str:
    """What the column holds."""
    return str(COLUMNS[column])


def verdict_in_words(verdict: Verdict) -> str:
    """The verdict, in the present language."""
    return str(VERDICTS[verdict])


def reasons_in_words(findings: Sequence[Finding]) -> str:
    """Every reason, in the present language, one sentence after the other."""
    return " ".join(_sentence(finding) for finding in findings)


def headings() -> tuple[str, str]:
    """What the columns with the result are called."""
    return _("Result"), _("Reason")


def result_in_words(verdict: Verdict, is_done: bool, findings: Sequence[Finding]) -> tuple[str, str]:  # noqa: FBT001
    """What stands in the columns with the result: of a row that was not reached, that it was not."""
    if is_done:
        return verdict_in_words(verdict), reasons_in_words(findings)
    return _("not imported"), _("The import was ended before it came to this row.")


def _sentence(finding: Finding) -> str:
    if finding.reason is Reason.ADDRESS_MALFORMED and finding.detail:
        return str(_("This is not an e-mail address. Perhaps %(detail)s is meant.") % {"detail": finding.detail})
    sentence = str(REASONS[finding.reason])
    return sentence % {"detail": finding.detail} if finding.detail else sentence
