"""What was asked of the database for a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test.utils import CaptureQueriesContext

BY_THE_CLOCK = re.compile(r'FROM "(site_settings|maintenance_window)"')


def asked(queries: CaptureQueriesContext) -> list[str]:
    """The statements, but for what every process asks every two seconds, whatever page it makes."""
    return [query["sql"] for query in queries.captured_queries if not BY_THE_CLOCK.search(query["sql"])]
