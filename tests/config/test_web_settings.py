"""What an operator sets of sessions and hashes reaches Django."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .processes import python

if TYPE_CHECKING:
    from pathlib import Path

ASKED = """
import json
from kundenportal.config import settings
print(json.dumps([settings.SESSION_COOKIE_AGE, settings.SESSION_ABSOLUTE_AGE, settings.HASHING_PASSES]))
"""


@pytest.mark.parametrize(
    ("variables", "seconds_and_passes"),
    [
        ({}, [1_800, 43_200, 2]),
        ({"SESSION_MINUTES": "15", "SESSION_HOURS": "8", "HASHING_PASSES": "3"}, [900, 28_800, 3]),
    ],
)
def test_how_long_sessions_last_and_what_hashes_cost_is_up_to_the_operator(
    data_dir: Path, variables: dict[str, str], seconds_and_passes: list[int]
) -> None:
    said, complaints = python(ASKED, DATA_DIR=data_dir, SECRET_KEY="k" * 40, **variables).communicate()
    assert said, complaints
    assert json.loads(said) == seconds_and_passes
