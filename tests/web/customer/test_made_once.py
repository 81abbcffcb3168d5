"""A home that was made for somebody is shown to others again, and of whoever came first there is nothing in it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils.html import escape

from factories.pages import article
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import ColourScheme, Language, Role
from kundenportal.domain.organisations.operations import organisation_named
from kundenportal.domain.support import operations as support
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from kundenportal.web.customer import home
from web.residents import newcomer, settled, sign_in

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_morning")]

# What is another at every request.
PASSING = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=data-seconds=")\d+')


def _forget() -> None:
    home.PAGE.forget()


def _home(client: Client) -> tuple[str, bool]:
    """What is shown, and whether it was made for this request."""
    response = client.get("/")
    made = "customer/home.html" in {template.name for template in response.templates}
    return PASSING.sub("", response.content.decode()), made


def test_who_is_shown_the_same_reads_their_own_name_and_nobody_elses() -> None:
    first: dict[str, Any] = {
        "address": "eins@eins.example.org",
        "name": "Büro Erstes",
        "organisation": "Kirchenkreis Erstes",
    }
    second = {
        "address": "zwei@zwei.example.org",
        "name": 'Kita "Zwei" & <b>Drei</b>',
        "organisation": "Kita & <i>Hort</i>",
    }
    _forget()
    (page, made), (other, other_made) = (_home(sign_in(settled(**particulars))) for particulars in (first, second))
    assert (made, other_made) == (True, False)
    for name, mine in first.items():
        assert escape(mine) in page
        assert escape(mine) not in other
        page = page.replace(escape(mine), escape(second[name]))
    assert page == other


def _readers() -> list[Client]:
    """Each is shown something that no other one is."""
    holders = [settled(f"reader{number}@example.org", name="Kita", organisation="Kita") for number in range(8)]
    staff, english, seaside, returned, several, none, asks, _ = (holder.account for holder in holders)
    now = clock.now()
    changes: list[tuple[Account, dict[str, Any]]] = [
        (staff, {"role": Role.ADMIN}),
        (english, {"language": Language.ENGLISH}),
        (seaside, {"colour_scheme": ColourScheme.NORDSEE}),
        (returned, {"last_login": now + timedelta(days=1), "opened_at": now - timedelta(days=90)}),
    ]
    for account, changed in changes:
        Account.objects.filter(pk=account.pk).update(**changed)
    hort = organisation_named("Hort", now=now)
    several.memberships.create(organisation=hort)
    none.memberships.all().delete()
    support.take_down(Request("Bitte."), route=Route.PAGE, account=asks, now=now, origin=COMMAND_LINE)
    article("Für alle")
    article("Für eine", "Hort")
    readers = [sign_in(holder) for holder in holders]
    readers += [sign_in(holders[4]), sign_in(newcomer("neu@example.org", name="Kita", organisation="Kita"))]
    readers[-2].post("/organisation/", {"organisation": hort.pk})
    return readers


def test_every_difference_makes_another_page() -> None:
    readers, anew = _readers(), []
    for reader in readers:
        _forget()
        anew.append(_home(reader)[0])
    _forget()
    for order in [slice(None), slice(None, None, -1)]:
        assert [_home(reader)[0] for reader in readers[order]] == anew[order]
    assert not any(_home(reader)[1] for reader in readers)


def test_what_an_editor_publishes_is_there_at_the_next_request() -> None:
    client = sign_in(settled())
    _home(client)
    assert "Frisch" not in _home(client)[0]
    article("Frisch")
    assert "Frisch" in _home(client)[0]


def test_a_message_is_said_once() -> None:
    client = sign_in(settled())
    said, silent = "Ihr Profil ist aktualisiert.", _home(client)[0]
    client.post("/profile/", {"name": "Büro Musterland", "language": "de", "colour_scheme": "device"})
    page, _ = _home(client)
    assert said in page
    assert _home(client)[0] == silent
