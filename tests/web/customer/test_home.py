from __future__ import annotations

import pytest

from kundenportal.domain.accounts.models import Membership
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.organisations.operations import organisation_named
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import newcomer, settled, sign_in

pytestmark = pytest.mark.django_db

NOTICE = "Sie melden sich noch mit dem Passwort an, das wir Ihnen zugesandt haben."


def test_home_greets_by_name_and_names_every_organisation() -> None:
    holder = settled()
    nursery = organisation_named("Kita Probstadt", now=clock.now())
    Membership.objects.create(account=holder.account, organisation=nursery)
    page = Page(sign_in(holder).get("/"))
    assert page.heading == "Guten Tag, Büro Musterland"
    (organisations,) = page.all("section", **{"aria-labelledby": "organisations-heading"})
    assert [item.text for item in organisations.all("li")] == ["Kirchenkreis Musterland", "Kita Probstadt"]


def test_another_organisations_name_is_not_shown() -> None:
    settled("kita@probstadt.example.org", name="Kita Probstadt", organisation="Kita Probstadt")
    assert "Probstadt" not in Page(sign_in(settled()).get("/")).text


def test_somebody_without_an_organisation_reads_so() -> None:
    holder = settled()
    Membership.objects.all().delete()
    assert "noch keine Einrichtung zugeordnet" in Page(sign_in(holder).get("/")).main.text


def test_the_password_that_was_sent_is_pointed_out_until_there_is_an_own_one() -> None:
    assert NOTICE in Page(sign_in(newcomer()).get("/")).main.text
    assert NOTICE not in Page(sign_in(settled("kita@probstadt.example.org")).get("/")).main.text


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.CUSTOMER, False), (Role.EDITOR, False), (Role.DESK, True), (Role.ADMIN, True)]
)
def test_the_menu_offers_the_desk_to_whoever_is_let_in_there(role: Role, offered: bool) -> None:  # noqa: FBT001
    client = sign_in(settled(role=role))
    assert ("/desk/" in Page(client.get("/")).links.values()) is offered
    assert (client.get("/desk/accounts/").status_code == 200) is offered
