"""Public holidays of the federal states, by name."""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

# The library's folder of countries loads all 250 of them, 7 MB in every process; entered like this it loads none.
if "holidays.countries" not in sys.modules and (_countries := find_spec("holidays.countries")):
    sys.modules[_countries.name] = module_from_spec(_countries)
from holidays.countries.germany import Germany

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
