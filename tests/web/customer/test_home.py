from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.pages import download, help_page
from kundenportal.domain.accounts.models import Membership
from kundenportal.domain.accounts.rules import Language, Role
from kundenportal.domain.credentials.models import Lockout
from kundenportal.domain.credentials.operations import countdowns
from kundenportal.domain.maintenance.rules.windows import Message
from kundenportal.domain.support import operations as support
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from kundenportal.web.content.models import HelpPage, HomePage
from kundenportal.web.content.queries import help_pages
from kundenportal.web.customer.home import LOCKOUT_IS_TOLD_FOR
from web.pages import Page
from web.residents import newcomer, settled, sign_in

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

NOTICE = "Sie melden sich noch mit dem Passwort an, das wir Ihnen zugesandt haben."


def test_home_greets_by_name_and_names_the_organisation() -> None:
    page = Page(sign_in(settled()).get("/"))
    assert page.heading == "Guten Tag, Büro Musterland"
    (organisations,) = page.all("section", **{"aria-labelledby": "organisations-heading"})
    assert [item.text for item in organisations.all("p")] == ["Kirchenkreis Musterland"]


@pytest.mark.parametrize(
    ("language", "not_translated", "read"),
    [("de", False, "de"), ("en", False, "en"), ("en", True, "de"), ("de", True, "en")],
)
def test_what_editors_have_written_is_read_in_ones_language_or_the_other(
    language: Language, *, not_translated: bool, read: str
) -> None:
    for home in HomePage.objects.all():
        home.welcome, home.live = f"Written in {home.language}", not (not_translated and home.language == language)
        home.save()

    page = Page(sign_in(settled(language=language)).get("/"))

    (lead,) = page.all("p", **{"class": "page__lead"})
    assert (lead.text, lead.attributes["lang"]) == (f"Written in {read}", read)


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


def _waiting(client: Client) -> list[str]:
    return [
        item.text for item in Page(client.get("/")).all("li") if "waiting__item" in item.attributes.get("class", "")
    ]


def test_whoever_has_nothing_to_do_reads_of_nothing() -> None:
    page = Page(sign_in(settled()).get("/"))
    assert "Was auf Sie wartet" not in page.main.text


def test_a_request_waits_with_its_reference_until_it_is_settled() -> None:
    holder, now = settled(), clock.now()
    client = sign_in(holder)
    request = Request("Bitte rufen Sie an.")
    intake = support.take_down(request, route=Route.PAGE, account=holder.account, now=now, origin=COMMAND_LINE)
    support.take_down(Request("Ein anderer."), route=Route.PAGE, now=now, origin=COMMAND_LINE)
    (waiting,) = _waiting(client)
    assert waiting.startswith(f"Ihr Anliegen {intake.reference}")
    support.settle(intake.pk, settled_by=holder.account, now=now, origin=COMMAND_LINE)
    assert _waiting(client) == []


def test_what_makes_the_access_safe_comes_before_a_request() -> None:
    holder, now = newcomer(), clock.now()
    support.take_down(
        Request("Bitte rufen Sie an."), route=Route.PAGE, account=holder.account, now=now, origin=COMMAND_LINE
    )
    first, second = _waiting(sign_in(holder))
    assert NOTICE in first
    assert "Ihr Anliegen" in second


def test_a_lockout_is_told_of_for_three_days_or_until_it_is_disowned() -> None:
    holder, now = settled(), clock.now()
    client = sign_in(holder)
    Lockout.objects.create(
        account=holder.account, in_known_browser=False, begun_at=now - LOCKOUT_IS_TOLD_FOR - timedelta(minutes=1)
    )
    assert _waiting(client) == []
    Lockout.objects.create(account=holder.account, in_known_browser=False, begun_at=now)
    (waiting,) = _waiting(client)
    assert waiting.startswith("Ihre Anmeldung war gesperrt")
    address = Page(client.get("/")).links["Ihre Anmeldung war gesperrt"]
    assert client.post(address).status_code == 200
    assert _waiting(client) == []


def test_the_doors_say_how_much_is_behind_them() -> None:
    holder, now = settled(), clock.now()
    client = sign_in(holder)
    help_page()

    def behind(door: str) -> str:
        (link,) = [each for each in Page(client.get("/")).all("a", **{"class": "tiles__link"}) if door in each.text]
        return link.text.removeprefix(door).strip()

    assert behind("Hilfe") == "2 Seiten mit Fragen und Antworten"
    assert "Anliegen" not in behind("Kontakt")
    download("Checkliste")
    assert behind("Downloads") == "1 Dokument für Sie, davon 1 neu"
    # In the next visit but one it is not new any more.
    for _ in range(2):
        client = sign_in(holder)
    assert behind("Downloads") == "1 Dokument für Sie"
    for words in ("Bitte rufen Sie an.", "Bitte rufen Sie noch einmal an."):
        support.take_down(Request(words), route=Route.PAGE, account=holder.account, now=now, origin=COMMAND_LINE)
    assert behind("Kontakt").startswith("2 Anliegen von Ihnen sind bei uns.")


@pytest.mark.parametrize("language", ["de", "en"])
def test_as_many_help_pages_are_counted_as_are_listed(language: Language) -> None:
    for name, its_language in (("Krankmeldungen", "de"), ("Only in English", "en")):
        help_page(name, language=its_language)
    help_page("Entwurf").unpublish()
    draft, translation = help_page("Halb übersetzt"), help_page("Half translated", language="en")
    HelpPage.objects.filter(pk=translation.pk).update(translation_key=draft.translation_key, slug=draft.slug)
    draft.unpublish()

    page = Page(sign_in(settled(language=language)).get("/"))

    (door,) = [each.text for each in page.all("a", **{"class": "tiles__link"}) if each.attributes["href"] == "/help/"]
    # The one that comes with the portal is there in both languages.
    assert len(help_pages(language, signed_in=True)) == 4
    assert "4" in door


def test_there_is_never_more_than_one_notice() -> None:
    now = clock.now()
    client = sign_in(newcomer())
    countdowns.plan(
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=1, hours=2),
        message=Message("Wir bauen um.", "We rebuild."),
        planned_by=None,
        now=now,
        origin=COMMAND_LINE,
    )
    client.handler.load_middleware()  # a process that has not looked for windows yet
    page = Page(client.get("/"))
    notices = [each for each in page.all("div") if "notice" in each.attributes.get("class", "").split()]
    assert len(notices) == 1
    assert "Wir arbeiten" in notices[0].text
    assert NOTICE in page.main.text


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.CUSTOMER, False), (Role.EDITOR, False), (Role.DESK, True), (Role.ADMIN, True)]
)
def test_the_menu_offers_the_desk_to_whoever_is_let_in_there(role: Role, offered: bool) -> None:  # noqa: FBT001
    client = sign_in(settled(role=role))
    assert ("/desk/" in Page(client.get("/")).links.values()) is offered
    assert (client.get("/desk/accounts/").status_code == 200) is offered
