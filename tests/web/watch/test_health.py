"""Probes ask by whatever name and address they have, without a session, and are told no more than they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from kundenportal.domain.machinery import queries as machinery

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries, Settings

A_PROBES_NAME = "10.0.0.5:8000"  # no name of the portal's


@pytest.fixture(autouse=True)
def _nothing_seen_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machinery.Seen, "tables_up_to_date", False)


def test_whoever_asks_whether_it_lives_costs_no_query(client: Client) -> None:
    # No mark for the database: a query would fail.
    answer = client.get("/health/live", headers={"host": A_PROBES_NAME})
    assert (answer.status_code, answer.content) == (200, b"alive\n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.django_db
def test_it_is_ready_while_the_database_answers(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answer = client.get("/health/ready", headers={"host": A_PROBES_NAME})
    assert (answer.status_code, answer.content) == (200, b"ready\n")
    with django_assert_num_queries(0):  # but the one on a connection of its own
        assert client.get("/health/ready").status_code == 200


@pytest.mark.django_db
def test_it_is_not_ready_without_its_database_and_says_nothing_of_where_that_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"the database cannot be reached\n")
    assert client.get("/health/live").status_code == 200


@pytest.mark.django_db
def test_it_is_not_ready_while_its_tables_are_older_than_its_code(client: Client) -> None:
    newest = MigrationRecorder.Migration.objects.filter(app="mail").latest("name")
    newest.delete()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.content) == (503, b"the database is not up to date\n")


@pytest.mark.django_db
def test_tables_that_are_newer_than_its_code_do_no_harm(client: Client) -> None:
    MigrationRecorder.Migration.objects.create(app="mail", name="9999_of_the_next_release")
    assert client.get("/health/ready").status_code == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_probes_take_nothing_in(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_there_are_no_figures_unless_there_is_a_token(client: Client, settings: Settings) -> None:
    assert settings.METRICS_TOKEN is None
    # It is an address like any other that is not there.
    assert client.get("/metrics", headers={"host": A_PROBES_NAME}).status_code == 400
