from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

TOKEN = "t" * 40
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures_in(text: str) -> Figures:
    """Every figure by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def figures(settings: Settings) -> Callable[..., float]:
    """What is told at this moment: one figure, by its name and labels."""
    settings.METRICS_TOKEN = TOKEN

    def figure(name: str, **labels: str) -> float:
        answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}", "host": "10.0.0.5"})
        assert answer.status_code == 200
        return figures_in(answer.content.decode())[f"kundenportal_{name}", frozenset(labels.items())]

    return figure
