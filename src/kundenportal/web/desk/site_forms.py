"""What an editor says of the portal, as it is entered."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from math import floor
from typing import TYPE_CHECKING

from django import forms
from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenportal.domain.site import operations
from kundenportal.domain.site.rules.colours import ColourMalformed, Ground, colour_in
from kundenportal.domain.site.rules.holidays import State
from kundenportal.domain.site.rules.hours import REASON_MAX_LENGTH, HoursUnclear, SpecialDay, hours_in, hours_words
from kundenportal.domain.site.rules.settings import (
    MOST_SPECIAL_DAYS,
    NOTE_MAX_LENGTH,
    OPERATOR_NAME_MAX_LENGTH,
    PORTAL_NAME_MAX_LENGTH,
    TELEPHONE_MAX_LENGTH,
    WEEKDAYS,
    Site,
)
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH
from kundenportal.web.shared.sentences import NOT_AN_ADDRESS, TOO_LONG

from .words import SETTINGS, STATES_OF_GERMANY

if TYPE_CHECKING:
    from datetime import date

    from django.http import QueryDict
    from django_stubs_ext import StrPromise

    from kundenportal.domain.site.rules.hours import Hours
    from kundenportal.kernel.refusal import Refusal

ENTRY_MAX_LENGTH = 100
UNCLEAR = gettext_lazy("Please enter hours such as 7:00–17:00 or 8:00–12:00, 13:00–16:30; nothing means closed.")
BLANK_ROWS, MORE_ROWS = 1, 3
# Texts first; the rest is made from several fields, or is no text.
TEXTS = (
    "portal_name",
    "operator_name",
    "email",
    "telephone",
    "charges_de",
    "charges_en",
    "colour_light",
    "colour_dark",
)
COLOURS = {Ground.LIGHT: "colour_light", Ground.DARK: "colour_dark"}


class HoursField(forms.CharField):
    """The hours of a day in one line; nothing means closed."""

    def __init__(self, label: str | StrPromise) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=ENTRY_MAX_LENGTH,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"max_length": TOO_LONG},
        )

    def clean(self, value: str) -> Hours:
        """The spans."""
        try:
            return hours_in(super().clean(value))
        except HoursUnclear:
            raise forms.ValidationError(UNCLEAR, code="unclear") from None


class ColourField(forms.CharField):
    """A brand colour; nothing means the portal's own."""

    def __init__(self, label: str | StrPromise) -> None:
        super().__init__(
            label=label,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def clean(self, value: str) -> str:
        """The colour as #rrggbb."""
        entry = super().clean(value)
        try:
            return colour_in(entry) if entry else ""
        except ColourMalformed:
            raise forms.ValidationError(_("Please enter a colour such as #23487f."), code="malformed") from None


def _text(
    name: str, most: int, missing: str | StrPromise = "", *, rows: int = 0, help_text: str | StrPromise = ""
) -> forms.CharField:
    """A line of text, or a few of them; one that may be left out where nothing is said if it is missing."""
    in_rows = forms.Textarea(attrs={"rows": rows, "lang": name[-2:]})
    return forms.CharField(
        label=SETTINGS[name],
        max_length=most,
        required=bool(missing),
        help_text=help_text,
        widget=in_rows if rows else forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": missing, "max_length": TOO_LONG},
    )


class SiteForm(forms.Form):
    """Everything but the days that differ, which are rows of their own."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    portal_name = _text("portal_name", PORTAL_NAME_MAX_LENGTH, gettext_lazy("Please enter the name of the portal."))
    operator_name = _text(
        "operator_name",
        OPERATOR_NAME_MAX_LENGTH,
        gettext_lazy("Please enter the operator’s name."),
        help_text=gettext_lazy("Stands at the foot of every page, and under every e-mail."),
    )
    email = forms.EmailField(
        label=SETTINGS["email"],
        max_length=ADDRESS_MAX_LENGTH,
        help_text=gettext_lazy("Replies to the portal’s e-mails go there, too."),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Please enter the e-mail address."),
            "invalid": NOT_AN_ADDRESS,
            "max_length": TOO_LONG,
        },
    )
    telephone = _text(
        "telephone",
        TELEPHONE_MAX_LENGTH,
        gettext_lazy("Please enter the telephone number."),
        help_text=gettext_lazy("As it should be read, such as +49 511 12345-67."),
    )
    charges_de = _text("charges_de", NOTE_MAX_LENGTH, rows=3)
    charges_en = _text("charges_en", NOTE_MAX_LENGTH, rows=3)
    state = forms.TypedChoiceField(
        label=SETTINGS["state"],
        choices=STATES_OF_GERMANY.items,
        coerce=State,
        help_text=gettext_lazy("Its public holidays count as closed."),
    )
    colour_light = ColourField(SETTINGS["colour_light"])
    colour_dark = ColourField(SETTINGS["colour_dark"])

    # A picture is kept as soon as it is uploaded, and its name goes along: browsers do not send a file a second time.
    logo = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    logo_file = forms.FileField(
        label=SETTINGS["logo"],
        required=False,
        help_text=gettext_lazy("PNG, JPEG or WebP, up to 2 MB. Stands before the portal’s name, which stays."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    no_logo = forms.BooleanField(label=gettext_lazy("No logo, but the portal’s own emblem"), required=False)

    def __init__(self, data: QueryDict | None = None, initial: dict[str, object] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.shades: dict[str, str] = {}
        for number, weekday in enumerate(WEEKDAYS):
            self.fields[weekday] = HoursField(WEEKDAY_NAMES[number])

    @classmethod
    def of(cls, site: Site, *, version: int) -> SiteForm:
        """The form as the settings are now."""
        hours = {weekday: hours_words(site.week[number]) for number, weekday in enumerate(WEEKDAYS)}
        texts = {name: getattr(site, name) for name in TEXTS}
        return cls(initial={**texts, **hours, "state": site.state, "logo": site.logo, "version": version})

    @property
    def weekdays(self) -> list[forms.BoundField]:
        """The fields of the week, in its order."""
        return [self[weekday] for weekday in WEEKDAYS]

    @property
    def colour_fields(self) -> list[dict[str, object]]:
        """The brand colours, each with the shade that is offered in place of one that cannot be read."""
        return [
            {"field": self[name], "takes": f"take_{name}", "shade": self.shades.get(name)} for name in COLOURS.values()
        ]

    def site(self, before: Site, special_days: tuple[SpecialDay, ...]) -> Site:
        """The settings that were entered."""
        entered = self.cleaned_data
        monday, tuesday, wednesday, thursday, friday, saturday, sunday = (entered[weekday] for weekday in WEEKDAYS)
        return replace(
            before,
            **{name: entered[name] for name in TEXTS},
            week=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
            state=entered["state"],
            special_days=special_days,
            logo="" if entered["no_logo"] else entered["logo"],
        )

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `operations.valid` at the field it belongs to."""
        match refusal:
            case operations.SettingMissing():
                self.add_error(refusal.setting, self.fields[refusal.setting].error_messages["required"])
            case operations.AddressMalformed():
                self.add_error("email", self.fields["email"].error_messages["invalid"])
            case operations.TelephoneMalformed():
                self.add_error("telephone", _("Please enter a telephone number, such as +49 511 12345-67."))
            case operations.LogoUnreadable() | operations.LogoMissing():
                self.add_error("logo_file", _("This is no picture the portal can show. Please choose another file."))
            case operations.ColourUnreadable():
                self.shades[COLOURS[refusal.ground]] = refusal.nearest
                self.add_error(
                    COLOURS[refusal.ground],
                    _("Text in this colour could not be read by everybody: %(contrast)s to 1, and 4.5 to 1 is needed. "
                      "The nearest shade that can be read is %(shade)s.")
                    % {"contrast": number_format(floor(refusal.contrast * 10) / 10, 1), "shade": refusal.nearest},
                )  # fmt: skip
            case _:
                raise refusal


class SpecialDayForm(forms.Form):
    """A day whose hours are not those of its weekday; a row in which nothing is entered is none."""

    day = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("Please enter a day, such as 24.12.2026.")},
    )
    every_year = forms.BooleanField(label=gettext_lazy("every year"), required=False)
    hours = HoursField(gettext_lazy("Hours"))
    reason = forms.CharField(
        label=gettext_lazy("Occasion"),
        required=False,
        max_length=REASON_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )

    def clean(self) -> None:
        """Hours or a reason without a day would be lost."""
        entered = super().clean() or {}
        if not self.errors and not entered.get("day") and (entered.get("hours") or entered.get("reason")):
            self.add_error("day", _("Please say which day is meant."))


_FormSet = forms.formset_factory(
    SpecialDayForm, extra=BLANK_ROWS, max_num=MOST_SPECIAL_DAYS, absolute_max=MOST_SPECIAL_DAYS, validate_max=True
)


class SpecialDays(_FormSet):  # type: ignore[misc, valid-type]  # made by Django's factory
    """The rows of the days that differ, and an empty one."""

    def __init__(self, data: QueryDict | None = None, initial: list[dict[str, object]] | None = None) -> None:
        super().__init__(data, initial=initial, prefix="days")

    @property
    def rows_with_errors(self) -> list[SpecialDayForm]:
        """The rows in which something is wrong."""
        return [row for row in self.forms if self.is_bound and row.errors]

    @property
    def entered(self) -> tuple[SpecialDay, ...]:
        """The days that were entered, in their order; of two rows for the same day the later one counts."""
        rows = (row.cleaned_data for row in self.forms if row.cleaned_data.get("day"))
        days = {
            (row["every_year"], _kept(row["day"], every_year=row["every_year"])): SpecialDay(
                _kept(row["day"], every_year=row["every_year"]), row["every_year"], row["hours"], row["reason"].strip()
            )
            for row in rows
        }
        return tuple(sorted(days.values(), key=lambda special: (not special.every_year, special.day)))


def special_days_of(site: Site, *, today: date) -> SpecialDays:
    """A row for each special day, and an empty one."""
    return SpecialDays(
        initial=[
            {
                "day": _shown(special, today=today),
                "every_year": special.every_year,
                "hours": hours_words(special.hours),
                "reason": special.reason,
            }
            for special in site.special_days
        ],
    )


def with_more_rows(data: QueryDict) -> QueryDict:
    """What was entered, with some empty rows more."""
    more = data.copy()
    total = data.get("days-TOTAL_FORMS", "")
    if total.isascii() and total.isdigit():
        more["days-TOTAL_FORMS"] = str(min(int(total[:4]) + MORE_ROWS, MOST_SPECIAL_DAYS))
    return more


def _kept(day: date, *, every_year: bool) -> date:
    # As it is read again: of a leap year, see `rules.settings.special_day_in`.
    return day.replace(year=2000) if every_year else day


def _shown(special: SpecialDay, *, today: date) -> date:
    """A day of every year is shown as the next one, which 29 February may be years away."""
    if not special.every_year:
        return special.day
    days = (special.day.replace(year=year) for year in count(today.year) if _exists(special.day, year))
    return next(day for day in days if day >= today)


def _exists(day: date, year: int) -> bool:
    try:
        day.replace(year=year)
    except ValueError:
        return False
    return True
