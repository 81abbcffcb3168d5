"""Public holidays of the federal states, by name."""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

# The library's folders load all 250 countries and every calendar there is, 10 MB in every process; entered like this
# they load none, and what Germany takes from the second is put there by hand.
if _library := find_spec("holidays"):
    for _folder in ("holidays.calendars", "holidays.groups", "holidays.countries"):
        _found = PathFinder.find_spec(_folder, _library.submodule_search_locations)
        if _folder not in sys.modules and _found:
            sys.modules[_folder] = module_from_spec(_found)
from holidays.groups.christian import ChristianHolidays
from holidays.groups.custom import StaticHolidays
from holidays.groups.international import InternationalHolidays

for _group in (ChristianHolidays, InternationalHolidays, StaticHolidays):
    setattr(sys.modules["holidays.groups"], _group.__name__, _group)
from holidays.countries.germany import Germany  # noqa: E402 - once that is there

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

_LANGUAGES = {"de": "de", "en": "en_US"}


class State(StrEnum):
    """The federal states, as ISO 3166-2 abbreviates them."""

    BW = "BW"
    BY = "BY"
    BE = "BE"
    BB = "BB"
    HB = "HB"
    HH = "HH"
    HE = "HE"
    MV = "MV"
    NI = "NI"
    NW = "NW"
    RP = "RP"
    SL = "SL"
    SN = "SN"
    ST = "ST"
    SH = "SH"
    TH = "TH"


def holiday_names(state: State, language: str) -> Callable[[date], str]:
    """What names the public holiday of a day in that state; empty where the day is none."""

    def holiday(day: date) -> str:
        return _of_year(state, language, day.year).get(day, "")

    return holiday


# A year at a time and complete: the library's own dictionary grows while it is read, and threads share it.
@lru_cache(maxsize=16)
def _of_year(state: State, language: str, year: int) -> Mapping[date, str]:
    return dict(Germany(subdiv=state.value, years=year, expand=False, language=_LANGUAGES[language]))
