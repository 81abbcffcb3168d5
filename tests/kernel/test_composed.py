"""A query that is composed once answers as the one that Django composes anew, whatever the values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import JSONObject
from django.test.utils import CaptureQueriesContext

from kundenportal.domain.organisations.models import Organisation
from kundenportal.domain.organisations.rules import NAME_MAX_LENGTH
from kundenportal.kernel.composed import Composed, Statement

if TYPE_CHECKING:
    from django.db.models import QuerySet

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _opened(*, since: datetime, but: int, nor: str = "") -> QuerySet[Organisation, Any]:
    found = Organisation.objects.filter(added_at__gte=since).exclude(pk=but).exclude(name=nor).order_by("name")
    return found.values("name", "added_at", said=JSONObject(name="name"))


@pytest.fixture
def organisations() -> list[Organisation]:
    return [
        Organisation.objects.create(name=f"Kita {number}", added_at=DAY + timedelta(days=number)) for number in range(4)
    ]


def test_it_answers_as_the_query_itself(organisations: list[Organisation]) -> None:
    composed = Composed(_opened, since=datetime, but=int, nor=str)
    for since in [DAY, DAY + timedelta(days=2), DAY + timedelta(days=9)]:
        for but in [0, organisations[2].pk, 10**12]:
            for nor in ["", "Kita 3"]:
                values: dict[str, Any] = {"since": since, "but": but, "nor": nor}
                assert composed.rows(**values) == list(_opened(**values))


def test_what_stays_is_written_as_it_is_and_a_value_is_sent_once(organisations: list[Organisation]) -> None:
    def compose(*, but: int) -> QuerySet[Organisation, Any]:
        found = Organisation.objects.exclude(name="100 % 'Kita' \\ %s").exclude(pk=but).filter(name__contains="a 2")
        return found.exclude(pk=F("pk") * 0 + but).values("name")

    composed = Composed(compose, but=int)
    for but in [0, organisations[2].pk]:
        assert composed.rows(but=but) == list(compose(but=but))
    with connection.cursor() as cursor:
        cursor.execute("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE statement LIKE %s", ["%Kita%"])
        assert cursor.fetchone() == (["bigint"],)


def test_it_is_planned_once(organisations: list[Organisation]) -> None:
    composed = Composed(_opened, since=datetime, but=int)
    for but in [0, 1, 10**6, 10**12]:
        composed.rows(since=DAY, but=but)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%organisations_org%"])
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_column_may_be_altered_meanwhile() -> None:
    Organisation.objects.create(name="Kita", added_at=DAY)
    composed = Composed(_opened, since=datetime, but=int)
    migration = connection.copy()
    try:
        for kind in ["text", f"varchar({NAME_MAX_LENGTH})"]:
            assert [row["name"] for row in composed.rows(since=DAY, but=0)] == ["Kita"]
            with migration.cursor() as cursor:
                cursor.execute(f"ALTER TABLE organisations_organisation ALTER COLUMN name TYPE {kind}")
            assert [row["name"] for row in composed.rows(since=DAY, but=0)] == ["Kita"]
    finally:
        migration.close()


def test_it_reads_in_one_query(organisations: list[Organisation], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        Composed(_opened, since=datetime, but=int).rows(since=DAY, but=0)


def test_a_value_that_would_be_lost_is_refused() -> None:
    def rounded(*, since: datetime, but: int) -> QuerySet[Organisation, Any]:
        return _opened(since=since.replace(microsecond=0), but=but + 1)

    with pytest.raises(ValueError, match="does not ask for but"):
        Composed(rounded, since=datetime, but=int)


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match="but"):
        Composed(_opened, since=datetime, but=int).rows(since=DAY)


ADDED = Statement("INSERT INTO organisations_organisation (name, added_at) VALUES (%s, %s)")
RENAMED = Statement(
    "UPDATE organisations_organisation SET name = name || ', 100 %%' WHERE name = %s RETURNING id, name"
)


def test_a_statement_says_what_it_has_changed_and_returns(organisations: list[Organisation]) -> None:
    assert ADDED.changed("Kita 9", DAY) == 1
    assert RENAMED.changed("Kita 9") == 1
    assert RENAMED.changed("Kita 9") == 0
    assert RENAMED.returned("Kita 9") is None
    assert RENAMED.returned("Kita 1") == (organisations[1].pk, "Kita 1, 100 %")


def test_a_statement_is_planned_once_and_shown_with_its_values(organisations: list[Organisation]) -> None:
    for name in ["Kita 7", "Kita 8", "Kindergarten"]:
        ADDED.changed(name, DAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["INSERT INTO organis%"])
        assert cursor.fetchone() == (1,)
    with CaptureQueriesContext(connection) as captured:
        ADDED.changed("Kita 9", DAY)
    assert "'Kita 9'" in captured.captured_queries[0]["sql"]
