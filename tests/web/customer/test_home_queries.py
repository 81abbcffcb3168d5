"""The home is one of the few pages everybody opens: it asks the database little."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.pages import article, download
from kundenportal.domain.accounts.rules import Role
from web.residents import settled, sign_in

pytestmark = pytest.mark.django_db

QUERIES_AT_MOST = 6


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.ADMIN])
@pytest.mark.parametrize("pages", [0, 5])
def test_the_home_needs_few_queries(role: Role, pages: int) -> None:
    client = sign_in(settled(role=role))
    for number in range(pages):
        article(f"Neuigkeit {number}")
        download(f"Dokument {number}")
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    asked = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= QUERIES_AT_MOST, "\n".join(asked)
