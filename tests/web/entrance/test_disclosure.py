"""Whoever does not hold the password learns nothing: not whether an account exists, nor how it stands."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kundenportal.domain.accounts.rules import ColourScheme, Language, Role
from kundenportal.domain.credentials.hashing import Argon2id
from kundenportal.kernel import clock
from web.residents import ADDRESS, attempt, issue, letter_holder, newcomer, settled, suspend

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from web.pages import Response

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_morning")]


def _in_colours_of_its_own() -> object:
    holder = settled(language=Language.ENGLISH, role=Role.ADMIN, name="Verwaltung")
    holder.account.colour_scheme = ColourScheme.BERNSTEIN
    holder.account.save()
    return holder


STANDINGS: dict[str, Callable[[], object]] = {
    "letter still queued": issue,
    "letter sent": letter_holder,
    "expired": lambda: letter_holder(now=clock.now() - timedelta(days=29)),
    "signed in once": newcomer,
    "own password": settled,
    "own password, other settings": _in_colours_of_its_own,
    "suspended before the first sign-in": lambda: suspend(letter_holder()),
    "suspended": lambda: suspend(settled()),
}
WRONG_PASSWORDS = ["falsch", " ", "Regen-trommelt", "fkmr-wy34-567f-kmrw-y345-67fk-mrwy"]


class Seen(NamedTuple):
    """Everything a guesser can see."""

    status: int
    headers: dict[str, str]
    cookies: set[str]
    content: bytes


def _seen(response: Response) -> Seen:
    tokens = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+')
    # The one is the time of day, the other another one for every request.
    headers = {name: value for name, value in response.items() if name not in {"Expires", "X-Request-Reference"}}
    return Seen(response.status_code, headers, set(response.cookies), tokens.sub(rb"\1", response.content))


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("password", WRONG_PASSWORDS)
def test_a_wrong_password_looks_the_same_whatever_it_is_tried_on(client: Client, standing: str, password: str) -> None:
    of_nobody = _seen(attempt(client, ADDRESS, password))
    STANDINGS[standing]()
    assert _seen(attempt(client, ADDRESS, password)) == of_nobody


@pytest.mark.parametrize("standing", STANDINGS)
def test_a_wrong_password_costs_the_same_whatever_it_is_tried_on(client: Client, standing: str) -> None:
    with CaptureQueriesContext(connection) as for_nobody:
        attempt(client, "niemand@musterland.example.org", "falsch")
    STANDINGS[standing]()
    with (
        CaptureQueriesContext(connection) as for_somebody,
        patch.object(Argon2id, "verify", autospec=True, side_effect=Argon2id.verify) as verify,
    ):
        attempt(client, ADDRESS, "falsch")
    assert verify.call_count == 1
    assert _statements(for_somebody) == _statements(for_nobody)


def _statements(queries: CaptureQueriesContext) -> list[str]:
    """What was asked of the database, its values left out; but for what every process asks every two seconds."""
    statements = [query["sql"] for query in queries.captured_queries]
    return [
        re.sub(r"'[^']*'(::\w+(\[\])?)*|\b\d+\b|NULL|\"s\d+_x\d+\"", "?", statement)
        for statement in statements
        if not re.search(r'FROM "(site_settings|maintenance_window)"', statement)
    ]


@pytest.mark.parametrize("standing", STANDINGS)
def test_asking_for_a_link_looks_and_costs_the_same_whoever_the_address_belongs_to(
    client: Client, standing: str
) -> None:
    client.get("/")
    with CaptureQueriesContext(connection) as for_nobody:
        of_nobody = _seen(client.post("/password/forgotten/", {"address": ADDRESS}))
    STANDINGS[standing]()
    with CaptureQueriesContext(connection) as for_somebody:
        of_somebody = _seen(client.post("/password/forgotten/", {"address": ADDRESS}))
    assert of_somebody == of_nobody
    assert of_nobody.status == 200
    assert _statements(for_somebody) == _statements(for_nobody)
