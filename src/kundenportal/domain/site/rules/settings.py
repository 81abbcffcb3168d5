"""What an editor says of the portal and its operator; every page and every mail shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from kundenportal.kernel.telephones import telephone_uri

from .colours import Ground
from .holidays import State, holiday_names
from .hours import Calendar, SpecialDay, Week, hours_in, hours_words

PORTAL_NAME_MAX_LENGTH = 60
OPERATOR_NAME_MAX_LENGTH = 100
TELEPHONE_MAX_LENGTH = 40
NOTE_MAX_LENGTH = 300
MOST_SPECIAL_DAYS = 200
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Site:
    """The portal's name and colours, who operates it, how the service desk is reached, and when."""

    portal_name: str
    operator_name: str
    email: str
    telephone: str
    charges_de: str
    charges_en: str
    week: Week
    state: State
    special_days: tuple[SpecialDay, ...] = ()
    colour_light: str = ""  # the portal's own where nothing is said
    colour_dark: str = ""
    logo: str = ""  # its file's name; the portal's own emblem where there is none

    @property
    def telephone_uri(self) -> str:
        """What a telephone dials."""
        return telephone_uri(self.telephone)

    @property
    def brand(self) -> dict[Ground, str]:
        """The brand colours there are, by what they are seen on."""
        colours = {Ground.LIGHT: self.colour_light, Ground.DARK: self.colour_dark}
        return {ground: colour for ground, colour in colours.items() if colour}

    def charges(self, language: str) -> str:
        """The note on what a call costs, in that language or in the one there is."""
        notes = (self.charges_en, self.charges_de) if language == "en" else (self.charges_de, self.charges_en)
        return notes[0] or notes[1]

    def calendar(self, language: str) -> Calendar:
        """When the service desk is there; holidays are named in that language."""
        return self._calendars[language]

    @cached_property
    def _calendars(self) -> dict[str, Calendar]:
        return {
            language: Calendar(self.week, self.special_days, holiday_names(self.state, language))
            for language in ("de", "en")
        }


def week_in(entries: list[str]) -> Week:
    """The week as it is kept, one text for each day."""
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = map(hours_in, entries)
    return (monday, tuesday, wednesday, thursday, friday, saturday, sunday)


def week_words(week: Week) -> list[str]:
    """The same, the other way round."""
    return [hours_words(hours) for hours in week]


def special_day_in(kept: dict[str, str]) -> SpecialDay:
    """A special day as it is kept: 2026-12-24, or --12-24 for every year (ISO 8601)."""
    every_year = kept["day"].startswith("--")
    # Of a leap year, so that 29 February is a date.
    day = date.fromisoformat(f"2000-{kept['day'][2:]}" if every_year else kept["day"])
    return SpecialDay(day, every_year, hours_in(kept["hours"]), kept["reason"])


def special_day_words(special: SpecialDay) -> dict[str, str]:
    """The same, the other way round."""
    day = f"--{special.day:%m-%d}" if special.every_year else special.day.isoformat()
    return {"day": day, "hours": hours_words(special.hours), "reason": special.reason}


# What the portal says until an editor has said something else: the first operator's facts, from its help page.
EXAMPLE = Site(
    portal_name="Kundenportal COMRAMO",
    operator_name="COMRAMO",
    email="hr@comramo.de",
    telephone="+49 511 12401-769",
    charges_de="Für Sie entstehen nur die Telefongebühren Ihres Anbieters. "
    "Außerhalb dieser Zeiten stehen wir für eine qualifizierte Aufnahme bereit.",
    charges_en="You pay no more than your own telephone provider charges. "
    "Outside these hours we take a note of your request.",
    week=week_in(["7:00–17:00"] * 5 + [""] * 2),
    state=State.NI,
)
