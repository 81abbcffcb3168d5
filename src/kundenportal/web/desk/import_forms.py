from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenportal.domain.imports import operations as imports
from kundenportal.domain.imports import words
from kundenportal.domain.imports.rules.columns import REQUIRED, Column
from kundenportal.domain.imports.rules.files import TableRefused
from kundenportal.domain.imports.rules.runs import FILE_MAX_BYTES, Letters
from kundenportal.domain.organisations import operations as organisations
from kundenportal.domain.organisations.rules import NAME_MAX_LENGTH as ORGANISATION_NAME_MAX_LENGTH
from kundenportal.web.shared.sentences import TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from kundenportal.kernel.refusal import Refusal

HINTS = {
    Column.FIRST_NAME: gettext_lazy("Where it stands in a column of its own, it is put in front of the name."),
    Column.ORGANISATION: gettext_lazy("An organisation not yet known is added."),
    Column.KIND: gettext_lazy("Such as personal or institutional; without it, addresses such as buero@ are guessed."),
    Column.TELEPHONE: gettext_lazy("Where we call back to make sure who is calling."),
    Column.LANGUAGE: gettext_lazy("Such as de or en; without it, letters are in German."),
}
NO_SUCH_ROW = gettext_lazy("Please choose one of the first rows.")
LETTERS = {
    Letters.NOW: gettext_lazy("at once"),
    Letters.ON_A_DATE: gettext_lazy("on a date, from 8 o’clock in the morning"),
    Letters.NEVER: gettext_lazy("not at all; the service desk sends each of them later"),
}


class UploadForm(forms.Form):
    """The customer's table."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("An Excel workbook (.xlsx) or CSV, at most 20 MB and 200,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        allow_empty_file=True,  # what is wrong with it is said in our own words
        error_messages={
            "required": gettext_lazy("Please choose a file."),
            "max_length": gettext_lazy("The file’s name is too long."),
        },
    )

    def clean_file(self) -> UploadedFile[bytes]:
        """Refuses what is too large before it is read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if file.size and file.size > FILE_MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB. Please divide it into several."))
        return file

    def say_why_not(self, refusal: TableRefused) -> None:
        """Puts the sentence for a refusal of `upload` at the field."""
        self.add_error("file", words.refusal_in_words(refusal))


class HeadingsForm(forms.Form):
    """Which row holds the headings."""

    CELLS_SHOWN = 4

    heading_row = forms.TypedChoiceField(
        label=gettext_lazy("The headings stand in"), coerce=int, error_messages={"invalid_choice": NO_SUCH_ROW}
    )

    def __init__(
        self, data: Mapping[str, str] | None, *, rows: Sequence[tuple[int, Sequence[str]]], chosen: int
    ) -> None:
        super().__init__(data, initial={"heading_row": chosen})
        offers = [(number, self._offer(number, cells)) for number, cells in rows]
        field = cast("forms.TypedChoiceField", self.fields["heading_row"])
        field.choices = [*offers, (0, _("no row: the file begins with data"))]

    @classmethod
    def _offer(cls, number: int, cells: Sequence[str]) -> str:
        beginning = [cell for cell in cells if cell][: cls.CELLS_SHOWN]
        return _("row %(number)d: %(cells)s") % {"number": number, "cells": ", ".join(beginning)}

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `choose_headings` at the field."""
        match refusal:
            case imports.NoSuchRow():
                self.add_error("heading_row", NO_SUCH_ROW)
            case TableRefused():
                self.add_error("heading_row", words.refusal_in_words(refusal))
            case _:
                raise refusal


class _ColumnField(forms.ChoiceField):
    """A choice that is not called optional though it may stay empty: the domain knows what replaces it."""

    def validate(self, value: str) -> None:
        """Refuses only what is not among the columns."""
        if value:
            super().validate(value)


class ColumnsForm(forms.Form):
    """Which column of the table holds what."""

    use_required_attribute = False

    organisation_for_all = forms.CharField(
        label=gettext_lazy("Organisation of all rows that name none"),
        required=False,
        max_length=ORGANISATION_NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "organisation-names"}),
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(
        self, data: Mapping[str, str] | None, *, headings: Sequence[str], chosen: Mapping[Column, int]
    ) -> None:
        super().__init__(data)
        offers = [("", _("– none –")), *((str(place), name) for place, name in enumerate(named(headings)))]
        for column in Column:
            self.fields[column.value] = _ColumnField(
                label=words.column_in_words(column),
                choices=offers,
                required=column in REQUIRED,
                initial=str(chosen[column]) if column in chosen else "",
                help_text=HINTS.get(column, ""),
            )
        self.order_fields([*(column.value for column in Column), "organisation_for_all"])

    @property
    def columns(self) -> list[forms.BoundField]:
        """The questions for a column."""
        return [self[column.value] for column in Column]

    @property
    def chosen(self) -> dict[Column, int]:
        """The columns, as chosen."""
        return {column: int(place) for column in Column if (place := self.cleaned_data[column.value])}

    def clean(self) -> None:
        """Refuses one column for two things."""
        held: dict[str, Column] = {}
        for column in Column:
            place = self.cleaned_data.get(column.value)
            if place and held.setdefault(place, column) is not column:
                self.add_error(
                    column.value,
                    _("This column has been chosen already, for: %(other)s.")
                    % {"other": words.column_in_words(held[place])},
                )

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `check` at the field it belongs to."""
        match refusal:
            case imports.ColumnsMissing():
                for column in (column for column in REQUIRED if column in refusal.missing):
                    self.add_error(column.value, _("Please choose a column; no row can be imported without."))
            case organisations.OrganisationNameMissing():
                self.add_error("organisation_for_all", _("Please enter an organisation."))
            case _:
                raise refusal


class StartForm(forms.Form):
    """When the access letters go out."""

    letters = forms.TypedChoiceField(
        label=gettext_lazy("The access letters go out"),
        choices=LETTERS.items,
        coerce=Letters,
        initial=Letters.NOW,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose when the letters go out.")},
    )
    on = forms.DateField(
        label=gettext_lazy("Date"),
        help_text=gettext_lazy("Needed only if they go out on a date."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"],
        error_messages={"invalid": gettext_lazy("This is not a date.")},
    )
    # The layout that was checked when the page was made: what a colleague has checked meanwhile is not started unseen.
    seen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `start` at the field it belongs to."""
        match refusal:
            case imports.DayGone():
                self.add_error("on", _("Please enter a day to come."))
            case _:
                raise refusal


def named(headings: Sequence[str]) -> list[str]:
    """What the columns are called on the page: by their headings, or as a spreadsheet calls them."""
    return [heading or _("Column %(letters)s") % {"letters": _letters(place)} for place, heading in enumerate(headings)]


def _letters(place: int) -> str:
    return (_letters(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)  # noqa: PLR2004 - letters
