"""The home is one of the few pages everybody opens: it asks the database little, even in a fresh process."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from factories.pages import article, download
from kundenportal.domain.accounts.models import Membership
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.organisations.operations import organisation_named
from kundenportal.domain.site import queries as site
from kundenportal.domain.support import operations as support
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from web.residents import newcomer, settled, sign_in

pytestmark = pytest.mark.django_db

QUERIES_AT_MOST = 6


def _queries_of_the_home(browser: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(site, "REMEMBERED_FOR", timedelta(hours=1))  # within one page, however slow the machine is
    site.forget()
    # A browser of its own brings a stack of middleware of its own, which knows of no window yet.
    cold = Client()
    cold.cookies = browser.cookies
    with CaptureQueriesContext(connection) as queries:
        assert cold.get("/").status_code == 200
    return [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.ADMIN])
@pytest.mark.parametrize("pages", [0, 5])
def test_the_home_needs_few_queries(role: Role, pages: int, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(settled(role=role))
    for number in range(pages):
        article(f"Neuigkeit {number}")
        download(f"Dokument {number}")
    asked = _queries_of_the_home(client, monkeypatch)
    assert len(asked) <= QUERIES_AT_MOST, "\n".join(asked)
    # The process was cold indeed.
    for table in ("accounts_session", "site_settings", "maintenance_window"):
        assert any(table in query for query in asked), table


def test_nor_does_whatever_waits_cost_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    holder = newcomer()
    client = sign_in(holder)
    for number in range(3):
        Membership.objects.create(
            account=holder.account, organisation=organisation_named(f"Kita {number}", now=clock.now())
        )
        article(f"Neuigkeit {number}", f"Kita {number}")
        support.take_down(
            Request("Bitte rufen Sie an."),
            route=Route.PAGE,
            account=holder.account,
            now=clock.now() - timedelta(hours=number),
            origin=COMMAND_LINE,
        )
    asked = _queries_of_the_home(client, monkeypatch)
    assert len(asked) <= QUERIES_AT_MOST, "\n".join(asked)
