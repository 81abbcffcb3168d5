"""How a verdict and its reasons are worded: on the pages, on the command line and in the file that goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .rules.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    Reason.ORGANISATION_ADDED: gettext_lazy("The organisation is added."),
    Reason.ADDRESS_DOUBTFUL: gettext_lazy("Is the address right? Perhaps %(detail)s is meant."),
    Reason.KIND_GUESSED: gettext_lazy("Taken for the address of an office; please check."),
    Reason.KIND_UNKNOWN: gettext_lazy("The kind of address is not understood; please check."),
    Reason.LANGUAGE_UNKNOWN: gettext_lazy("The language is not understood; letters are in German."),
    Reason.NAME_GARBLED: gettext_lazy("The name looks as if its umlauts were damaged."),
    Reason.SUSPENDED: gettext_lazy("This access is suspended, and stays so."),
    Reason.ADDRESS_MISSING: gettext_lazy("There is no e-mail address."),
    Reason.ADDRESS_MALFORMED: gettext_lazy("This is not an e-mail address."),
    Reason.ADDRESS_REPEATED: gettext_lazy("The same address stands in row %(detail)s."),
    Reason.NAME_MISSING: gettext_lazy("There is no name."),
    Reason.NAME_TOO_LONG: gettext_lazy("The name is too long."),
    Reason.ORGANISATION_MISSING: gettext_lazy("There is no organisation."),
    Reason.ORGANISATION_TOO_LONG: gettext_lazy("The organisation's name is too long."),
    Reason.STAFF: gettext_lazy("This address belongs to a member of staff; an import does not change it."),
    Reason.FAULT: gettext_lazy("A fault of ours has kept this row from being imported."),
}


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
