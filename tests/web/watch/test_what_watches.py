"""The dashboard and the alert rules ask for figures there are, by labels and values they have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from factories.accounts import issued
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.imports.models import ImportRun
from kundenportal.domain.imports.rules.runs import RunState
from kundenportal.kernel import clock, replica

from .conftest import TOKEN

if TYPE_CHECKING:
    from pytest_django import Settings

REPOSITORY = Path(__file__).parents[3]
DEPLOY = REPOSITORY / "deploy"
FIGURE = re.compile(r"\b(kundenportal_\w+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)\s*(=~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"by \(([^)]*)\)")
OF_PROMETHEUS = {"le", "instance"}


def _alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def _expressions() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana" / "kundenportal.json").read_text(encoding="utf-8"))
    targets = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    return targets + [rule["expr"] for rule in _alerts()]


@pytest.fixture
def told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[dict[str, str]]]:
    """Every figure there is while something of everything goes on, with the labels of its samples."""
    settings.METRICS_TOKEN = TOKEN
    now = clock.now()
    issued(now=now)
    audit.record(Event.BACKUP_MADE, now=now, size=1)
    ImportRun.objects.create(file_name="x.csv", state=RunState.CHECKING, uploaded_at=now)
    # As if there were one: tests/web/desk/test_replica.py has a real one, and has it away.
    monkeypatch.setattr(replica, "is_set", lambda: True)
    monkeypatch.setattr(replica, "seconds_behind", lambda: 0.0)
    Client().get("/")
    Client().post("/sign-in/", {"address": "nobody@example.org", "password": "wrong"})
    text = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).content.decode()
    found: dict[str, list[dict[str, str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append(sample.labels)
    return found


@pytest.mark.django_db
def test_every_figure_asked_for_is_told_with_these_labels(told: dict[str, list[dict[str, str]]]) -> None:
    expressions = _expressions()
    assert len(expressions) > 30
    for expression in expressions:
        asked = FIGURE.findall(expression)
        assert asked or expression.startswith(("up{", "sum(up{")), expression
        for name, selector in asked:
            assert name in told, f"{name} in {expression}"
            for label, sign, value in LABEL.findall(selector):
                values = {labels[label] for labels in told[name]}  # KeyError: no such label
                # Statuses and pages are as many as there are; of the others all are told, if only as 0.
                if sign == "=" and label not in {"status", "page", "method"} and name != "kundenportal_jobs":
                    assert value in values, f"{label}={value} in {expression}"
            grouped = {label.strip() for group in GROUPING.findall(expression) for label in group.split(",")}
            assert grouped - OF_PROMETHEUS <= set(told[name][0]), expression


@pytest.mark.django_db
def test_every_figure_told_is_watched_and_explained(told: dict[str, list[dict[str, str]]]) -> None:
    watched = {name for expression in _expressions() for name, _ in FIGURE.findall(expression)}
    explained = (REPOSITORY / "docs" / "watching.md").read_text(encoding="utf-8")
    for name, samples in told.items():
        if not name.endswith(("_sum", "_created")):
            assert name in watched, name
        assert re.sub(r"_(bucket|count|sum|created)$", "", name) in explained, name
        values = {labels[label] for labels in samples for label in ("kind", "outcome", "state") if label in labels}
        # In which state an import is, its page explains.
        assert name.startswith("kundenportal_import_") or {v for v in values if f"`{v}`" not in explained} == set(), (
            name
        )


def test_every_alert_says_what_it_is_about_and_what_to_do() -> None:
    explained = (REPOSITORY / "docs" / "watching.md").read_text(encoding="utf-8")
    for rule in _alerts():
        assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"})
        assert set(rule["annotations"]) == {"summary", "description"}
        assert f"`{rule['alert']}`" in explained, rule["alert"]
