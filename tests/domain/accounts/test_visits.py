"""From when on news are new to somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import NOW
from kundenportal.domain.accounts.rules import news_count_from

if TYPE_CHECKING:
    from datetime import datetime

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("opened_at", "last_visit_at", "since"),
    [(NOW, None, NOW), (NOW, NOW + DAY, NOW + DAY), (NOW, NOW + 30 * DAY, NOW + 30 * DAY)],
)
def test_news_are_new_since_the_last_visit_or_on_the_first_since_access_was_opened(
    opened_at: datetime, last_visit_at: datetime | None, since: datetime
) -> None:
    assert news_count_from(opened_at=opened_at, last_visit_at=last_visit_at) == since
